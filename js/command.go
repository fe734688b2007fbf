package js

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

// command is a command on the host.
type command struct {
	words   []string // none: shell is for the shell
	shell   string
	dir     string
	env     []string
	timeout time.Duration // 0: none
	check   bool          // an exit code that is not 0 is an error
	input   []byte        // nil: nothing to read
}

type commandResult struct {
	exitCode       int
	stdout, stderr string
}

// commandError is how a command went wrong, with what it has written.
type commandError struct {
	commandResult
	message string
	code    string
}

func (e *commandError) Error() string { return e.message }

func (e *commandError) JSProperties() []jserror.Property {
	var out []jserror.Property
	if e.code != "" {
		out = append(out, jserror.Property{Name: "code", Value: e.code})
	} else {
		out = append(out, jserror.Property{Name: "exitCode", Value: e.exitCode})
	}
	return append(out, jserror.Property{Name: "stdout", Value: e.stdout}, jserror.Property{Name: "stderr", Value: e.stderr})
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

// run runs the command to its end, or ends it and all that it has started where
// ctx or the timeout ends first.
func (c *command) run(ctx context.Context) (*commandResult, error) {
	if info, err := os.Stat(c.dir); err != nil || !info.IsDir() {
		return nil, &jserror.Coded{Err: fmt.Errorf("sh: there is no directory %s to run it in", c.dir), Code: "ENOENT"}
	}
	cmd, err := c.prepare()
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if c.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, c.timeout, errCommandTime)
		defer stop()
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	stdout, stderr := &captured{full: func() { end(errCommandOutput) }}, &captured{full: func() { end(errCommandOutput) }}
	err = runGroup(ctx, cmd, stdout, stderr)
	result := commandResult{exitCode: exitCode(cmd.ProcessState), stdout: stdout.text(), stderr: stderr.text()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, c.ended(context.Cause(ctx), result)
	case err != nil && !errors.As(err, &exit):
		return nil, c.notStarted(err)
	case result.exitCode != 0 && c.check:
		return nil, c.failed(result)
	}
	return &result, nil
}

// ended tells why a command was ended. That the hook's time was up, the hook's
// caller knows better.
func (c *command) ended(cause error, result commandResult) error {
	switch {
	case errors.Is(cause, errCommandTime):
		return &commandError{
			commandResult: result, code: "ETIMEDOUT",
			message: fmt.Sprintf("sh: %s was ended after its timeout of %d ms%s", c.shown(), c.timeout.Milliseconds(), tail(result)),
		}
	case errors.Is(cause, errCommandOutput):
		return &jserror.Coded{Err: fmt.Errorf("sh: %s was ended: %w", c.shown(), cause), Code: "ENOBUFS"}
	}
	return cause
}

func (c *command) notStarted(err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return &jserror.Coded{Err: fmt.Errorf("sh: there is no command %q", spec.HideInCommand(c.words[0])), Code: "ENOENT"}
	}
	return fmt.Errorf("sh: %s: %w", c.shown(), err)
}

func (c *command) failed(result commandResult) error {
	return &commandError{
		commandResult: result,
		message:       fmt.Sprintf("sh: %s failed with exit code %d%s", c.shown(), result.exitCode, tail(result)),
	}
}

// shown is the command as one would type it, its first line, not too long,
// without what looks secret.
func (c *command) shown() string {
	text := c.shell
	if len(c.words) > 0 {
		text = shellquote.Join(c.words...)
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

func tail(result commandResult) string {
	text := result.stderr
	if strings.TrimSpace(text) == "" {
		text = result.stdout
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
func (c *command) prepare() (*exec.Cmd, error) {
	var cmd *exec.Cmd
	if len(c.words) == 0 {
		cmd = shellCommand(c.shell)
	} else {
		name, err := findCommand(c.words[0], c.dir, c.env)
		if err != nil {
			return nil, c.notStarted(err)
		}
		cmd = exec.Command(name, c.words[1:]...)
		cmd.Args[0] = c.words[0]
	}
	cmd.Dir, cmd.Env = c.dir, c.env
	if c.input != nil {
		cmd.Stdin = bytes.NewReader(c.input)
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
