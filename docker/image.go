package docker

import (
	"context"
	"fmt"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"

	"github.com/miniboss/miniboss/runtime"
)

// Image implements runtime.Engine.
func (e *Engine) Image(ctx context.Context, reference string) (runtime.Image, error) {
	found, err := e.api.ImageInspect(ctx, reference)
	if err != nil {
		return runtime.Image{}, e.failed(ctx, fmt.Sprintf("look for image %q", reference), err)
	}
	return runtime.Image{ID: fullImageID(found.ID), Tags: found.RepoTags}, nil
}

// Tag implements runtime.Engine.
func (e *Engine) Tag(ctx context.Context, id, reference string) error {
	return e.failed(ctx, fmt.Sprintf("name image %s %q", short(id), reference), e.api.ImageTag(ctx, id, reference))
}

// RemoveImage implements runtime.Engine. The engine itself refuses where a
// container, running or not, uses the image.
func (e *Engine) RemoveImage(ctx context.Context, id string) error {
	doing := "remove image " + short(id)
	found, err := e.api.ImageInspect(ctx, id)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return e.failed(ctx, doing, err)
	}
	if len(found.RepoTags) > 0 {
		return nil
	}
	_, err = e.api.ImageRemove(ctx, id, image.RemoveOptions{PruneChildren: true})
	if err == nil || isGone(err) || cerrdefs.IsConflict(err) {
		return nil
	}
	return e.failed(ctx, doing, err)
}

// RemoveName implements runtime.Engine.
func (e *Engine) RemoveName(ctx context.Context, reference string) error {
	_, err := e.api.ImageRemove(ctx, reference, image.RemoveOptions{PruneChildren: true})
	return e.failed(ctx, fmt.Sprintf("remove the name %q of an image", reference), err)
}
