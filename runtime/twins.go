package runtime

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// oneNetwork leaves one of several networks that have the group's name. Engines
// do not keep names unique, and start no container on a name that two have. The
// one that most of the group's containers are on stays.
func (s *startRun) oneNetwork(ctx context.Context) error {
	all := append([]Network{s.network}, s.network.Twins...)
	used := func(n Network) (count int) {
		for _, containers := range s.have {
			for _, c := range containers {
				count += btoi(c.Networks[n.Name] == n.ID)
			}
		}
		return count
	}
	slices.SortStableFunc(all, func(a, b Network) int {
		return cmp.Or(cmp.Compare(btoi(a.Ours), btoi(b.Ours)), cmp.Compare(used(b), used(a)))
	})
	s.network = all[0]
	for _, n := range all[1:] {
		if !n.Ours {
			continue // the engine says what it thinks of that
		}
		if err := s.Engine.RemoveNetwork(ctx, n.ID); err != nil {
			return fmt.Errorf("there are %d networks named %s (stop --remove removes those of the group): %w", len(all), n.Name, err)
		}
		s.phase("", PhaseRemoved, "network "+n.Name+", of which there were "+fmt.Sprint(len(all)))
	}
	return nil
}
