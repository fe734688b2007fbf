package runtime

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// GroupStatus is what a file has on the engine in a group.
type GroupStatus struct {
	Group    string
	File     string // absolute path, on the machine that made the containers
	Running  []string
	Services []string // all that have a container, by name
	// Since is when the first of those that run was started; zero: none runs.
	Since time.Time
}

// Groups lists the groups on an engine, by name and file. It needs no file, and
// changes nothing. One-off containers do not count.
func Groups(ctx context.Context, engine Engine) ([]GroupStatus, error) {
	containers, err := engine.Containers(ctx, Selector{})
	if err != nil {
		return nil, err
	}
	type key struct{ group, file string }
	groups := map[key]*GroupStatus{}
	var order []key
	var asking sync.WaitGroup
	var mu sync.Mutex
	asks := newSemaphore(asksAtOnce)
	for _, c := range containers {
		if c.Labels.OneOff || c.Labels.Service == "" {
			continue
		}
		k := key{c.Labels.Group, c.Labels.File}
		group := groups[k]
		if group == nil {
			group = &GroupStatus{Group: k.group, File: k.file}
			groups[k] = group
			order = append(order, k)
		}
		group.Services = append(group.Services, c.Labels.Service)
		if c.State != "running" {
			continue
		}
		group.Running = append(group.Running, c.Labels.Service)
		asking.Go(func() {
			_ = asks.do(ctx, func() error {
				ctx, cancel := context.WithTimeout(ctx, stateLimit)
				defer cancel()
				state, err := engine.State(ctx, c.ID)
				mu.Lock()
				defer mu.Unlock()
				if err == nil && (group.Since.IsZero() || state.StartedAt.Before(group.Since)) {
					group.Since = state.StartedAt
				}
				return nil
			})
		})
	}
	asking.Wait()
	list := make([]GroupStatus, 0, len(order))
	for _, k := range order {
		group := *groups[k]
		for _, names := range []*[]string{&group.Services, &group.Running} {
			slices.Sort(*names)
			*names = slices.Compact(*names)
		}
		list = append(list, group)
	}
	slices.SortFunc(list, func(a, b GroupStatus) int {
		return strings.Compare(a.Group+"\x00"+a.File, b.Group+"\x00"+b.File)
	})
	return list, ctx.Err()
}
