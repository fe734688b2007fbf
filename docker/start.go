package docker

import (
	"context"

	"github.com/docker/docker/api/types/container"
)

// Start implements runtime.Engine.
func (e *Engine) Start(ctx context.Context, id string) error {
	err := e.api.ContainerStart(ctx, id, container.StartOptions{})
	if err == nil {
		return nil
	}
	if ctx.Err() == nil && unanswered(err) == nil {
		// What exactly is wrong costs a call, so it is asked only now.
		if inspect, inspectErr := e.inspect(ctx, id); inspectErr == nil {
			if inspect.State.Paused {
				return e.unpause(ctx, id)
			}
			if taken := e.portTaken(ctx, inspect, err); taken != nil {
				return taken
			}
			if says := mountMismatch(err.Error()); says != "" {
				return &engineError{doing: "start container " + short(id), says: says, cause: err}
			}
		}
	}
	return e.failed(ctx, "start container "+short(id), err)
}

func (e *Engine) unpause(ctx context.Context, id string) error {
	return e.failed(ctx, "unpause container "+short(id), e.api.ContainerUnpause(ctx, id))
}
