package runtime

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// oneNetwork leaves one of several networks that have the group's name. Engines
// do not keep names unique, and create no container on a name that two have. The
// one that most of the group's containers are on stays, and where they are on
// none, one that is not ours: that one cannot go.
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
		return cmp.Or(cmp.Compare(used(b), used(a)), cmp.Compare(btoi(a.Ours), btoi(b.Ours)))
	})
	s.network = all[0]
	for _, n := range all[1:] {
		if !n.Ours {
			s.phase("", PhaseWarning, fmt.Sprintf("there is another network named %s, which miniboss did not make: "+
				"the engine can create no container on either until one is gone (docker network rm %s)", n.Name, n.ID))
			continue
		}
		if err := s.Engine.RemoveNetwork(ctx, n.ID); err != nil {
			return fmt.Errorf("there are %d networks named %s (stop --remove removes those of the group): %w", len(all), n.Name, err)
		}
		s.phase("", PhaseRemoved, "network "+n.Name+", of which there were "+fmt.Sprint(len(all)))
	}
	return nil
}
