package docker

import (
	"context"
	"fmt"
	"strings"

	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"

	"github.com/miniboss/miniboss/runtime"
)

// Pull implements runtime.Engine. progress may be nil; Step is a layer's id.
func (e *Engine) Pull(ctx context.Context, ref, platform string, progress func(runtime.Progress)) error {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return fmt.Errorf("pull %q: %w", ref, err)
	}
	registry := reference.Domain(named)
	doing := fmt.Sprintf("pull %q from %s", ref, registry)
	header, authErr := e.auth.header(registry)

	err = e.pull(ctx, ref, image.PullOptions{RegistryAuth: header, Platform: platform}, progress)
	if err == nil {
		return nil
	}
	if authErr != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w (could not read the registry credentials: %w)", err, authErr)
	}
	return e.failed(ctx, doing, err)
}

func (e *Engine) pull(ctx context.Context, ref string, options image.PullOptions, progress func(runtime.Progress)) error {
	stream, err := e.api.ImagePull(ctx, ref, options)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	return readMessages(stream, pullMessage(progress))
}

// pullMessage turns what the engine sends of a pull into progress.
func pullMessage(progress func(runtime.Progress)) func(message) error {
	return func(m message) error {
		// "Pulling from library/postgres" has the tag for an id, and says nothing new.
		if progress != nil && m.Status != "" && !strings.HasPrefix(m.Status, "Pulling from ") {
			progress(runtime.Progress{Step: m.ID, Text: m.Status, Current: m.Progress.Current, Total: m.Progress.Total})
		}
		return nil
	}
}
