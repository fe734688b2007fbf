//go:build !windows

package nodefs

import (
	"io/fs"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func milliseconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e6 }

// access asks whether this process may read (4), write (2) or run (1) a file.
func access(path string, mode int64) error { return unix.Access(path, uint32(mode)) }

// statDetails adds what only the system's own structure has.
func statDetails(info fs.FileInfo, s map[string]any) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	for name, value := range map[string]any{
		"dev": uint64(st.Dev), "ino": st.Ino, "mode": uint64(st.Mode), "nlink": uint64(st.Nlink), "uid": st.Uid, "gid": st.Gid,
		"rdev": uint64(st.Rdev), "blksize": int64(st.Blksize), "blocks": st.Blocks,
	} {
		s[name] = value
	}
	accessed, changed, born := statTimes(st)
	for name, t := range map[string]syscall.Timespec{"atimeMs": accessed, "ctimeMs": changed, "birthtimeMs": born} {
		s[name] = milliseconds(time.Unix(t.Unix()))
	}
}
