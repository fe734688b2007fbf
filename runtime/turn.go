package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// turn is a service's turn in a start.
type turn struct {
	*startRun
	*node
	began     time.Time
	def       Definition
	want      Desired
	request   []byte
	container string // id of the container that is being started; "" before
	name      string // its name now
	life      *life
	startedAt time.Time
}

// defaultStopTimeout is how long a container that is replaced may take to end.
const defaultStopTimeout = 50 * time.Second

// take brings the service up. Where it returns an error, fail cleans up.
func (t *turn) take(ctx context.Context) (err error) {
	if err := t.waitForDependencies(ctx); err != nil {
		return err
	}
	ctx, stop := t.whileDependenciesLive(ctx)
	defer stop()
	defer func() { err = skippedOr(ctx, err) }()
	decision, err := t.decide(ctx)
	if err != nil {
		return err
	}
	if decision.Action == Keep {
		t.Containers.set(t.Name, decision.Container.ID)
		if err := t.removeAll(ctx, decision.Remove); err != nil {
			return err
		}
		// Its dependants may start, but it is started only with what it
		// depends on.
		t.rise(nil)
		if err := t.await(ctx, done); err != nil {
			return err
		}
		t.emit(Event{Service: t.Name, Phase: PhaseUnchanged, Cause: decision.Cause, Duration: time.Since(t.began), Ports: t.ports(ctx, decision.Container.ID)})
		return nil
	}
	if decision, err = t.makeContainer(ctx, decision); err != nil {
		return err
	}
	if err := t.becomeReady(ctx, decision.Action); err != nil {
		return err
	}
	t.emit(Event{Service: t.Name, Phase: PhaseReady, Cause: decision.String(), Duration: time.Since(t.began), Ports: t.ports(ctx, t.container)})
	return nil
}

// ports returns the published ports of the service that runs now. The engine is
// asked only where it chose one.
func (t *turn) ports(ctx context.Context, id string) []Port {
	if t.def.OneShot {
		return nil // it has ended
	}
	ports := slices.Clone(t.def.Ports)
	if !slices.ContainsFunc(ports, func(p Port) bool { return p.Host == 0 }) {
		return ports
	}
	state, err := t.Engine.State(ctx, id)
	if err != nil {
		return nil // worth no message: it is for information
	}
	for i, p := range ports {
		if p.Host == 0 {
			ports[i].Host = state.HostPorts[fmt.Sprintf("%d/%s", p.Container, p.Protocol)]
		}
	}
	return slices.DeleteFunc(ports, func(p Port) bool { return p.Host == 0 })
}

func (t *turn) waitForDependencies(ctx context.Context) error {
	var waiting []string
	for _, d := range t.deps {
		select {
		case <-d.up:
		default:
			waiting = append(waiting, d.Name)
		}
	}
	if len(waiting) > 0 {
		t.emit(Event{Service: t.Name, Phase: PhaseWaiting, Cause: joinNames(waiting)})
	}
	return t.await(ctx, up)
}

// decide makes the definition final and decides what to do.
func (t *turn) decide(ctx context.Context) (Decision, error) {
	var err error
	if t.def, err = t.finalDefinition(ctx, t.Service); err != nil {
		return Decision{}, err
	}
	image, err := t.images.get(ctx, t.Name, t.def)
	if err != nil {
		return Decision{}, err
	}
	if t.want, t.request, err = t.desire(ctx, t.Service, t.def, t.network, t.Timeout); err != nil {
		return Decision{}, err
	}
	t.want.ImageID, t.want.Pulled = image.id, !t.images.canBuild(t.def)
	t.want.Force = t.force[t.Name]
	return t.decideOn(ctx, t.want, t.request, t.have[t.Name])
}

// finalDefinition evaluates a service at its turn.
func (r *Runner) finalDefinition(ctx context.Context, s *Service) (Definition, error) {
	fields, err := s.Evaluate(ctx)
	if err != nil {
		return Definition{}, err
	}
	values, err := r.contextValues(ctx)
	if err != nil {
		return Definition{}, err
	}
	fields, problems := ExtrapolateFields(fields, values)
	if len(problems) == 0 {
		var d Definition
		if d, problems = ParseDefinition(fields, r.dir(), AtTurn); len(problems) == 0 {
			// The graph was built on these two.
			d.Name = s.Name
			return d, nil
		}
	}
	for i := range problems {
		problems[i].Class = s.Class
		problems[i].Pos = s.FieldPos(problems[i].Field)
	}
	return Definition{}, &DefinitionError{Problems: problems}
}

// desire makes the create request of a service and what Decide compares.
func (r *Runner) desire(ctx context.Context, s *Service, d Definition, network Network, timeout time.Duration) (Desired, []byte, error) {
	request, err := r.request(ctx, s, ContainerSpec{Definition: d, NetworkName: network.Name}, timeout)
	if err != nil {
		return Desired{}, nil, err
	}
	hash, err := definitionHash(request)
	if err != nil {
		return Desired{}, nil, err
	}
	want := Desired{
		Service: s.Name, FullName: fullName(r.Group, s.Name), Image: d.Image, Hash: hash,
		AlwaysNew: d.AlwaysStartNew, OneShot: d.OneShot,
	}
	if networkMode(request) == network.Name {
		want.NetworkName, want.NetworkID = network.Name, network.ID
	}
	return want, request, nil
}

// request makes a create request from a spec without group and volumes, and
// lets the service change it.
func (r *Runner) request(ctx context.Context, s *Service, spec ContainerSpec, timeout time.Duration) ([]byte, error) {
	spec.Group = r.Group
	spec.Volumes = slices.Clone(spec.Definition.Volumes)
	for i, v := range spec.Volumes {
		if v.Named {
			spec.Volumes[i].Source = fullName(r.Group, v.Source)
		}
	}
	request, err := r.Engine.Request(spec)
	if err != nil || s.Hooks.Configure == nil {
		return request, err
	}
	err = r.call(ctx, timeout, func(ctx context.Context) (err error) {
		request, err = s.Hooks.Configure(ctx, request)
		return err
	})
	if err != nil {
		return nil, &HookError{Service: s.Name, Hook: "configure", Err: err}
	}
	return request, nil
}

// networkMode returns the network that a create request asks for, which
// configure may have changed.
func networkMode(request []byte) string {
	var r struct {
		HostConfig struct{ NetworkMode string }
	}
	_ = json.Unmarshal(request, &r) // one that is broken asks for none
	return r.HostConfig.NetworkMode
}

// definitionHash is the same for requests that mean the same: the order of
// keys does not count. Its first part is the version of the way it is made, so
// that a later one does not look like a change by the user.
func definitionHash(request []byte) (string, error) {
	var object any
	if err := json.Unmarshal(request, &object); err != nil {
		return "", fmt.Errorf("create request: %w", err)
	}
	canonical, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("create request: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return "1-" + hex.EncodeToString(sum[:16]), nil
}

// decideOn asks the engine for the fields that changed where that is needed,
// and decides.
func (r *Runner) decideOn(ctx context.Context, want Desired, request []byte, have []Container) (Decision, error) {
	changes, err := r.changes(ctx, want, request, have)
	if err != nil {
		return Decision{}, err
	}
	return Decide(want, have, changes), nil
}

// changes returns the fields in which the service's container differs from
// what it should be.
func (r *Runner) changes(ctx context.Context, want Desired, request []byte, have []Container) ([]Change, error) {
	c, _ := Candidate(want, have)
	if c == nil || c.Labels.Hash == want.Hash {
		return nil, nil
	}
	changes, err := r.Engine.Changes(ctx, c.ID, request)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return changes, err
}

// makeContainer does what the decision says until the container runs. It
// returns another decision where that turned out to be impossible.
func (t *turn) makeContainer(ctx context.Context, d Decision) (Decision, error) {
	watcher, err := t.watching()
	if err != nil {
		return d, err
	}
	if d.Action == Create || d.Action == Replace {
		return d, t.newContainer(ctx, d, watcher)
	}
	if err := t.removeAll(ctx, d.Remove); err != nil {
		return d, err
	}
	t.adopt(d.Container.ID, d.Container.Name, watcher)
	if d.Action == Restart {
		err := t.restart(ctx, d.Container.Labels.AnyPorts)
		if taken := chosenPortTaken(err, d.Container.Labels.AnyPorts); taken != nil {
			d = Decision{Action: Replace, Remove: []Container{d.Container},
				Cause: fmt.Sprintf("port %d/%s of the host, which was chosen for it, is taken now", taken.Port, taken.Protocol)}
			t.container = ""
			return d, t.newContainer(ctx, d, watcher)
		}
		return d, err
	}
	// It runs. What happened before it was followed is asked for.
	state, err := t.Engine.State(ctx, t.container)
	if err != nil {
		return d, err
	}
	t.startedAt = state.StartedAt
	if !state.Running {
		t.life.die(state.ExitCode)
	}
	return d, nil
}

func (t *turn) adopt(id, name string, w *watcher) {
	t.container, t.name = id, name
	t.life = w.follow(id)
	t.Containers.set(t.Name, id)
}

func (t *turn) newContainer(ctx context.Context, d Decision, w *watcher) error {
	if d.Action == Replace {
		t.phase(t.Name, PhaseReplacing, d.Cause)
	}
	if err := t.retire(ctx, d.Remove); err != nil {
		return err
	}
	t.hasRetired()
	if err := t.hook(ctx, t.Name, PhasePreStart, t.Timeout, t.Hooks.PreStart); err != nil {
		return err
	}
	t.phase(t.Name, PhaseCreating, "")
	labels := Labels{Group: t.Group, Service: t.Name, File: t.File, Hash: t.want.Hash, DependsOn: t.DependsOn}
	if err := t.createVolumes(ctx, t.def); err != nil {
		return err
	}
	return t.createAndStart(ctx, labels, w)
}

// createAndStart makes the container and starts it: again, with other ports of
// the host, where one that was chosen for it turns out to be taken.
func (t *turn) createAndStart(ctx context.Context, labels Labels, w *watcher) error {
	name := t.want.FullName + suffixNew
	for attempt := 1; ; attempt++ {
		request := t.request
		labels.AnyPorts = nil
		if attempt <= choices {
			var err error
			if request, labels.AnyPorts, err = t.choosePorts(); err != nil {
				return err
			}
		}
		id, err := t.create(ctx, name, request, labels)
		if err != nil {
			return err
		}
		t.adopt(id, name, w)
		err = t.start(ctx, labels.AnyPorts)
		if chosenPortTaken(err, labels.AnyPorts) == nil {
			return err
		}
		if err := t.Engine.Remove(ctx, id); err != nil {
			return err
		}
	}
}

// createVolumes makes the named volumes of a service that are not there yet.
func (r *Runner) createVolumes(ctx context.Context, d Definition) error {
	for _, v := range d.Volumes {
		if v.Named {
			if err := r.Engine.CreateVolume(ctx, fullName(r.Group, v.Source), Labels{Group: r.Group, File: r.File}); err != nil {
				return err
			}
		}
	}
	return nil
}

// create is not given up when ctx ends: the engine would make the container all
// the same, and nobody would know what to remove.
func (r *Runner) create(ctx context.Context, name string, request []byte, labels Labels) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	return r.createContainer(ctx, name, request, labels)
}

func (t *turn) restart(ctx context.Context, anyPorts []string) error {
	if err := t.rename(ctx, t.want.FullName+suffixAgain); err != nil {
		return err
	}
	return t.start(ctx, anyPorts)
}

// start starts the container. anyPorts are the container ports whose port of
// the host was chosen: it is no use to wait for those.
func (t *turn) start(ctx context.Context, anyPorts []string) error {
	t.phase(t.Name, PhaseStarting, "")
	err := t.startContainer(ctx, t.container)
	var taken *PortTakenError
	if errors.As(err, &taken) && chosenPortTaken(err, anyPorts) == nil {
		// Another service's old container may have the port: it moved from one
		// service to the other.
		t.waitForOthersToRetire(ctx)
		err = t.startContainer(ctx, t.container)
	}
	t.startedAt = time.Now()
	return err
}

// retireWait bounds the wait for the old containers of other services, which
// may wait for something in turn.
const retireWait = 10 * time.Second

// waitForOthersToRetire waits until the services that do not wait for this one
// have got rid of their old containers.
func (t *turn) waitForOthersToRetire(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, retireWait)
	defer cancel()
	waiting := t.Graph.WithDependants(t.Name)
	for name, n := range t.nodes {
		if slices.Contains(waiting, name) {
			continue
		}
		select {
		case <-n.retired:
		case <-ctx.Done():
			return
		}
	}
}

// retire stops and removes containers that are replaced, with the hooks of
// stopping around the ones that run.
func (t *turn) retire(ctx context.Context, containers []Container) error {
	for _, c := range containers {
		if runs(c) {
			if err := t.hook(ctx, t.Name, PhasePreStop, t.Timeout, t.Hooks.PreStop); err != nil {
				return err
			}
			err := t.stops.within(ctx, func() error {
				t.phase(t.Name, PhaseStopping, "")
				return t.stopContainer(ctx, c.ID, t.stopTimeout())
			})
			if err != nil {
				return err
			}
			if err := t.hook(ctx, t.Name, PhasePostStop, t.Timeout, t.Hooks.PostStop); err != nil {
				return err
			}
		}
		if t.def.Build != nil && c.ImageID != t.want.ImageID {
			t.Journal.note(verbImage, c.ImageID)
			t.mu.Lock()
			t.replaced = append(t.replaced, c.ImageID)
			t.mu.Unlock()
		}
	}
	return t.removeAll(ctx, containers)
}

func (t *turn) removeAll(ctx context.Context, containers []Container) error {
	for _, c := range containers {
		if err := t.removeContainer(ctx, c.ID); err != nil {
			return fmt.Errorf("container %s cannot be removed: %w", c.Name, err)
		}
	}
	return nil
}

func (t *turn) stopTimeout() time.Duration {
	switch {
	case t.def.StopTimeout > 0:
		return t.def.StopTimeout
	case t.StopTimeout > 0:
		return t.StopTimeout
	}
	return defaultStopTimeout
}
