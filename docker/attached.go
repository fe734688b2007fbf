package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
)

// noDetach is a sequence of keys that nobody types. The engine would take its
// own, Ctrl-P Ctrl-Q, away from the command, and knows no way to have none.
const noDetach = "ctrl-],ctrl-],ctrl-],ctrl-],ctrl-],ctrl-]"

// ExecAttached implements runtime.Engine.
func (e *Engine) ExecAttached(ctx context.Context, id string, options runtime.ExecOptions, streams runtime.Streams) (int, error) {
	doing := "exec in container " + short(id)
	terminal := streams.Terminal != nil
	exec, err := e.createExec(ctx, id, container.ExecOptions{
		Cmd:          options.Cmd,
		Env:          pairs(options.Env, "="),
		User:         options.User,
		WorkingDir:   options.WorkingDir,
		Tty:          terminal,
		AttachStdin:  streams.Stdin != nil,
		AttachStdout: true,
		AttachStderr: true,
		DetachKeys:   noDetach,
	})
	if err != nil {
		return 0, err
	}
	stream, err := e.attach(ctx, exec, container.ExecAttachOptions{Tty: terminal})
	if err != nil {
		return 0, notRunnable(e.failed(ctx, doing, err))
	}
	out := &execFailureWriter{out: streams.Stdout}
	streams.Stdout = out
	err = e.converse(ctx, stream, stream.Reader, streams, func(ctx context.Context, size container.ResizeOptions) error {
		return e.api.ContainerExecResize(ctx, exec, size)
	})
	if err != nil {
		return 0, e.failed(ctx, doing, err)
	}
	code, err := e.execCode(ctx, exec)
	if err != nil {
		return 0, e.failed(ctx, doing, err)
	}
	if text := out.refused(code); text != "" {
		return 0, notRunnable(&engineError{doing: doing, says: text})
	}
	return code, out.flush()
}

// execCodeLimit is how long the engine may take to know that a command has
// ended whose output has.
const execCodeLimit = 2 * time.Second

// execCode returns the exit code of a command whose output has ended. The
// engine sends no event that tells it.
func (e *Engine) execCode(ctx context.Context, exec string) (int, error) {
	for deadline := time.Now().Add(execCodeLimit); ; {
		ended, err := e.api.ContainerExecInspect(ctx, exec)
		if err != nil || !ended.Running {
			return ended.ExitCode, err
		}
		if time.Now().After(deadline) {
			// Taken for an end, half an output would look like a whole one.
			return 0, errors.New("the connection to the command was lost while the command was still running")
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// StartAttached implements runtime.Engine.
func (e *Engine) StartAttached(ctx context.Context, id string, streams runtime.Streams) (int, error) {
	doing := "run container " + short(id)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := e.answered(ctx, func() (types.HijackedResponse, error) {
		return e.api.ContainerAttach(ctx, id, container.AttachOptions{
			Stream: true, Stdin: true, Stdout: true, Stderr: true, DetachKeys: noDetach,
		})
	})
	if err != nil {
		return 0, e.failed(ctx, doing, err)
	}
	defer stream.Close()
	// Both begin before the start: nothing that it writes is lost, nor its end.
	results, failures := e.api.ContainerWait(ctx, id, container.WaitConditionNextExit)
	inspect, err := e.inspect(ctx, id)
	if err != nil {
		return 0, err
	}
	if err := e.Start(ctx, id); err != nil {
		// The engine has removed it, so Start could not ask what it wanted.
		if taken := e.portTaken(ctx, inspect, err); taken != nil {
			return 0, taken
		}
		return 0, notRunnable(err)
	}
	end := make(chan containerEnd, 1)
	output := &pendingReader{Reader: stream.Reader}
	go func() {
		ended := endOf(results, failures)
		end <- ended
		if ended.err == nil {
			output.closeWhenQuiet(ctx, stream.Close)
		}
	}()
	err = e.converse(ctx, stream, output, streams, func(ctx context.Context, size container.ResizeOptions) error {
		return e.api.ContainerResize(ctx, id, size)
	})
	if err != nil && !output.closed.Load() {
		return 0, e.failed(ctx, doing, err)
	}
	ended := <-end
	if ended.err != nil {
		return 0, e.failed(ctx, doing, ended.err)
	}
	if output.closed.Load() {
		return ended.code, runtime.ErrOutputUnended
	}
	return ended.code, nil
}

// containerEnd is how a container ended, or why that is not known.
type containerEnd struct {
	code int
	err  error
}

func endOf(results <-chan container.WaitResponse, failures <-chan error) containerEnd {
	select {
	case ended := <-results:
		if ended.Error != nil && ended.Error.Message != "" {
			return containerEnd{int(ended.StatusCode), errors.New(ended.Error.Message)}
		}
		return containerEnd{code: int(ended.StatusCode)}
	case err := <-failures:
		return containerEnd{err: err}
	}
}

// quietLimit is how long the engine may take with the last output of a container
// that has ended, or with the end of that output.
const quietLimit = 10 * time.Second

// pendingReader knows for how long it has waited for the other side.
type pendingReader struct {
	io.Reader
	since  atomic.Pointer[time.Time] // nil: nobody reads
	closed atomic.Bool               // by closeWhenQuiet
}

func (r *pendingReader) Read(p []byte) (int, error) {
	now := time.Now()
	r.since.Store(&now)
	defer r.since.Store(nil)
	return r.Reader.Read(p)
}

// closeWhenQuiet ends the reading where nothing comes for quietLimit, until ctx
// ends. A reader that does not ask, as its own output is full, is waited for.
func (r *pendingReader) closeWhenQuiet(ctx context.Context, end func()) {
	for pause(ctx, quietLimit) == nil {
		if since := r.since.Load(); since != nil && time.Since(*since) >= quietLimit {
			r.closed.Store(true)
			end()
			return
		}
	}
}

// converse connects the streams until the output ends.
func (e *Engine) converse(ctx context.Context, stream types.HijackedResponse, output io.Reader, s runtime.Streams, resize func(context.Context, container.ResizeOptions) error) error {
	ctx, cancel := e.alive(ctx, true)
	defer cancel()
	// The connection is ours alone, and closing it is what ends the reading.
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Close)()
	if s.Terminal != nil {
		go followSize(ctx, s.Terminal, resize)
	}
	go func() {
		if s.Stdin != nil {
			// The command may end without reading all of it.
			_, _ = io.Copy(stream.Conn, s.Stdin)
		}
		_ = stream.CloseWrite()
	}()
	var err error
	if s.Terminal != nil {
		_, err = io.Copy(s.Stdout, output)
	} else {
		err = demultiplex(s.Stdout, s.Stderr, output)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// followSize gives the command's terminal the size of the caller's.
func followSize(ctx context.Context, t *runtime.Terminal, resize func(context.Context, container.ResizeOptions) error) {
	set := func() error {
		columns, rows := t.Size()
		if columns <= 0 || rows <= 0 {
			return nil
		}
		return resize(ctx, container.ResizeOptions{Width: uint(columns), Height: uint(rows)})
	}
	// The engine refuses as long as the command is not quite there, and does
	// not tell when it is.
	for try := range 10 {
		if set() == nil || pause(ctx, time.Duration(try+1)*10*time.Millisecond) != nil {
			break
		}
	}
	for {
		select {
		case <-t.Resized:
			_ = set() // the next one may go better
		case <-ctx.Done():
			return
		}
	}
}

// createExec makes a command, which is not started yet.
func (e *Engine) createExec(ctx context.Context, id string, options container.ExecOptions) (exec string, err error) {
	doing := "exec in container " + short(id)
	created, err := e.api.ContainerExecCreate(ctx, id, options)
	if err != nil && unanswered(err) == nil {
		if state, stateErr := e.State(ctx, id); stateErr == nil && state.Status != "running" {
			return "", &engineError{doing: doing, says: "the container is not running: it is " + state.Status, cause: err}
		}
	}
	if err != nil {
		return "", e.failed(ctx, doing, err)
	}
	return created.ID, nil
}

// attach starts the command.
func (e *Engine) attach(ctx context.Context, exec string, options container.ExecAttachOptions) (types.HijackedResponse, error) {
	stream, err := e.answered(ctx, func() (types.HijackedResponse, error) {
		return e.api.ContainerExecAttach(ctx, exec, options)
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("the command did not start: %w", err)
	}
	return stream, err
}

// answered waits for an answer that is a connection. The SDK does so without
// looking at ctx, hence the goroutine: it ends when the engine answers.
func (e *Engine) answered(ctx context.Context, ask func() (types.HijackedResponse, error)) (types.HijackedResponse, error) {
	type answer struct {
		stream types.HijackedResponse
		err    error
	}
	ctx, cancel := e.alive(ctx, false)
	defer cancel()
	answered := make(chan answer, 1)
	go func() {
		stream, err := ask()
		answered <- answer{stream, err}
	}()
	select {
	case a := <-answered:
		return a.stream, a.err
	case <-ctx.Done():
		go func() {
			if a := <-answered; a.err == nil {
				a.stream.Close()
			}
		}()
		return types.HijackedResponse{}, whyCancelled(ctx, ctx.Err())
	}
}

// notRunnable tells a command that cannot be run from the engine's failures.
func notRunnable(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, sign := range []struct {
		words string
		code  int
	}{
		{"chdir to cwd", 126}, {"executable file not found", 127}, {"no such file or directory", 127},
		{"permission denied", 126}, {"exec format error", 126},
	} {
		if strings.Contains(text, sign.words) {
			return &runtime.NotRunnableError{ExitCode: sign.code, Err: err}
		}
	}
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
