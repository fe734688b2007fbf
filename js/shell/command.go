// Package shell runs commands on the host, and ends all that they have started. It
// knows no JavaScript.
package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/kballard/go-shellquote"

	"github.com/miniboss/miniboss/js/jserror"
	"github.com/miniboss/miniboss/runtime/spec"
)

// Command is a command on the host.
type Command struct {
	Words   []string // none: shell is for the shell
	Shell   string
	Dir     string
	Env     []string
	Timeout time.Duration // 0: none
	Check   bool          // an exit code that is not 0 is an error
	Input   []byte        // nil: nothing to read
}

// Result is how a command ended, with what it has written.
type Result struct {
	ExitCode       int
	Stdout, Stderr string
}

// Error is how a command went wrong, with what it has written.
type Error struct {
	Result
	message string
	code    string
}

func (e *Error) Error() string { return e.message }

// JSProperties are the exit code or the code of the error, and what was written.
func (e *Error) JSProperties() []jserror.Property {
	var out []jserror.Property
	if e.code != "" {
		out = append(out, jserror.Property{Name: "code", Value: e.code})
	} else {
		out = append(out, jserror.Property{Name: "exitCode", Value: e.ExitCode})
	}
	return append(out, jserror.Property{Name: "stdout", Value: e.Stdout}, jserror.Property{Name: "stderr", Value: e.Stderr})
}

// How long a command that is ended has to end by itself, and how much it may
// write.
const (
	commandGrace  = time.Second
	commandOutput = 100 << 20
)

var (
	errCommandTime   = errors.New("timeout")
	errCommandOutput = fmt.Errorf("it wrote more than %d MB", commandOutput>>20)
)

// Run runs the command to its end, or ends it and all that it has started where
// ctx or the timeout ends first.
func (c *Command) Run(ctx context.Context) (*Result, error) {
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return nil, &jserror.Coded{Err: fmt.Errorf("sh: the directory %s does not exist", c.Dir), Code: "ENOENT"}
	}
	cmd, err := c.prepare()
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if c.Timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, c.Timeout, errCommandTime)
		defer stop()
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	stdout, stderr := &captured{full: func() { end(errCommandOutput) }}, &captured{full: func() { end(errCommandOutput) }}
	err = runGroup(ctx, cmd, stdout, stderr)
	result := Result{ExitCode: exitCode(cmd.ProcessState), Stdout: stdout.text(), Stderr: stderr.text()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, c.ended(context.Cause(ctx), result)
	case err != nil && !errors.As(err, &exit):
		return nil, c.notStarted(err)
	case result.ExitCode != 0 && c.Check:
		return nil, c.failed(result)
	}
	return &result, nil
}

// ended tells why a command was ended. That the hook's time was up, the hook's
// caller knows better.
func (c *Command) ended(cause error, result Result) error {
	switch {
	case errors.Is(cause, errCommandTime):
		return &Error{
			Result: result, code: "ETIMEDOUT",
			message: fmt.Sprintf("sh: %s was ended after its timeout of %d ms%s", c.shown(), c.Timeout.Milliseconds(), tail(result)),
		}
	case errors.Is(cause, errCommandOutput):
		return &jserror.Coded{Err: fmt.Errorf("sh: %s was stopped: %w", c.shown(), cause), Code: "ENOBUFS"}
	}
	return cause
}

func (c *Command) notStarted(err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return &jserror.Coded{Err: fmt.Errorf("sh: command not found: %q", spec.HideInCommand(c.Words[0])), Code: "ENOENT"}
	}
	return fmt.Errorf("sh: %s: %w", c.shown(), err)
}

func (c *Command) failed(result Result) error {
	return &Error{
		Result:  result,
		message: fmt.Sprintf("sh: %s failed with exit code %d%s", c.shown(), result.ExitCode, tail(result)),
	}
}

// shown is the command as one would type it, its first line, not too long,
// without what looks secret.
func (c *Command) shown() string {
	text := c.Shell
	if len(c.Words) > 0 {
		text = shellquote.Join(c.Words...)
	}
	first, _, more := strings.Cut(spec.HideInCommand(strings.TrimSpace(text)), "\n")
	if runes := []rune(first); len(runes) > 80 {
		first, more = string(runes[:80]), true
	}
	if more {
		first += "…"
	}
	return "`" + first + "`"
}

// tailLines is how many lines of what a command wrote its error shows.
const tailLines = 10

func tail(result Result) string {
	text := result.Stderr
	if strings.TrimSpace(text) == "" {
		text = result.Stdout
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	if text = strings.Join(lines, "\n"); text == "" {
		return ""
	}
	return ":\n" + text
}

// captured keeps what is written to it, up to a limit.
type captured struct {
	mu   sync.Mutex // a reader that was given up may still write
	buf  bytes.Buffer
	full func()
}

func (w *captured) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.buf.Len()+len(b) > commandOutput {
		w.full()
		return 0, io.ErrShortWrite
	}
	return w.buf.Write(b)
}

func (w *captured) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.ToValidUTF8(w.buf.String(), "\ufffd")
}

// prepare makes the command for the system.
func (c *Command) prepare() (*exec.Cmd, error) {
	var cmd *exec.Cmd
	if len(c.Words) == 0 {
		cmd = shellCommand(c.Shell)
	} else {
		name, err := findCommand(c.Words[0], c.Dir, c.Env)
		if err != nil {
			return nil, c.notStarted(err)
		}
		cmd = exec.Command(name, c.Words[1:]...)
		cmd.Args[0] = c.Words[0]
	}
	cmd.Dir, cmd.Env = c.Dir, c.Env
	if c.Input != nil {
		cmd.Stdin = bytes.NewReader(c.Input)
	}
	return cmd, nil
}

// runGroup runs a command in a group of its own. The pipes are ours, and not
// those of exec.Cmd: what the command leaves behind may hold them open, and is
// waited for until ctx ends, as a shell waits for it in $(...).
func runGroup(ctx context.Context, cmd *exec.Cmd, stdout, stderr io.Writer) error {
	var copies sync.WaitGroup
	var readers []*os.File
	var writers []*os.File
	closeAll := func(files []*os.File) {
		for _, f := range files {
			f.Close()
		}
	}
	defer func() { closeAll(readers) }()
	pipe := func(to io.Writer) (*os.File, error) {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		readers, writers = append(readers, r), append(writers, w)
		copies.Go(func() { _, _ = io.Copy(to, r) })
		return w, nil
	}
	out, err := pipe(stdout)
	if err == nil {
		cmd.Stdout = out
		var errs *os.File
		errs, err = pipe(stderr)
		cmd.Stderr = errs
	}
	if err != nil {
		closeAll(writers)
		copies.Wait()
		return err
	}
	// What the command's own end closes is not waited for: its input.
	cmd.WaitDelay = commandGrace
	group := newGroup(cmd)
	defer group.close()
	err = cmd.Start()
	if err == nil {
		err = group.started(cmd)
	}
	closeAll(writers)
	if cmd.Process == nil {
		copies.Wait()
		return err
	}
	if err != nil { // it runs, but outside of the group
		_ = cmd.Process.Kill()
	}
	done := make(chan error, 1)
	go func() {
		waitErr := cmd.Wait()
		copies.Wait()
		done <- waitErr
	}()
	if err != nil {
		return errors.Join(err, <-done)
	}
	select {
	case err := <-done:
		return ignoreDelay(err)
	case <-ctx.Done():
	}
	group.ask()
	timer := time.NewTimer(commandGrace)
	defer timer.Stop()
	select {
	case err = <-done:
		group.kill() // those that have closed their output go on otherwise
		return ignoreDelay(err)
	case <-timer.C:
	}
	group.kill()
	timer.Reset(commandGrace)
	select {
	case err = <-done:
		return ignoreDelay(err)
	case <-timer.C:
	}
	closeAll(readers) // something has left the group: it is let go
	return ignoreDelay(<-done)
}

func ignoreDelay(err error) error {
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}
