package runtime

import (
	"maps"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// A one-shot service has done something to what it depends on: it migrated a
// database, say. A container that is replaced has lost that, so the service runs
// again. Which containers it ran with is on a label of its own one.

// DependencyContainer is the container of a service that a one-shot service
// depends on.
type DependencyContainer struct {
	ID      string
	Created time.Time
	// New says that this command made the container, or would make one.
	New bool
}

// isNewFor tells whether a one-shot service whose container is c ran before
// there was this container. Where its label does not name the dependency, the
// times tell.
func (d DependencyContainer) isNewFor(c Container, dependency string) bool {
	if d.New {
		return true
	}
	if ran, known := c.Labels.RanWith[dependency]; known {
		return ran != shortID(d.ID)
	}
	return d.Created.After(c.Created)
}

// renewed returns the dependencies that are new since a one-shot service ran.
func renewed(want Desired, c Container) []string {
	if !want.OneShot {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(want.Dependencies)), func(name string) bool {
		return !want.Dependencies[name].isNewFor(c, name)
	})
}

// ranWith is what the label of a new container says.
func (d Desired) ranWith() map[string]string {
	if !d.OneShot {
		return nil
	}
	ids := map[string]string{}
	for name, dependency := range d.Dependencies {
		if dependency.ID != "" {
			ids[name] = shortID(dependency.ID)
		}
	}
	return ids
}

// shortID is as much of an id as people and other tools write.
func shortID(id string) string { return id[:min(len(id), 12)] }

// oneShotsOn returns the one-shot services that have run and work on one of some
// services, dependencies first.
func oneShotsOn(g *spec.Graph, names []string, have map[string][]Container) []string {
	return slices.DeleteFunc(g.WithDependencies(g.Names()...), func(name string) bool {
		return !g.Service(name).Loaded.OneShot || len(have[name]) == 0 || slices.Contains(names, name) ||
			!slices.ContainsFunc(g.WorksOn(name), func(d string) bool { return slices.Contains(names, d) })
	})
}

// dependencyContainers returns the containers that a one-shot service would run
// with. isNew tells which service has a new one, or gets one.
func (r *Runner) dependencyContainers(s *spec.Service, have map[string][]Container, isNew func(service string) bool) map[string]DependencyContainer {
	found := map[string]DependencyContainer{}
	for _, name := range r.Graph.WorksOn(s.Name) {
		c, _ := Candidate(Desired{FullName: fullName(r.Group, name)}, have[name])
		switch {
		case isNew(name):
			found[name] = DependencyContainer{New: true}
		case c != nil:
			found[name] = DependencyContainer{ID: c.ID, Created: c.Created}
		}
	}
	return found
}

// dependencyContainers returns those of the services that are up.
func (t *turn) dependencyContainers() map[string]DependencyContainer {
	t.run.mu.Lock()
	made := maps.Clone(t.run.made)
	t.run.mu.Unlock()
	found := t.runner.dependencyContainers(t.service, t.run.have, func(name string) bool { return made[name] != "" })
	for name, id := range made {
		if d, ok := found[name]; ok {
			d.ID = id
			found[name] = d
		}
	}
	return found
}
