package docker

import (
	"context"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// otherRemoval is how long a removal that somebody else began may take. It may
// also fail, and nothing would tell us.
const otherRemoval = 30 * time.Second

// Remove implements runtime.Engine.
func (e *Engine) Remove(ctx context.Context, id string) error {
	doing := "remove container " + short(id)
	err := e.api.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || isGone(err) {
		return nil
	}
	// Its state is no sign: it becomes "removing" only after the container is
	// killed.
	if !cerrdefs.IsConflict(err) || !strings.Contains(err.Error(), "already in progress") {
		return e.failed(ctx, doing, err)
	}
	// What the container holds (its name, its ports) is free only when the
	// other removal is done.
	limited, cancel := context.WithTimeout(ctx, otherRemoval)
	defer cancel()
	if waitErr := <-e.wait(limited, id, container.WaitConditionRemoved); waitErr == nil {
		return nil
	}
	return e.failed(ctx, doing, err)
}
