package runtime

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// mostUsed is the one of several networks of a name that is used, with the others
// as its twins: the one that most of the group's containers are on, and where
// they are on none, one that is not ours: that one cannot go.
func mostUsed(n Network, containers []Container) Network {
	all := append([]Network{n}, n.Twins...)
	used := func(n Network) (count int) {
		for _, c := range containers {
			count += btoi(c.Networks[n.Name] == n.ID)
		}
		return count
	}
	slices.SortStableFunc(all, func(a, b Network) int {
		return cmp.Or(cmp.Compare(used(b), used(a)), cmp.Compare(btoi(a.Ours), btoi(b.Ours)))
	})
	all[0].Twins = slices.Clip(all[1:])
	return all[0]
}

// oneNetwork removes ours of the network's twins, and tells of the others. Engines
// do not keep names unique, and what is on one network does not reach what is on
// another.
func (s *startRun) oneNetwork(ctx context.Context) error {
	var stay []Network
	for _, n := range s.network.Twins {
		if !n.Ours {
			stay = append(stay, n)
			s.phase("", PhaseWarning, fmt.Sprintf("another network named %s exists that miniboss did not create: it is ignored, "+
				"but may confuse other tools (remove it with docker network rm %s)", n.Name, n.ID))
			continue
		}
		if err := s.Engine.RemoveNetwork(ctx, n.ID); err != nil {
			return fmt.Errorf("there are %d networks named %s (miniboss stop --remove removes those of this group): %w", 1+len(s.network.Twins), n.Name, err)
		}
		s.phase("", PhaseRemoved, fmt.Sprintf("duplicate network %s (there were %d)", n.Name, 1+len(s.network.Twins)))
	}
	s.network.Twins = stay
	return nil
}

// byID adds the id of a network that has twins to a create request that names
// it. The engine starts nothing on a name that two networks have: it would find
// that out when the old container is gone. The id is no part of a definition, so
// it is added when that is hashed.
func (n Network) byID(request []byte) ([]byte, error) {
	if len(n.Twins) == 0 || networkMode(request) != n.Name {
		return request, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(request))
	decoder.UseNumber()
	root := map[string]any{}
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("create request: %w", err)
	}
	within(within(within(root, "NetworkingConfig"), "EndpointsConfig"), n.Name)["NetworkID"] = n.ID
	return json.Marshal(root)
}

// within returns the object that an object has under a key, which is made where
// there is none.
func within(object map[string]any, key string) map[string]any {
	inner, ok := object[key].(map[string]any)
	if !ok {
		inner = map[string]any{}
		object[key] = inner
	}
	return inner
}
