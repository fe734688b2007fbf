package runtime

import (
	"context"
	"slices"

	"github.com/miniboss/miniboss/runtime/spec"
)

// prepare finds what is to be stopped and returns the names in order.
func (s *stopRun) prepare(ctx context.Context) (order []string, err error) {
	if s.Graph != nil {
		if order, err = s.ForStop(s.Graph); err != nil {
			return nil, err
		}
	}
	containers, err := s.recoverForStop(ctx)
	if err != nil {
		return nil, err
	}
	containers, s.oneOffs = withoutOneOffs(containers)
	byService := byService(containers)
	switch {
	case s.Graph == nil:
		if order, err = s.ForStop(labelGraph(s.orphans(byService), byService)); err != nil {
			return nil, err
		}
	case len(s.Services) == 0:
		order = append(s.orphans(byService), order...)
	}
	s.nodes = map[string]*stopNode{}
	for _, name := range order {
		s.nodes[name] = &stopNode{name: name, containers: byService[name], done: make(chan struct{})}
		if s.Graph != nil {
			s.nodes[name].service = s.Graph.Service(name)
		}
	}
	for _, name := range order {
		n := s.nodes[name]
		for _, d := range n.dependsOn() {
			if dependency := s.nodes[d]; dependency != nil && dependency != n {
				dependency.dependants = append(dependency.dependants, n)
			}
		}
	}
	s.breakCycles(order)
	return order, nil
}

// breakCycles lets no services wait for each other. The file has no circles,
// but the labels of containers that were made at different times may have.
func (s *stopRun) breakCycles(order []string) {
	onPath, done := map[*stopNode]bool{}, map[*stopNode]bool{}
	var visit func(n *stopNode)
	visit = func(n *stopNode) {
		onPath[n] = true
		n.dependants = slices.DeleteFunc(n.dependants, func(d *stopNode) bool {
			if !onPath[d] && !done[d] {
				visit(d)
			}
			return onPath[d]
		})
		onPath[n], done[n] = false, true
	}
	for _, name := range order {
		if n := s.nodes[name]; !done[n] {
			visit(n)
		}
	}
}

// labelGraph makes a graph of what the labels of containers say.
func labelGraph(names []string, byService map[string][]Container) *spec.Graph {
	services := make([]*spec.Service, len(names))
	for i, name := range names {
		n := stopNode{name: name, containers: byService[name]}
		services[i] = &spec.Service{Name: name, DependsOn: n.dependsOn()}
	}
	return spec.LooseGraph(services)
}

// queue tells that something will be done about a service, and after which.
func (s *stopRun) queue(n *stopNode) {
	if !slices.ContainsFunc(n.containers, func(c Container) bool { return s.Remove || runs(c) }) {
		return
	}
	var first []string
	for _, d := range n.dependants {
		first = append(first, d.name)
	}
	s.emit(Event{Service: n.name, Phase: PhaseQueued, WaitsFor: first})
}

// runs reports whether a container has to be stopped before it is removed.
func runs(c Container) bool {
	return c.State == "running" || c.State == "paused" || c.State == "restarting"
}

// dependsOn returns the dependencies as the file says, or else as the
// containers' labels do.
func (n *stopNode) dependsOn() []string {
	if n.service != nil {
		return n.service.DependsOn
	}
	var names []string
	for _, c := range n.containers {
		names = append(names, c.Labels.DependsOn...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
