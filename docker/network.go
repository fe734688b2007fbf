package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/miniboss/miniboss/runtime"
)

// Network implements runtime.Engine. The engine does not keep names unique; of
// several the one that was made first is taken.
func (e *Engine) Network(ctx context.Context, name string) (runtime.Network, error) {
	doing := fmt.Sprintf("look for network %q", name)
	// The filter matches parts of names too.
	found, err := e.networks(ctx, doing, filters.Arg("name", name))
	if err != nil {
		return runtime.Network{}, err
	}
	found = slices.DeleteFunc(found, func(n network.Summary) bool { return n.Name != name })
	if len(found) == 0 {
		return runtime.Network{}, fmt.Errorf("%s: %w", doing, runtime.ErrNotFound)
	}
	first := fromNetwork(found[0])
	for _, n := range found[1:] {
		first.Twins = append(first.Twins, fromNetwork(n))
	}
	return first, nil
}

// Networks implements runtime.Engine.
func (e *Engine) Networks(ctx context.Context, group string) ([]runtime.Network, error) {
	found, err := e.networks(ctx, "list networks", filters.Arg("label", groupFilter(group)))
	if err != nil {
		return nil, err
	}
	networks := make([]runtime.Network, len(found))
	for i, n := range found {
		networks[i] = fromNetwork(n)
	}
	return networks, nil
}

func (e *Engine) networks(ctx context.Context, doing string, filter filters.KeyValuePair) ([]network.Summary, error) {
	found, err := e.api.NetworkList(ctx, network.ListOptions{Filters: filters.NewArgs(filter)})
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	slices.SortFunc(found, func(a, b network.Summary) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return found, nil
}

func fromNetwork(n network.Summary) runtime.Network {
	_, ours := n.Labels[labelGroup]
	return runtime.Network{ID: n.ID, Name: n.Name, Ours: ours, Labels: decodeLabels(n.Labels)}
}

// CreateNetwork implements runtime.Engine. Where another process has just made
// the network, that one is returned.
func (e *Engine) CreateNetwork(ctx context.Context, name string, labels runtime.Labels) (runtime.Network, error) {
	created, err := e.api.NetworkCreate(ctx, name, network.CreateOptions{
		Driver:     "bridge",
		Attachable: true,
		Labels:     encodeLabels(labels),
	})
	if err == nil {
		return runtime.Network{ID: created.ID, Name: name, Ours: true, Labels: labels}, nil
	}
	if ctx.Err() == nil && unanswered(err) == nil { // Docker tells a conflict, Podman an internal error
		if existing, lookErr := e.Network(ctx, name); lookErr == nil {
			return existing, nil
		}
	}
	doing := fmt.Sprintf("create network %q", name)
	if strings.Contains(err.Error(), "non-overlapping") {
		return runtime.Network{}, &engineError{doing: doing, says: "the engine has no address range left for another network; remove unused ones with docker network prune", cause: err}
	}
	return runtime.Network{}, e.failed(ctx, doing, err)
}

// RemoveNetwork implements runtime.Engine. It looks first whether the network
// is in use: Docker would refuse without saying by what, and Podman does not
// refuse at all.
func (e *Engine) RemoveNetwork(ctx context.Context, id string) error {
	doing := "remove network " + short(id)
	inspect, err := e.api.NetworkInspect(ctx, id, network.InspectOptions{})
	if isGone(err) {
		return nil
	}
	if err != nil {
		return e.failed(ctx, doing, err)
	}
	doing = fmt.Sprintf("remove network %q", inspect.Name)
	if len(inspect.Containers) > 0 {
		var names []string
		for _, attached := range inspect.Containers {
			names = append(names, fmt.Sprintf("%q", attached.Name))
		}
		slices.Sort(names)
		return &engineError{doing: doing, says: "it is in use by " + plural(len(names), "container") + " " + strings.Join(names, ", ")}
	}
	err = e.api.NetworkRemove(ctx, id)
	if err == nil || isGone(err) {
		return nil
	}
	if strings.Contains(err.Error(), "active endpoints") {
		// Docker 20.10 sometimes loses count when many containers stop at once.
		return &engineError{doing: doing, cause: err, says: "the engine counts containers on it, but there are none (a known fault of Docker 20.10): " +
			"it still works, and can be removed after the engine restarts"}
	}
	return e.failed(ctx, doing, err)
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
