package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/volume"

	"github.com/miniboss/miniboss/runtime"
)

// Volumes implements runtime.Engine.
func (e *Engine) Volumes(ctx context.Context, group string) ([]runtime.NamedVolume, error) {
	found, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: filters.NewArgs(filters.Arg("label", groupFilter(group)))})
	if err != nil {
		return nil, e.failed(ctx, "list volumes", err)
	}
	volumes := make([]runtime.NamedVolume, len(found.Volumes))
	for i, v := range found.Volumes {
		volumes[i] = runtime.NamedVolume{Name: v.Name, Labels: decodeLabels(v.Labels)}
	}
	slices.SortFunc(volumes, func(a, b runtime.NamedVolume) int { return strings.Compare(a.Name, b.Name) })
	return volumes, nil
}

// CreateVolume implements runtime.Engine. The engine returns a volume that
// exists as it is, without our labels, so that it is never removed as ours.
// Podman answers with a conflict instead.
func (e *Engine) CreateVolume(ctx context.Context, name string, labels runtime.Labels) error {
	_, err := e.api.VolumeCreate(ctx, volume.CreateOptions{Name: name, Labels: encodeLabels(labels)})
	if cerrdefs.IsConflict(err) {
		if _, inspectErr := e.api.VolumeInspect(ctx, name); inspectErr == nil {
			return nil
		}
	}
	return e.failed(ctx, fmt.Sprintf("create volume %q", name), err)
}

// HasVolume implements runtime.Engine.
func (e *Engine) HasVolume(ctx context.Context, name string) (bool, error) {
	_, err := e.api.VolumeInspect(ctx, name)
	if isGone(err) {
		return false, nil
	}
	return err == nil, e.failed(ctx, fmt.Sprintf("look for volume %q", name), err)
}

// RemoveVolume implements runtime.Engine.
func (e *Engine) RemoveVolume(ctx context.Context, name string) error {
	err := e.api.VolumeRemove(ctx, name, false)
	if err == nil || isGone(err) {
		return nil
	}
	doing := fmt.Sprintf("remove volume %q", name)
	if !cerrdefs.IsConflict(err) {
		return e.failed(ctx, doing, err)
	}
	users, listErr := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("volume", name))})
	if listErr != nil || len(users) == 0 {
		return e.failed(ctx, doing, err)
	}
	var names []string
	for _, user := range users {
		names = append(names, fmt.Sprintf("%q", fromSummary(user).Name))
	}
	slices.Sort(names)
	return &engineError{doing: doing, cause: err, says: "it is in use by " + plural(len(names), "container") + " " + strings.Join(names, ", ")}
}
