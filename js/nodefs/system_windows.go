package nodefs

import (
	"io/fs"
	"os"
	"syscall"
	"time"
)

func milliseconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e6 }

// access asks whether a file is there, and may be written (2): more there is
// not here.
func access(path string, mode int64) error {
	info, err := os.Stat(path)
	if err == nil && mode&2 != 0 && !info.IsDir() && info.Mode()&0o200 == 0 {
		err = syscall.EPERM
	}
	return err
}

// statDetails adds what only the system's own structure has.
func statDetails(info fs.FileInfo, s map[string]any) {
	mode := int64(info.Mode().Perm())
	switch {
	case info.IsDir():
		mode |= 0o040000
	case info.Mode()&fs.ModeSymlink != 0:
		mode |= 0o120000
	default:
		mode |= 0o100000
	}
	for name, value := range map[string]int64{
		"dev": 0, "ino": 0, "mode": mode, "nlink": 1, "uid": 0, "gid": 0, "rdev": 0, "blksize": 4096,
		"blocks": (info.Size() + 511) / 512,
	} {
		s[name] = value
	}
	times := map[string]float64{"atimeMs": 0, "ctimeMs": 0, "birthtimeMs": 0}
	if st, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		times["atimeMs"] = milliseconds(time.Unix(0, st.LastAccessTime.Nanoseconds()))
		times["ctimeMs"] = milliseconds(info.ModTime())
		times["birthtimeMs"] = milliseconds(time.Unix(0, st.CreationTime.Nanoseconds()))
	}
	for name, t := range times {
		s[name] = t
	}
}
