package docker

import (
	"context"
	"errors"
	"io"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/client"

	"github.com/miniboss/miniboss/runtime"
)

// engineError is an answer of the engine in our words. It keeps the cause for
// errors.Is and counts as runtime.ErrNotFound where the engine said so.
type engineError struct {
	doing string // "start container 0123456789ab"
	says  string
	cause error
}

func (e *engineError) Error() string { return e.doing + ": " + e.says }

func (e *engineError) Unwrap() error { return e.cause }

func (e *engineError) Is(target error) bool {
	return target == runtime.ErrNotFound && cerrdefs.IsNotFound(e.cause)
}

// failed turns an error of the SDK into ours. A context's end stays visible to
// errors.Is and is not dressed up.
func (e *Engine) failed(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return &engineError{doing: doing, says: context.Cause(ctx).Error(), cause: err}
	}
	if cause := unanswered(err); cause != nil {
		return &engineError{doing: doing, says: "the engine at " + e.host + " does not answer: " + cause.Error(), cause: err}
	}
	if client.IsErrConnectionFailed(err) {
		return &engineError{doing: doing, says: "the engine at " + e.host + " does not answer: " + whyLost(err), cause: err}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		// Without the cause: a log may end in the middle of a frame, and that is no error.
		return &engineError{doing: doing, says: "the connection to the engine at " + e.host + " was lost"}
	}
	return &engineError{doing: doing, says: engineSays(err), cause: err}
}

// whyLost says what became of a connection. The system tells one that the engine
// has closed as EOF, and the SDK tells one that could not be made as a question.
func whyLost(err error) string {
	cause := rootCause(err)
	switch {
	case errors.Is(cause, io.EOF):
		return "it closed the connection"
	case strings.HasPrefix(cause.Error(), "Cannot connect to the Docker daemon at "):
		return "cannot connect to it"
	}
	return cause.Error()
}

// engineSays returns the engine's own words without what the SDK adds.
func engineSays(err error) string {
	text := strings.TrimSpace(err.Error())
	for _, prefix := range []string{
		"Error response from daemon: ", "error during connect: ", "Error: ",
		// The parts of the engine that it went through.
		"failed to create task for container: ", "failed to create shim task: ", "OCI runtime create failed: ",
		"OCI runtime exec failed: ", "exec failed: ",
		"runc create failed: ", "runc: ", "unable to start container process: ",
	} {
		text = strings.TrimPrefix(text, prefix)
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, ": unknown"), ".")
	if text == "" {
		return err.Error() // better more than needed than nothing
	}
	return text
}

func isGone(err error) bool { return cerrdefs.IsNotFound(err) }

// short is the form of an id that people know from docker ps.
func short(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 12 && !strings.ContainsAny(id, "/:.") {
		return id[:12]
	}
	return id
}
