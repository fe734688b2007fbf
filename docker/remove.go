package docker

import (
	"context"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// Remove implements runtime.Engine.
func (e *Engine) Remove(ctx context.Context, id string) error {
	doing := "remove container " + short(id)
	err := e.api.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || isGone(err) {
		return nil
	}
	if !cerrdefs.IsConflict(err) {
		return e.failed(ctx, doing, err)
	}
	// Someone else is removing it: what it holds (its name, its ports) is free
	// only when that is done.
	state, inspectErr := e.State(ctx, id)
	if isGone(inspectErr) {
		return nil
	}
	if inspectErr != nil || state.Status != "removing" {
		return e.failed(ctx, doing, err)
	}
	return e.failed(ctx, doing, <-e.wait(ctx, id, container.WaitConditionRemoved))
}
