package main

import (
	"context"

	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/bench/collection"
)

// stop stops the containers. What runs is stopped before it is removed: a
// removal that kills is faster, and would not do for a database.
func (r *run) stop(ctx context.Context, remove bool) error {
	ids, err := r.list(ctx)
	if err != nil {
		return err
	}
	err = r.each(ctx, true, func(ctx context.Context, s collection.Service, wait func() error) error {
		if err := wait(); err != nil {
			return err
		}
		return r.stops.within(func() error {
			if err := r.api.ContainerStop(ctx, ids[s.Name], container.StopOptions{}); err != nil || !remove {
				return err
			}
			return r.api.ContainerRemove(ctx, ids[s.Name], container.RemoveOptions{})
		})
	})
	if err != nil || !remove {
		return err
	}
	return r.api.NetworkRemove(ctx, r.Group)
}
