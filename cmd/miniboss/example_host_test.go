//go:build unix

package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestExampleOutsideDocker runs the example's application on this machine, with
// the command of docs/outside-docker.md, while all else runs in Docker.
func TestExampleOutsideDocker(t *testing.T) {
	if testing.Short() {
		t.Skip("builds real images")
	}
	t.Parallel()
	e := copyExample(t)

	shown := miniboss(t, e.dir, "start", "--exclude", "todo")
	contains(t, "start without todo", shown, "\nstarted appdb, api\n")
	if strings.Contains(shown, "todo: ") {
		t.Errorf("start without todo did something with it:\n%s", shown)
	}

	end := e.develop(t)
	contains(t, "the page", answer(t, http.MethodGet, e.todo, "/", ""), "<!doctype html>", "Try miniboss", "do not forget")
	answer(t, http.MethodPost, e.todo, "/todos", `{"what": "from outside"}`)
	contains(t, "the API", answer(t, http.MethodGet, e.api, "/todos", ""), "from outside")
	end()

	// In Docker again, at the same address.
	contains(t, "start with todo", miniboss(t, e.dir, "start"), "api: unchanged", "todo: ready")
	contains(t, "the page in Docker", answer(t, http.MethodGet, e.todo, "/", ""), "Try miniboss", "do not forget", "from outside")

	e.leavesNothing(t)
}

// develop runs the application in a shell, until end is called. It returns when
// the application listens.
func (e example) develop(t *testing.T) (end func()) {
	t.Helper()
	shell := exec.Command("sh", "-c", `eval "$(miniboss env todo --host)" && npm run dev`)
	shell.Dir = filepath.Join(e.dir, "todo")
	shell.Env = append(os.Environ(), "npm_config_cache="+t.TempDir(), "npm_config_update_notifier=false")
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.WaitDelay = 10 * time.Second
	stdout, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	shell.Stderr = shell.Stdout
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	group := -shell.Process.Pid
	late := time.AfterFunc(time.Minute, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	t.Cleanup(func() {
		if late.Stop() { // else it has ended
			_ = syscall.Kill(group, syscall.SIGKILL)
		}
	})

	var shown strings.Builder
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		shown.WriteString(lines.Text() + "\n")
		if lines.Text() == "the todos are on http://localhost:"+e.todo {
			return func() {
				if err := syscall.Kill(group, syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
				for lines.Scan() { // until the last process of the group has gone
					shown.WriteString(lines.Text() + "\n")
				}
				late.Stop()
				_ = shell.Wait() // with the signal that ended it
			}
		}
	}
	t.Fatalf("npm run dev did not come to listen:\n%s", &shown)
	return nil
}
