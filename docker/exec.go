package docker

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
)

// Exec implements runtime.Engine. Where ctx ends first the command goes on in
// the container: the engine knows no way to end it.
func (e *Engine) Exec(ctx context.Context, id string, options runtime.ExecOptions) (runtime.ExecResult, error) {
	doing := "exec in container " + short(id)
	exec, err := e.createExec(ctx, id, container.ExecOptions{
		Cmd:          options.Cmd,
		Env:          pairs(options.Env, "="),
		User:         options.User,
		WorkingDir:   options.WorkingDir,
		AttachStdin:  options.Stdin != "",
		AttachStdout: true,
		AttachStderr: true,
	})
	if err != nil {
		return runtime.ExecResult{}, err
	}
	stream, err := e.attach(ctx, exec, container.ExecAttachOptions{})
	if err != nil {
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	defer stream.Close()
	ctx, cancel := e.alive(ctx, true)
	defer cancel()
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
	if err := demultiplex(&stdout, &stderr, stream.Reader); err != nil || ctx.Err() != nil {
		if ctx.Err() != nil {
			err = whyCancelled(ctx, ctx.Err())
		}
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	code, err := e.execCode(ctx, exec)
	if err != nil {
		return runtime.ExecResult{}, e.failed(ctx, doing, err)
	}
	return runtime.ExecResult{ExitCode: code, Stdout: stdout.String(), Stderr: stderr.String()}, nil
}
