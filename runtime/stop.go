package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// StopOptions says what Stop does.
type StopOptions struct {
	Selection
	NetworkName string        // "": all networks of the group
	Timeout     time.Duration // for a container to end, and for each hook; 0: 50 s
	Remove      bool          // remove the containers; where nothing is left out, the network and the context too
	Volumes     bool          // with Remove: remove the named volumes
	// OnStop is called with the names of the services that were stopped or
	// removed.
	OnStop func(ctx context.Context, names []string) error
}

// stopRun is one run of Stop.
type stopRun struct {
	*Runner
	StopOptions
	slots slots
	nodes map[string]*stopNode
	// oneOffs are as they were found at the beginning.
	oneOffs []Container
	// others is set where the group has containers that are not stopped.
	others bool
}

// stopNode is a service that is being stopped.
type stopNode struct {
	name       string
	service    *Service // nil where the file does not define it
	containers []Container
	dependants []*stopNode
	done       chan struct{}
	stopped    bool // set before done is closed, as are these
	stays      bool // something of it could not be stopped or removed
	err        error
}

// Stop stops services, dependants first. What cannot be stopped is reported as
// an event and everything else goes on; then the error wraps ErrFailed. Without
// a graph it stops what the file once started, in the order that the labels of
// the containers tell, without hooks.
func (r *Runner) Stop(ctx context.Context, o StopOptions) error {
	ctx, stop := r.guard(ctx)
	defer stop()
	s := &stopRun{Runner: r, StopOptions: o, slots: newSlots(stopsAtOnce)}
	order, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	for _, name := range order {
		s.queue(s.nodes[name])
	}
	var all sync.WaitGroup
	for _, n := range s.nodes {
		all.Go(func() {
			defer close(n.done)
			s.visit(ctx, n)
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), r.saveContext(ctx))
	}
	var stopped, failed []string
	stays := s.others
	for _, name := range order {
		n := s.nodes[name]
		if n.err != nil {
			failed = append(failed, name)
		}
		if n.stopped && !n.stays {
			stopped = append(stopped, name)
		}
		stays = stays || n.stays
	}
	if !s.removeRest(ctx) {
		failed = append(failed, "clean-up")
	}
	var result error
	if len(failed) > 0 {
		result = fmt.Errorf("%s: %w", strings.Join(failed, ", "), ErrFailed)
	}
	if o.OnStop != nil {
		result = errors.Join(result, r.collectionHook(ctx, "onStopServices", s.hookTimeout(), func(ctx context.Context) error {
			return o.OnStop(ctx, stopped)
		}))
	}
	if o.Remove && o.All() && !stays {
		// Last, because hooks still read it and may change it.
		result = errors.Join(result, r.Store.Remove(r.Group))
	}
	return result
}

// prepare finds what is to be stopped and returns the names in order.
func (s *stopRun) prepare(ctx context.Context) (order []string, err error) {
	if s.Graph != nil {
		if order, err = s.ForStop(s.Graph); err != nil {
			return nil, err
		}
	}
	containers, err := s.settledContainers(ctx)
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
	for service := range byService {
		s.others = s.others || s.nodes[service] == nil
	}
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
func labelGraph(names []string, byService map[string][]Container) *Graph {
	g := &Graph{byName: map[string]*Service{}, dependants: map[string][]string{}}
	for _, name := range names {
		s := &Service{Name: name}
		g.services = append(g.services, s)
		g.byName[name] = s
	}
	for _, s := range g.services {
		n := stopNode{name: s.Name, containers: byService[s.Name]}
		s.DependsOn = slices.DeleteFunc(n.dependsOn(), func(d string) bool { return g.byName[d] == nil || d == s.Name })
		for _, d := range s.DependsOn {
			g.dependants[d] = append(g.dependants[d], s.Name)
		}
	}
	return g
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
	s.phase(n.name, PhaseQueued, joinNames(first))
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

func (s *stopRun) visit(ctx context.Context, n *stopNode) {
	for _, d := range n.dependants {
		select {
		case <-d.done:
		case <-ctx.Done():
			n.err = context.Cause(ctx)
			return
		}
	}
	began := time.Now()
	evaluated := false
	for _, c := range n.containers {
		if err := s.stop(ctx, n, c, &evaluated); err != nil && ctx.Err() == nil {
			n.err = errors.Join(n.err, err)
			s.emit(Event{Service: n.name, Phase: PhaseFailed, Err: err, Duration: time.Since(began)})
		}
	}
	if ctx.Err() == nil && n.err == nil && n.stopped {
		phase := PhaseStopped
		if s.Remove {
			phase = PhaseRemoved
		}
		s.emit(Event{Service: n.name, Phase: phase, Duration: time.Since(began)})
	}
}

// stop stops one container, with the service's hooks where it runs. A hook
// that fails is reported; the container is stopped all the same.
func (s *stopRun) stop(ctx context.Context, n *stopNode, c Container, evaluated *bool) error {
	var hookErr error
	if runs(c) {
		hooks := s.hooks(ctx, n, evaluated, &hookErr)
		s.Containers.set(n.name, c.ID)
		hookErr = errors.Join(hookErr, s.hook(ctx, n.name, PhasePreStop, s.timeout(n), hooks.PreStop))
		if ctx.Err() != nil {
			return hookErr
		}
		if err := s.stopContainer(ctx, n, c); err != nil {
			n.stays = true
			return errors.Join(hookErr, fmt.Errorf("service %q: container %s cannot be stopped: %w", n.name, c.Name, err))
		}
		n.stopped = true
		hookErr = errors.Join(hookErr, s.hook(ctx, n.name, PhasePostStop, s.timeout(n), hooks.PostStop))
	}
	if s.Remove {
		if err := s.removeContainer(ctx, c.ID); err != nil {
			n.stays = true
			return errors.Join(hookErr, fmt.Errorf("service %q: container %s cannot be removed: %w", n.name, c.Name, err))
		}
		s.Containers.set(n.name, "")
		n.stopped = true
	}
	return hookErr
}

func (s *stopRun) stopContainer(ctx context.Context, n *stopNode, c Container) error {
	return s.slots.within(ctx, func() error {
		s.phase(n.name, PhaseStopping, "")
		return s.Runner.stopContainer(ctx, c.ID, s.timeout(n))
	})
}

// hooks returns the service's hooks, on an instance that has been evaluated
// with the context as it is now.
func (s *stopRun) hooks(ctx context.Context, n *stopNode, evaluated *bool, err *error) Hooks {
	if n.service == nil || n.service.Hooks.PreStop == nil && n.service.Hooks.PostStop == nil {
		return Hooks{}
	}
	if !*evaluated {
		*evaluated = true
		if _, evaluateErr := n.service.Evaluate(ctx); evaluateErr != nil {
			*err = fmt.Errorf("service %q: its stop hooks cannot run: %w", n.name, evaluateErr)
			return Hooks{}
		}
	}
	return n.service.Hooks
}

// hookTimeout is how long a hook may take where no service says otherwise.
func (s *stopRun) hookTimeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return defaultStopTimeout
}

func (s *stopRun) timeout(n *stopNode) time.Duration {
	if n.service != nil && n.service.Loaded.StopTimeout > 0 {
		return n.service.Loaded.StopTimeout
	}
	return s.hookTimeout()
}

// removeRest removes what --remove and --volumes say beside the containers. It
// returns false where something could not be removed, which it reports.
func (s *stopRun) removeRest(ctx context.Context) bool {
	if !s.Remove {
		return true
	}
	s.removeOldImages(ctx, nil)
	ok := true
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
	// They would hold the network.
	if s.All() && !s.removeLeftOvers(ctx, s.oneOffs) {
		ok = false
	}
	if s.All() && s.others {
		s.phase("", PhaseNotice, "the network and the context stay: another file has containers in group "+s.Group)
	} else if s.All() {
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

// volumes returns the group's named volumes; where services were left out, or
// another file has containers in the group, those that only the services which
// were stopped use.
func (s *stopRun) volumes(ctx context.Context) ([]string, error) {
	volumes, err := s.Engine.Volumes(ctx, s.Group)
	if err != nil || s.All() && !s.others || s.Graph == nil {
		return volumes, err
	}
	stays := map[string]bool{}
	goes := map[string]bool{}
	for _, service := range s.Graph.services {
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
