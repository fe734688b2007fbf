package docker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/miniboss/miniboss/runtime"
)

// Exec implements runtime.Engine. Where ctx ends first the command goes on in
// the container: the engine knows no way to end it.
func (e *Engine) Exec(ctx context.Context, id string, options runtime.ExecOptions) (runtime.ExecResult, error) {
	doing := "exec in container " + short(id)
	created, err := e.api.ContainerExecCreate(ctx, id, container.ExecOptions{
		Cmd:          options.Cmd,
		Env:          pairs(options.Env, "="),
		User:         options.User,
		WorkingDir:   options.WorkingDir,
		AttachStdin:  options.Stdin != "",
		AttachStdout: true,
		AttachStderr: true,
	})
	if err != nil {
		if state, stateErr := e.State(ctx, id); stateErr == nil && state.Status != "running" {
			return runtime.ExecResult{}, &engineError{doing: doing, says: "the container is not running but " + state.Status, cause: err}
		}
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	stream, err := e.attach(ctx, created.ID)
	if err != nil {
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	defer stream.Close()
	// The connection is ours alone, and closing it is what ends the reading.
	defer context.AfterFunc(ctx, stream.Close)()

	if options.Stdin != "" {
		go func() {
			// The command may end without reading all of it.
			_, _ = io.Copy(stream.Conn, strings.NewReader(options.Stdin))
			_ = stream.CloseWrite()
		}()
	}
	var stdout, stderr bytes.Buffer
	if _, err := stdcopy.StdCopy(&stdout, &stderr, stream.Reader); err != nil || ctx.Err() != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	ended, err := e.api.ContainerExecInspect(ctx, created.ID)
	if err != nil {
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	return runtime.ExecResult{ExitCode: ended.ExitCode, Stdout: stdout.String(), Stderr: stderr.String()}, nil
}

// attach starts the command. The SDK waits for the engine's answer without
// looking at ctx, hence the goroutine: it ends when the engine answers.
func (e *Engine) attach(ctx context.Context, exec string) (types.HijackedResponse, error) {
	type answer struct {
		stream types.HijackedResponse
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		stream, err := e.api.ContainerExecAttach(ctx, exec, container.ExecAttachOptions{})
		answered <- answer{stream, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return a.stream, fmt.Errorf("the command did not start: %w", a.err)
		}
		return a.stream, nil
	case <-ctx.Done():
		go func() {
			if a := <-answered; a.err == nil {
				a.stream.Close()
			}
		}()
		return types.HijackedResponse{}, ctx.Err()
	}
}
