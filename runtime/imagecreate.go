package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// creations is how often a container is created before its image's tag is given
// up, which other builds keep taking.
const creations = 5

// createFrom creates a container from an image. A request names an image by its
// tag, which a build of another checkout may have taken by now, or may take at any
// moment: a container of another's image is none of ours.
func (r *Runner) createFrom(ctx context.Context, image *imageJob, name string, request []byte, labels Labels) (string, error) {
	if !image.built || requestImage(request) != image.ref {
		return r.create(ctx, name, request, labels)
	}
	moved := image.tagged != image.id
	for range creations {
		if moved {
			if err := r.Engine.Tag(ctx, image.id, image.ref); err != nil {
				return "", err
			}
		}
		id, err := r.create(ctx, name, request, labels)
		if err != nil {
			return "", err
		}
		made, err := r.imageOf(ctx, id)
		if err != nil || strings.TrimPrefix(made, "sha256:") == strings.TrimPrefix(image.id, "sha256:") {
			return id, nil // what the engine does not tell shows when it is started
		}
		if err := r.removeContainer(context.WithoutCancel(ctx), id); err != nil {
			return "", err
		}
		moved = true
	}
	return "", fmt.Errorf("image %s: other builds keep moving its tag", image.ref)
}

// requestImage returns the image of a create request, which configure may have
// changed.
func requestImage(request []byte) string {
	var r struct{ Config struct{ Image string } }
	_ = json.Unmarshal(request, &r) // one that is broken has none
	return r.Config.Image
}

// imageOf asks for the id of a container's image.
func (r *Runner) imageOf(ctx context.Context, container string) (string, error) {
	data, err := r.Engine.InspectContainer(ctx, container)
	if err != nil {
		return "", err
	}
	var c struct{ Image string }
	if err := json.Unmarshal(data, &c); err != nil {
		return "", err
	}
	return c.Image, nil
}
