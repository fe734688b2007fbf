//go:build !windows

package js

import (
	"io/fs"
	"os"
	"syscall"
)

// isPrivate reports whether a file is this user's, and nobody else may use it.
func isPrivate(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0
}
