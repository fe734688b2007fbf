package state

import (
	"errors"
	"io/fs"
	"os"
)

// TemporaryOf is the name under which WriteAtomic writes a file.
func TemporaryOf(path string) string { return path + ".tmp" }

// WriteAtomic writes a file whole or not at all, readable by its owner alone from
// its first byte. The caller has locked it: the temporary file has one name, so
// that what a killed process left does not remain.
func WriteAtomic(path string, data []byte) (err error) {
	temporary := TemporaryOf(path)
	// What a killed process left may have other permissions.
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
