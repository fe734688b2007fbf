package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// nobody is a user id that has no rights of its own.
const nobody = 65534

// asNobody has the world's commands run by another user, who may only read the
// directory of the service file. It wants root.
func (w *world) asNobody() {
	w.Helper()
	scheme, socket, _ := strings.Cut(w.engineHost, "://")
	info, err := os.Stat(socket)
	if os.Getuid() != 0 || scheme != "unix" || err != nil {
		w.Skip("it wants root, and an engine on a socket")
	}
	w.credential = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: info.Sys().(*syscall.Stat_t).Gid}}
	root := filepath.Dir(w.dir)
	// The directories of tests and of the program are their owner's alone.
	for _, dir := range []string{filepath.Dir(root), root, w.dir, filepath.Dir(w.program)} {
		w.must(os.Chmod(dir, 0o755))
	}
	for _, dir := range []string{w.home, w.temp} {
		w.must(os.Chown(dir, nobody, -1))
	}
}
