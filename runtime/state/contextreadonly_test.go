//go:build unix

package state

import (
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"syscall"
	"testing"
)

func TestContextDirectoryReadOnly(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 { // nothing is read-only for root
		runAsNobody(t)
		return
	}
	store, path := newStore(t)
	text := `{"version":1,"groups":{"a":{"id":1}}}`
	write(t, path, text, 0o600)
	if err := os.Chmod(filepath.Dir(path), 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
	err := store.Save(t.Context(), "a", []byte(`{"id":2}`))
	if want := "context: open " + path + ".tmp: permission denied"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := content(t, path); got != text {
		t.Errorf("the file has become %s", got)
	}
}

// runAsNobody runs a test of root's anew, as the user nobody.
func runAsNobody(t *testing.T) {
	t.Helper()
	if goruntime.GOOS != "linux" {
		t.Skip("this user is root, and may write anywhere")
	}
	// The directories that go test has built the program in are closed to
	// others; this link leads past them.
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "TMPDIR=/tmp")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	output, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, output)
	}
}
