//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
)

// TestCtrlCUnread has messages that nobody reads, as those of a pager that
// shows a page: a few Ctrl-C end miniboss all the same.
func TestCtrlCUnread(t *testing.T) {
	t.Parallel()
	image := enginetest.Image(t)
	for _, form := range []string{"plain", "json"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeServices(t, dir, enginetest.Group(t), image, `writeFileSync("begun", ""); console.log("x".repeat(200_000));`)
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = read.Close() }()
			p := inBackground(t, dir, write, "start", "--progress", form)
			p.waitForFile("begun")
			for deadline := time.Now().Add(5 * time.Second); !p.hasEnded(50 * time.Millisecond); p.signal(syscall.SIGINT) {
				if time.Now().After(deadline) {
					t.Fatal("it goes on")
				}
			}
			if code := p.command.ProcessState.ExitCode(); code != codeInterrupted {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// TestCtrlCInALoop interrupts a hook that never gives way: it is not waited for
// until the watchdog ends it, which is after 10 s.
func TestCtrlCInALoop(t *testing.T) {
	t.Parallel()
	image := enginetest.Image(t)
	for hook, spin := range map[string]string{
		"ping":      `writeFileSync("begun", ""); for (;;);`,
		"postStart": `return true; } postStart() { context.lost = 1; writeFileSync("begun", ""); for (;;);`,
	} {
		t.Run(hook, func(t *testing.T) {
			t.Parallel()
			dir, group := t.TempDir(), enginetest.Group(t)
			writeServices(t, dir, group, image, spin)
			log, err := os.Create(filepath.Join(dir, "log"))
			if err != nil {
				t.Fatal(err)
			}
			p := inBackground(t, dir, log, "start", "--progress", "plain")
			p.waitForFile("begun")
			p.signal(syscall.SIGINT)
			if !p.hasEnded(8 * time.Second) {
				t.Fatal("it goes on")
			}
			if code := p.command.ProcessState.ExitCode(); code != codeInterrupted {
				t.Errorf("exit code %d", code)
			}
			shown, _ := os.ReadFile(log.Name())
			if !strings.Contains(string(shown), "web: removed: it was not ready yet\n") || regexp.MustCompile("failed|error|give way|giving way").Match(shown) {
				t.Errorf("it says\n%s", shown)
			}
			saved, _ := os.ReadFile(filepath.Join(dir, ".miniboss-context"))
			if !strings.Contains(string(saved), `"id": 7`) {
				t.Errorf("the context is %q", saved)
			}
			containers, err := enginetest.Engine(t).Containers(t.Context(), runtime.Selector{Group: group})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range containers {
				if c.Labels.Service != "db" || c.State != "running" {
					t.Errorf("%s is %s", c.Name, c.State)
				}
			}
			if len(containers) != 1 {
				t.Errorf("%d containers are left", len(containers))
			}
		})
	}
}

// writeServices writes a file with the service db, which is ready at once, and
// web, which depends on it and has the ping that is given.
func writeServices(t *testing.T, dir, group, image, ping string) {
	t.Helper()
	file := fmt.Sprintf(`import { writeFileSync } from "node:fs";
import { Service, context, groupName } from "miniboss";
groupName(%q);
class Base extends Service { image = %q; }
export class Db extends Base { name = "db"; ping() { return true; } postStart() { context.id = 7; } }
export class Web extends Base { name = "web"; dependencies = [Db]; ping() { %s } }
`, group, image, ping)
	if err := os.WriteFile(filepath.Join(dir, "miniboss.js"), []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
}

// background is miniboss while the test does something else.
type background struct {
	t       *testing.T
	command *exec.Cmd
	ended   chan struct{}
}

// inBackground starts miniboss. It closes messages, which are the process's then.
func inBackground(t *testing.T, dir string, messages *os.File, args ...string) *background {
	t.Helper()
	p := &background{t: t, command: exec.CommandContext(t.Context(), "miniboss", args...), ended: make(chan struct{})}
	p.command.Dir, p.command.Stderr = dir, messages
	err := p.command.Start()
	_ = messages.Close()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait()
	}()
	return p
}

// waitForFile waits until a hook has written a file.
func (p *background) waitForFile(name string) {
	p.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; {
		if _, err := os.Stat(filepath.Join(p.command.Dir, name)); err == nil {
			return
		}
		if p.hasEnded(5*time.Millisecond) || time.Now().After(deadline) {
			p.t.Fatalf("there is no %s", name)
		}
	}
}

func (p *background) signal(s syscall.Signal) { _ = p.command.Process.Signal(s) }

// hasEnded reports whether it has ended, at the latest after so long.
func (p *background) hasEnded(within time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		return false
	}
}
