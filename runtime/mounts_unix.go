//go:build !windows

package runtime

import (
	"io/fs"
	"os"
	"syscall"
)

// giveTo gives what root has made to the owner of another path: who runs
// miniboss with sudo wants no directories of root's.
func giveTo(path string, like fs.FileInfo) error {
	owner, ok := like.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return os.Lchown(path, int(owner.Uid), int(owner.Gid))
}
