package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
)

// Logs implements runtime.Engine: what the container wrote on stdout and
// stderr, in the order in which the engine got it.
func (e *Engine) Logs(ctx context.Context, id string, options runtime.LogOptions) (io.ReadCloser, error) {
	doing := "read the log of container " + short(id)
	// Whether the stream is multiplexed is not told by older engines.
	inspect, err := e.inspect(ctx, id)
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	ask := container.LogsOptions{
		ShowStdout: true,
		ShowStderr: true,
		Follow:     options.Follow,
		Timestamps: options.Timestamps,
	}
	if options.Tail != 0 {
		ask.Tail = strconv.Itoa(max(options.Tail, 0))
	}
	if !options.Since.IsZero() {
		ask.Since = options.Since.Format(time.RFC3339Nano)
	}
	stream, err := e.api.ContainerLogs(ctx, id, ask)
	if cerrdefs.IsConflict(err) && e.isLeaving(ctx, id) {
		return nil, fmt.Errorf("%s: it is being removed: %w", doing, runtime.ErrNotFound)
	}
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	stream = &logBody{ReadCloser: stream, failed: func(err error) error { return e.failed(ctx, doing, err) }}
	if inspect.Config.Tty {
		return stream, nil
	}
	return demultiplexed(stream), nil
}

// isLeaving reports whether the container is being removed, or has been. One that
// is only dead is there: somebody has to be told.
func (e *Engine) isLeaving(ctx context.Context, id string) bool {
	inspect, err := e.inspect(ctx, id)
	return errors.Is(err, runtime.ErrNotFound) || err == nil && inspect.State.Status == container.StateRemoving
}

// logBody is the engine's answer with a log. It tells a log that has ended from
// one whose connection was cut: half a log must not be taken for a whole one.
type logBody struct {
	io.ReadCloser
	failed func(error) error // what is said of an error
}

func (b *logBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.failed(err)
	}
	return n, err
}

// demultiplexed joins stdout and stderr. Its goroutine ends with the stream or
// when the reader is closed.
func demultiplexed(stream io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		_ = writer.CloseWithError(demultiplex(writer, writer, stream))
	}()
	return &logReader{PipeReader: reader, stream: stream}
}

type logReader struct {
	*io.PipeReader
	stream io.Closer
}

// Close ends both sides: the pipe's writer must not wait for a reader, nor the
// copying for the engine.
func (r *logReader) Close() error {
	return errors.Join(r.stream.Close(), r.PipeReader.Close())
}
