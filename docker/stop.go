package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
)

// How much longer than the container's own timeout the engine may take, and
// how long it then has to kill the container.
const (
	stopMargin = 10 * time.Second
	killMargin = 10 * time.Second
)

// Stop implements runtime.Engine. It returns within the timeout and the two
// margins, whatever the engine does.
func (e *Engine) Stop(ctx context.Context, id string, timeout time.Duration) error {
	doing := "stop container " + short(id)
	limited, cancel := context.WithTimeout(ctx, timeout+stopMargin)
	defer cancel()
	err := e.stop(limited, id, timeout)
	switch {
	case err == nil, isGone(err):
		return nil
	case ctx.Err() != nil:
		return e.failed(ctx, doing, err)
	case limited.Err() == nil && !cerrdefs.IsInternal(err):
		return e.failed(ctx, doing, err)
	}
	// The engine hangs or could not stop it: a plain kill takes another way
	// through the engine and often still works.
	if killErr := e.kill(ctx, id); killErr != nil {
		if limited.Err() != nil {
			return &engineError{doing: doing, says: fmt.Sprintf("the engine did not stop it within %s, and %s", timeout+stopMargin, killErr), cause: killErr}
		}
		return e.failed(ctx, doing, err)
	}
	return nil
}

func (e *Engine) stop(ctx context.Context, id string, timeout time.Duration) error {
	listed, err := e.summaries(ctx, runtime.Selector{ID: id})
	if err != nil {
		return err
	}
	for _, c := range listed {
		switch oneState(string(c.State)) {
		case "paused":
			// A paused process cannot act on the signal: the engine would wait for
			// the whole timeout, and some hang.
			if err := e.api.ContainerUnpause(ctx, id); err != nil && !cerrdefs.IsConflict(err) {
				return err
			}
		case "created", "exited", "dead":
			return nil
		}
	}
	seconds := int((timeout + time.Second - 1) / time.Second)
	return e.api.ContainerStop(ctx, id, container.StopOptions{Timeout: &seconds})
}

// kill kills the container and waits until it is down.
func (e *Engine) kill(ctx context.Context, id string) error {
	limited, cancel := context.WithTimeout(ctx, killMargin)
	defer cancel()
	// Waiting begins before the kill, so that the end cannot be missed.
	ended := e.wait(limited, id, container.WaitConditionNotRunning)
	says := func(err error) string {
		if errors.Is(limited.Err(), context.DeadlineExceeded) {
			return fmt.Sprintf("no answer within %s", killMargin)
		}
		return engineSays(err)
	}
	err := e.api.ContainerKill(limited, id, "SIGKILL")
	if err != nil && !isGone(err) && !cerrdefs.IsConflict(err) { // conflict: it is not running
		return fmt.Errorf("killing it failed: %s", says(err))
	}
	if err := <-ended; err != nil {
		return fmt.Errorf("it was killed, but the engine did not report its exit: %s", says(err))
	}
	return nil
}

// wait returns a channel that gets one value when the container has come to
// the condition, is gone, or ctx ends. The wait is registered on return. (The
// SDK's two channels leak a goroutine unless both are read.)
func (e *Engine) wait(ctx context.Context, id string, condition container.WaitCondition) <-chan error {
	results, failures := e.api.ContainerWait(ctx, id, condition)
	done := make(chan error, 1)
	go func() {
		select {
		case <-results:
			done <- nil
		case err := <-failures:
			if isGone(err) {
				err = nil
			}
			done <- err
		}
	}()
	return done
}
