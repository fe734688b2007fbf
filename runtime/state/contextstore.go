package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ContextFile is the name of the file that holds the shared context, beside
// the user's file.
const ContextFile = ".miniboss-context"

// contextVersion is the version of the file's format.
const contextVersion = 1

// ContextStore keeps the values of the shared context in a file, of which each
// group of the directory has its part. Several processes may use it at once.
type ContextStore struct {
	path    string
	locks   string
	waiting func(path string)
}

// NewContextStore returns the store in a directory, which is locked in the
// directory of locks (see TakeLock) while the file is used. waiting is called
// when another process uses the file for longer than writing it takes. Nothing is
// read or written yet.
func NewContextStore(dir, locks string, waiting func(path string)) *ContextStore {
	return &ContextStore{path: filepath.Join(dir, ContextFile), locks: locks, waiting: waiting}
}

func (s *ContextStore) lockName() string { return "context file " + s.path }

// locked does something while no other process uses the file: commands on the
// other groups of the directory write it too.
func (s *ContextStore) locked(ctx context.Context, do func() error) error {
	lock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(), lock.Release())
}

// writingLimit is how long another process may take to write the file without a
// word about it.
const writingLimit = time.Second

// lock waits for the lock until ctx ends, and for as long as writing the file
// may take also where it has ended: what the last hook has set is not lost.
func (s *ContextStore) lock(ctx context.Context) (*Lock, error) {
	errLong := errors.New("another miniboss command is using the context file " + s.path)
	writing, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), writingLimit, errLong)
	defer cancel()
	lock, err := TakeLock(writing, s.locks, s.lockName(), func() {})
	if !errors.Is(err, errLong) || ctx.Err() != nil {
		return lock, err
	}
	s.waiting(s.path)
	return TakeLock(ctx, s.locks, s.lockName(), func() {})
}

// removeLeftOver removes what a process that was killed while it wrote the file
// has left beside it. That it cannot be removed is told when the file is written.
func (s *ContextStore) removeLeftOver() {
	if _, err := os.Lstat(s.temporary()); err != nil {
		return
	}
	// Without the lock, somebody is writing it now.
	if lock, err := TryLock(s.locks, s.lockName()); err == nil && lock != nil {
		_ = os.Remove(s.temporary())
		_ = lock.Release()
	}
}

type contextContent struct {
	Version int                        `json:"version"`
	Groups  map[string]json.RawMessage `json:"groups"`
}

// Load returns the group's values as a JSON object, "{}" where there are none.
func (s *ContextStore) Load(group string) ([]byte, error) {
	s.removeLeftOver()
	content, err := s.read(group)
	if err != nil {
		return nil, err
	}
	if values, ok := content.Groups[group]; ok {
		var compact bytes.Buffer
		err := json.Compact(&compact, values)
		return compact.Bytes(), err
	}
	return []byte("{}"), nil
}

// Save replaces the group's values. The file is written whole or not at all,
// readable by its owner alone.
func (s *ContextStore) Save(ctx context.Context, group string, values []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(values, &object); err != nil || object == nil {
		return errors.New("context: the values to save are not a JSON object") // which ones is not told: there may be secrets
	}
	return s.locked(ctx, func() error {
		content, err := s.read(group)
		if err != nil {
			return err
		}
		content.Groups[group] = values
		return s.write(content)
	})
}

// Remove removes the group's values, and the file with the last of them.
func (s *ContextStore) Remove(ctx context.Context, group string) error {
	return s.locked(ctx, func() error { return s.remove(group) })
}

func (s *ContextStore) remove(group string) error {
	content, err := s.read(group)
	if err != nil {
		return err
	}
	delete(content.Groups, group)
	if len(content.Groups) > 0 {
		return s.write(content)
	}
	for _, path := range []string{s.temporary(), s.path} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("context: %w", err)
		}
	}
	return nil
}

func (s *ContextStore) read(group string) (contextContent, error) {
	content := contextContent{Version: contextVersion, Groups: map[string]json.RawMessage{}}
	data, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return content, nil
	}
	if err != nil {
		return content, fmt.Errorf("context: %w", err)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil || object == nil {
		return content, s.broken("it is not a JSON object", err)
	}
	if _, versioned := object["version"]; !versioned {
		// The file of the original miniboss is the bare object of one group.
		content.Groups[group] = bytes.TrimSpace(data)
		return content, nil
	}
	content.Groups = nil
	err = json.Unmarshal(data, &content)
	switch {
	case content.Version > contextVersion:
		// Whatever else it holds: a later version may lay it out otherwise.
		return content, s.broken(fmt.Sprintf("it has version %d, but this miniboss supports %d", content.Version, contextVersion), nil)
	case err != nil:
		return content, s.broken("it is not a context file of miniboss", err)
	case content.Version != contextVersion:
		return content, s.broken(fmt.Sprintf("it has version %d, but this miniboss supports %d", content.Version, contextVersion), nil)
	case content.Groups == nil:
		return content, s.broken("it is not a context file of miniboss: it has no groups", nil)
	}
	for name, values := range content.Groups {
		var object map[string]any
		if err := json.Unmarshal(values, &object); err != nil || object == nil {
			return content, s.broken(fmt.Sprintf("the values of group %q are not a JSON object", name), err)
		}
	}
	return content, nil
}

// ContextFileError says that the context file cannot be understood. It is left
// as it is.
type ContextFileError struct {
	Path   string
	Reason string
	Err    error
}

func (e *ContextFileError) Error() string {
	message := fmt.Sprintf("context file %s: %s", e.Path, e.Reason)
	if e.Err != nil {
		message += ": " + e.Err.Error()
	}
	return message
}

func (e *ContextFileError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *ContextFileError) Hint() string {
	return "fix it, or move it away and run stop and start: the hooks of new containers set its values again"
}

func (s *ContextStore) broken(reason string, err error) error {
	return &ContextFileError{Path: s.path, Reason: reason, Err: err}
}

func (s *ContextStore) temporary() string { return TemporaryOf(s.path) }

func (s *ContextStore) write(content contextContent) error {
	data, err := json.MarshalIndent(content, "", "  ")
	if err == nil {
		err = WriteAtomic(s.path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("context: %w", err)
	}
	return nil
}
