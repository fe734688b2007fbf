package runtime

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// removeRest removes the one-off containers of killed commands, which run on
// where nobody ends them, and what --remove and --volumes say. It returns false
// where something could not be removed, which it reports.
func (s *stopRun) removeRest(ctx context.Context) bool {
	ok := !s.All() || s.removeLeftOvers(ctx, s.oneOffs)
	if !s.Remove {
		return ok
	}
	s.removeOldImages(ctx, nil)
	report := func(kind, name string, err error) {
		what := kind + " " + name
		if err == nil {
			s.phase("", PhaseRemoved, what)
			return
		}
		ok = false
		if !strings.Contains(err.Error(), name) { // else the engine's error says it all
			err = fmt.Errorf("%s cannot be removed: %w", what, err)
		}
		s.emit(Event{Phase: PhaseError, Err: err})
	}
	if s.All() {
		networks, err := s.Engine.Networks(ctx, s.Group)
		if err != nil {
			report("the group's", "network", err)
		}
		for _, network := range networks {
			if s.NetworkName == "" || network.Name == s.NetworkName {
				report("network", network.Name, s.Engine.RemoveNetwork(ctx, network.ID))
			}
		}
	}
	if s.Volumes {
		volumes, err := s.volumes(ctx)
		if err != nil {
			report("the group's", "volumes", err)
		}
		for _, volume := range volumes {
			report("volume", volume, s.Engine.RemoveVolume(ctx, volume))
		}
	}
	return ok
}

// volumes returns the names of the group's named volumes; if services were left
// out, of those that only the services which were stopped use.
func (s *stopRun) volumes(ctx context.Context) ([]string, error) {
	volumes, err := s.volumeNames(ctx)
	if err != nil || s.All() || s.Graph == nil {
		return volumes, err
	}
	stays := map[string]bool{}
	goes := map[string]bool{}
	for _, service := range s.Graph.Services() {
		for _, v := range service.Loaded.Volumes {
			if !v.Named {
				continue
			}
			if s.nodes[service.Name] == nil {
				stays[fullName(s.Group, v.Source)] = true
			} else {
				goes[fullName(s.Group, v.Source)] = true
			}
		}
	}
	return slices.DeleteFunc(volumes, func(v string) bool { return stays[v] || !goes[v] }), nil
}
