//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// TestCtrlCOnATerminal interrupts a start that is shown live, once and twice:
// the terminal is left as it was, with a cursor.
func TestCtrlCOnATerminal(t *testing.T) {
	t.Parallel()
	image := enginetest.Image(t)
	for name, test := range map[string]struct {
		ping string
		keys []typed
		mute bool // the engine does not answer any more at the first one
		last string
	}{
		"once": {"return false;", []typed{{"web: ping", "\x03"}}, false, "1 ready, 1 removed in "},
		// It takes 20 s to find out that what was not ready cannot be removed.
		"twice": {"while (true);", []typed{{"web: ping", "\x03"}, {"cleaning up", "\x03"}}, true, "interrupted, cleaning up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, group := t.TempDir(), enginetest.Group(t)
			file := `import { Service, groupName, sleep } from "miniboss";
groupName("` + group + `");
class Base extends Service { image = "` + image + `"; }
export class Db extends Base { name = "db"; ping() { return true; } }
export class Web extends Base { name = "web"; dependencies = [Db]; ping() { console.log("ping"); ` + test.ping + ` } }
`
			if err := os.WriteFile(filepath.Join(dir, "miniboss.js"), []byte(file), 0o644); err != nil {
				t.Fatal(err)
			}
			r := newRelay(t)
			first := func() {}
			if test.mute {
				first = func() {
					r.mute.Lock()
					t.Cleanup(r.mute.Unlock)
				}
			}
			shown, code, took := typeInto(t, dir, r.host, first, test.keys, "start")
			if test.mute && took > 5*time.Second {
				t.Errorf("it goes on for %s", took)
			}
			if code != codeInterrupted {
				t.Errorf("exit code %d", code)
			}
			if strings.LastIndex(shown, "\x1b[?25l") > strings.LastIndex(shown, "\x1b[?25h") {
				t.Error("the cursor stays hidden")
			}
			for _, part := range []string{"db", "ready in ", "web", "web: ping", "interrupted, cleaning up", test.last} {
				if !strings.Contains(shown, part) {
					t.Errorf("there is no %q", part)
				}
			}
			for _, never := range []string{"\x1b[?1049h", "\x1b[2J", "\x1b[6n"} {
				if strings.Contains(shown, never) {
					t.Errorf("there is %q", never)
				}
			}
			if t.Failed() {
				t.Logf("at the end: %q", shown[max(0, len(shown)-2000):])
			}
		})
	}
}

// typed is what is typed when a terminal shows a text.
type typed struct{ when, keys string }

// typeInto runs miniboss on a terminal, with the engine at host, and types, after
// it has called first. It returns all that was shown, the exit code, and how long
// miniboss went on after the last key.
func typeInto(t *testing.T, dir, host string, first func(), keys []typed, args ...string) (shown string, code int, took time.Duration) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "miniboss", args...)
	command.Dir = dir
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); name != "CI" && name != "TERM" && name != "NO_COLOR" {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, "TERM=xterm-256color", "NO_COLOR=1", "DOCKER_HOST="+host)
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	late := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	defer late.Stop()
	begin := sync.OnceFunc(first)
	var last time.Time
	buffer := make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		shown += string(buffer[:n])
		if len(keys) > 0 && strings.Contains(shown, keys[0].when) {
			begin()
			if _, err := terminal.WriteString(keys[0].keys); err != nil {
				t.Fatal(err)
			}
			keys, last = keys[1:], time.Now()
		}
		if err != nil { // the process has ended: the other side is closed
			break
		}
	}
	_ = command.Wait()
	return shown, command.ProcessState.ExitCode(), time.Since(last)
}
