package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// The states of a service, beside those of its container: paused, restarting,
// removing, dead.
const (
	StateAbsent   = "absent"    // it has no container that was ever started
	StateRunning  = "running"   // ready, as far as a start has seen it
	StateStarting = "starting"  // it runs, and a start has not seen it ready
	StateNotReady = "not ready" // it does not run, and was never ready
	StateFailed   = "failed"    // and its container was kept
	StateDone     = "done"      // a service that ends, and did so well
	StateStopped  = "stopped"   // it has ended because it was asked to, or was killed
	StateExited   = "exited"    // it has ended by itself
)

// Status is how the services of a group are.
type Status struct {
	Group    string
	File     string
	Services []ServiceStatus // in the order of the file, then orphans by name
}

// ServiceStatus is how one service is.
type ServiceStatus struct {
	Service   string
	State     string
	Ready     bool
	Orphan    bool // the file does not define it
	Container Container
	// Health says whether it is ready by its own account: Answers, the word of its
	// healthcheck, or why its ping says no; "": nobody can tell.
	Health string
	// StartedAt and FinishedAt are those of the last run; zero: none.
	StartedAt, FinishedAt time.Time
	// LastEnd says how its last start ended where it has no container because of
	// that; nil: it is not known.
	LastEnd *state.LastEnd
	// Unknown says why it cannot be told whether the definition has changed.
	Unknown string
	// Reasons say why a start would replace the container.
	Reasons []string
	// Changes are the fields in which the container differs from the file,
	// without secret values.
	Changes []spec.Change
}

const (
	// statusLimit is how long a service's configure hook may take for a status.
	statusLimit = 10 * time.Second
	// stateLimit is how long the engine may take to tell a container's times,
	// which the status can do without.
	stateLimit = 3 * time.Second
	// asksAtOnce is how many containers the engine is asked about at a time.
	asksAtOnce = 12
)

// Status tells how services are: the named ones, or all. It changes nothing.
// Without a graph it knows only containers.
func (r *Runner) Status(ctx context.Context, services []string) (Status, error) {
	ctx, stop := r.guard(ctx)
	defer stop()
	containers, err := r.mine(ctx, false)
	if err != nil {
		return Status{}, err
	}
	have := byService(containers)
	names, err := r.known(services, have)
	if err != nil {
		return Status{}, err
	}
	network, err := r.usedNetwork(ctx, "", containers)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Status{}, err
	}
	status := Status{Group: r.Group, File: r.File, Services: make([]ServiceStatus, len(names))}
	answers := make([]statusAnswer, len(names))
	var asked sync.WaitGroup
	asks := newSemaphore(asksAtOnce)
	for i, name := range names {
		s, answer := r.state(name, have[name]), &answers[i]
		if s.State == StateAbsent {
			s.LastEnd = r.LastEnds.Of(name)
		} else {
			asked.Go(func() {
				_ = asks.do(ctx, func() error { answer.state = r.askState(ctx, s.Container.ID); return nil })
			})
			asked.Go(func() { answer.asked, answer.ready, answer.health = r.askHealth(ctx, s) })
		}
		status.Services[i] = s
	}
	err = r.compare(ctx, status.Services, have, network)
	asked.Wait()
	for i := range answers {
		answers[i].addTo(&status.Services[i])
	}
	return status, err
}

// statusAnswer is what the engine and a service say while its definition is
// compared. The list of containers does not have it.
type statusAnswer struct {
	state        ContainerState
	asked, ready bool
	health       string
}

func (a statusAnswer) addTo(s *ServiceStatus) {
	if a.asked {
		s.Health = a.health
		s.Ready = s.State == StateRunning && a.ready
	}
	s.StartedAt = a.state.StartedAt
	if !a.state.Running {
		s.FinishedAt = a.state.FinishedAt
	}
	if s.State == StateExited && a.state.wasStopped() {
		s.State = StateStopped
	}
}

// known returns the services that a command looks at: the named ones, or those
// of the file and the orphans.
func (r *Runner) known(services []string, have map[string][]Container) ([]string, error) {
	for _, name := range services {
		if len(have[name]) > 0 || r.Graph != nil && r.Graph.Service(name) != nil {
			continue
		}
		if r.Graph != nil {
			return nil, spec.UnknownService(r.Graph, name)
		}
		return nil, &spec.UsageError{Message: fmt.Sprintf("no container found for service %q", name)}
	}
	if len(services) > 0 {
		return services, nil
	}
	var names []string
	if r.Graph != nil {
		names = r.Graph.Names()
	}
	return append(names, r.orphans(have)...), nil
}

// usedNetwork returns the network of that name. Without a name it is the
// group's own, or else, where the group was started on another one, that one.
// The error wraps ErrNotFound where there is none; the network has its name
// then.
func (r *Runner) usedNetwork(ctx context.Context, name string, containers []Container) (Network, error) {
	own := name
	if own == "" {
		own = NetworkName(r.Group)
	}
	network, err := r.Engine.Network(ctx, own)
	if err == nil {
		return mostUsed(network, containers), nil
	}
	if !errors.Is(err, ErrNotFound) {
		return network, err
	}
	if name != "" {
		return Network{Name: own}, err
	}
	others := map[string]string{}
	for _, c := range containers {
		if r.Owns(c) {
			for other, id := range c.Networks {
				others[other] = id
			}
		}
	}
	if len(others) == 1 {
		for other, id := range others {
			return Network{ID: id, Name: other}, nil
		}
	}
	return Network{Name: own}, err
}

// networkToStay is the name of the network on which services are started anew
// while others run on: the one that is named, else the one that these use. ""
// is the group's own.
func (r *Runner) networkToStay(name string, containers []Container) string {
	if name != "" {
		return name
	}
	used := map[string]bool{}
	for _, c := range containers {
		if !r.Owns(c) || c.Labels.OneOff {
			continue
		}
		for network := range c.Networks {
			// A configure hook may have chosen one of these.
			if network != "host" && network != "none" && network != "bridge" {
				used[network] = true
				name = network
			}
		}
	}
	if len(used) != 1 {
		return ""
	}
	return name
}

// state tells what the list of containers tells of a service.
func (r *Runner) state(name string, have []Container) ServiceStatus {
	s := ServiceStatus{Service: name, State: StateAbsent}
	oneShot := false
	if r.Graph != nil {
		service := r.Graph.Service(name)
		s.Orphan = service == nil
		oneShot = service != nil && service.Loaded.OneShot
		if service != nil {
			s.Container.Image = service.Loaded.Image
		}
	}
	full := fullName(r.Group, name)
	c, _ := Candidate(Desired{FullName: full}, have)
	if c == nil || c.Name == full+suffixNew && c.State == "created" {
		return s // one that waits for its dependencies may be created ahead
	}
	s.Container = *c
	s.State, s.Health = c.State, c.Health
	switch suffix := strings.TrimPrefix(c.Name, full); {
	case suffix == suffixFailed:
		s.State = StateFailed
	case suffix != suffixNew && suffix != suffixAgain:
		if oneShot && c.State == "exited" && c.ExitCode == 0 {
			s.State = StateDone
		}
	case c.State == "running":
		s.State = StateStarting
	case c.State == "created" || c.State == "exited":
		s.State = StateNotReady
	}
	s.Ready = s.State == StateDone || s.State == StateRunning && !oneShot && (c.Health == "" || c.Health == "healthy")
	return s
}

// askHealth asks a service that runs whether it is ready. The pings of all are
// side by side. asked is false where there is nothing to ask.
func (r *Runner) askHealth(ctx context.Context, s ServiceStatus) (asked, ready bool, health string) {
	if s.Container.State != "running" || r.Graph == nil {
		return false, false, ""
	}
	service := r.Graph.Service(s.Service)
	if service == nil || service.Loaded.OneShot {
		return false, false, ""
	}
	ready, answer := r.ask(ctx, service, s.Container.ID, s.Container.Health, statusAskLimit)
	return true, ready, r.Secrets.Hide(spec.HidePasswords(answer))
}

// askState asks for what the list does not have. What the engine does not say
// stays empty.
func (r *Runner) askState(ctx context.Context, id string) ContainerState {
	ctx, cancel := context.WithTimeout(ctx, stateLimit)
	defer cancel()
	state, _ := r.Engine.State(ctx, id)
	return state
}

// compare finds out which services have changed since their container was
// made.
func (r *Runner) compare(ctx context.Context, services []ServiceStatus, have map[string][]Container, network Network) error {
	if r.Graph == nil {
		return nil
	}
	byName := map[string]*ServiceStatus{}
	images := newImageSet(ctx, r, false, false)
	defer images.close()
	images.look = true
	var there []*spec.Service
	for _, s := range services {
		if service := r.Graph.Service(s.Service); service != nil && s.State != StateAbsent {
			there = append(there, service)
		}
	}
	images.prepare(there)
	for i := range services {
		s := &services[i]
		service := r.Graph.Service(s.Service)
		if service != nil {
			byName[s.Service] = s
		}
		if service == nil || s.State == StateAbsent {
			continue
		}
		p, err := r.preview(ctx, service, network, images, statusLimit)
		if err == nil && p.unknown == "" {
			p.want.Dependencies = r.dependencyContainers(service, have, func(string) bool { return false })
			err = r.explain(ctx, s, p)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.Unknown = p.unknown
		if err != nil {
			s.Unknown = r.Secrets.Hide(spec.HidePasswords(err.Error()))
		}
	}
	for _, name := range r.Graph.WithDependencies(r.Graph.Names()...) {
		if s := byName[name]; s != nil && s.State != StateAbsent && r.Graph.Service(name).Loaded.OneShot && s.Unknown == "" {
			s.Reasons = append(s.Reasons, r.willBeRenewed(s, byName)...)
		}
	}
	return nil
}

// willBeRenewed returns the reasons why a one-shot service runs again because of
// what a start replaces before it.
func (r *Runner) willBeRenewed(s *ServiceStatus, byName map[string]*ServiceStatus) (reasons []string) {
	for _, d := range r.Graph.WorksOn(s.Service) {
		reason := d + " was recreated since the last run"
		if other := byName[d]; other != nil && r.getsNew(other) && !slices.Contains(s.Reasons, reason) {
			reasons = append(reasons, d+" will be recreated")
		}
	}
	return reasons
}

// getsNew tells whether a start makes a new container for a service.
func (r *Runner) getsNew(s *ServiceStatus) bool {
	return s.Changed() || s.State == StateAbsent || r.Graph.Service(s.Service).Loaded.AlwaysStartNew && !runs(s.Container)
}

// explain tells why a start would replace a service's container.
func (r *Runner) explain(ctx context.Context, s *ServiceStatus, p preview) error {
	changes, err := r.changes(ctx, p.want, p.request, &s.Container)
	if err != nil {
		return err
	}
	s.Reasons = mismatch(p.want, s.Container, changes)
	for _, c := range changes {
		s.Changes = append(s.Changes, c.Masked())
	}
	return nil
}

// Changed reports whether a start would replace the container because of the
// definition, the image or the network.
func (s ServiceStatus) Changed() bool { return len(s.Reasons) > 0 }

// orphans returns the services of this file's containers that the file does
// not define, or all where the file cannot be loaded.
func (r *Runner) orphans(byService map[string][]Container) []string {
	var names []string
	for service, containers := range byService {
		if r.Graph != nil && r.Graph.Service(service) != nil {
			continue
		}
		if slices.ContainsFunc(containers, r.Owns) {
			names = append(names, service)
		}
	}
	slices.Sort(names)
	return names
}
