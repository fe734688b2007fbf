//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
)

// TestTerminal gives exec and run a terminal.
func TestTerminal(t *testing.T) {
	t.Parallel()
	dir, group, image := t.TempDir(), enginetest.Group(t), enginetest.Image(t)
	file := `import { Service, groupName } from "miniboss";
groupName("` + group + `");
export class Web extends Service { name = "web"; image = "` + image + `"; ping() { return true; } }
`
	if err := os.WriteFile(filepath.Join(dir, "miniboss.js"), []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	miniboss(t, dir, "start")

	t.Run("exec", func(t *testing.T) {
		p := onTerminal(t, dir, "exec", "web", "/testserver", "terminal")
		p.has(`size 100x30`)
		p.types("hello\r")
		p.has(`read "hello"`)
		p.resize(120, 40)
		p.has(`size 120x40`)
		p.types("exit 7\r")
		p.ends(7)
	})
	t.Run("run", func(t *testing.T) {
		p := onTerminal(t, dir, "run", "web", "terminal")
		p.has(`size 100x30`)
		p.resize(61, 17)
		p.has(`size 61x17`)
		p.types("exit 3\r")
		p.ends(3)
		noOneOffs(t, group)
	})
	t.Run("Ctrl-C goes to the command", func(t *testing.T) {
		p := onTerminal(t, dir, "run", "web", "terminal")
		p.has(`size 100x30`)
		p.types("\x03")
		p.ends(2) // as Go programs end on SIGINT
		noOneOffs(t, group)
	})
	t.Run("Ctrl-P is no key of the engine", func(t *testing.T) {
		p := onTerminal(t, dir, "exec", "web", "/testserver", "terminal")
		p.has(`size 100x30`)
		p.types("\x10\x11x\r")
		p.has(`read "\x10x"`) // Ctrl-Q is the terminal driver's
		p.types("exit 0\r")
		p.ends(0)
	})
	t.Run("-T", func(t *testing.T) {
		p := onTerminal(t, dir, "exec", "-T", "web", "/testserver", "terminal")
		p.has("no terminal")
		p.types("exit 5\r")
		p.ends(5)
	})
	// Where nohup ignores SIGHUP, so would the program that we start.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} { // SIGHUP: the window is closed
		t.Run(s.String(), func(t *testing.T) {
			p := onTerminal(t, dir, "run", "web", "terminal")
			p.has(`size 100x30`)
			if err := p.command.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			p.ends(130)
			noOneOffs(t, group)
		})
	}
}

// noOneOffs fails where a one-off container is left.
func noOneOffs(t *testing.T, group string) {
	t.Helper()
	containers, err := enginetest.Engine(t).Containers(t.Context(), runtime.Selector{Group: group, OneOffs: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers {
		if c.Labels.OneOff {
			t.Errorf("%s is left", c.Name)
		}
	}
}

// ptyProcess is miniboss on a terminal of 100 columns and 30 rows.
type ptyProcess struct {
	t        *testing.T
	command  *exec.Cmd
	terminal *os.File

	mu     sync.Mutex
	output bytes.Buffer
	closed chan struct{}
}

func onTerminal(t *testing.T, dir string, args ...string) *ptyProcess {
	t.Helper()
	p := &ptyProcess{t: t, command: exec.CommandContext(t.Context(), "miniboss", args...), closed: make(chan struct{})}
	p.command.Dir = dir
	terminal, err := pty.StartWithSize(p.command, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	p.terminal = terminal
	t.Cleanup(func() { _ = terminal.Close() })
	go func() {
		defer close(p.closed)
		buffer := make([]byte, 4096)
		for {
			n, err := terminal.Read(buffer)
			p.mu.Lock()
			p.output.Write(buffer[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return p
}

func (p *ptyProcess) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// has waits until the screen shows a text.
func (p *ptyProcess) has(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.text(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the terminal does not show %q:\n%s", text, p.text())
		}
	}
}

func (p *ptyProcess) types(keys string) {
	p.t.Helper()
	if _, err := p.terminal.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

func (p *ptyProcess) resize(columns, rows uint16) {
	p.t.Helper()
	if err := pty.Setsize(p.terminal, &pty.Winsize{Cols: columns, Rows: rows}); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the process and compares its exit code.
func (p *ptyProcess) ends(code int) {
	p.t.Helper()
	err := p.command.Wait()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		p.t.Fatal(err)
	}
	if got := p.command.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("exit code %d, want %d:\n%s", got, code, p.text())
	}
}
