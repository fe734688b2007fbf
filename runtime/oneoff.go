package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// RunOptions says what RunOneOff runs.
type RunOptions struct {
	Service      string
	Cmd          []string          // none: the service's
	Entrypoint   []string          // nil: the service's; else the service's cmd is left out too
	Env          map[string]string // added to the service's
	User         string            // "": the service's
	WorkingDir   string            // "": the service's
	ServicePorts bool              // publish the service's ports on the host
	NetworkName  string            // "": the one that the group uses
	Timeout      time.Duration     // for the configure hook, and for pings and hooks of dependencies
	Settle       time.Duration     // how long a dependency without ping must stay up
	StopTimeout  time.Duration     // for the container to end when ctx does; 0: the service's, else 10 s
	Streams      Streams
}

// suffixRun is the last part of a one-off container's name, before its number.
const suffixRun = ".run"

const (
	// lastOutputLimit is how long the last output of a container may take that
	// was stopped.
	lastOutputLimit = 2 * time.Second
)

// NotStartedError says that something is missing that a start makes.
type NotStartedError struct {
	Message string
	Advice  string
}

func (e *NotStartedError) Error() string { return e.Message }

// Hint says what to do.
func (e *NotStartedError) Hint() string { return e.Advice }

// StartDependencies starts what a service depends on, as Start does. What runs
// and matches its definition is left alone, and not told of. onStart, which may be
// nil, is called where something was started.
func (r *Runner) StartDependencies(ctx context.Context, o RunOptions, onStart func(ctx context.Context, names []string) error) error {
	if r.Graph.Service(o.Service) == nil {
		return spec.UnknownService(r.Graph, o.Service)
	}
	names := slices.DeleteFunc(r.Graph.WithDependencies(o.Service), func(name string) bool { return name == o.Service })
	if len(names) == 0 {
		return nil
	}
	containers, err := r.claim(ctx)
	if err != nil {
		return err
	}
	containers, _ = withoutOneOffs(containers)
	sink := r.Sink
	defer func() { r.Sink = sink }()
	r.Sink = func(e Event) {
		if e.Phase != PhaseQueued && e.Phase != PhaseUnchanged {
			sink(e)
		}
	}
	return r.Start(ctx, StartOptions{
		Selection: spec.Selection{Services: names, NoDeps: true}, NetworkName: r.networkToStay(o.NetworkName, containers),
		Timeout: o.Timeout, Settle: o.Settle,
		OnStart: func(ctx context.Context, names []string) error {
			if len(names) == 0 || onStart == nil {
				return nil
			}
			return onStart(ctx, names)
		},
	})
}

// RunOneOff runs a container that is made from a service's definition, on the
// group's network, and returns its exit code. The container is removed when it
// has ended, and stopped and removed when ctx ends. It is none of the service's
// own: others do not reach it under the service's name, and no hook runs but
// configure. Nothing else is started (see StartDependencies); the group's network is
// made where it is not there yet, and stays.
func (r *Runner) RunOneOff(ctx context.Context, o RunOptions) (exitCode int, err error) {
	ctx, stop := r.guard(ctx)
	defer stop()
	service := r.Graph.Service(o.Service)
	if service == nil {
		return 0, spec.UnknownService(r.Graph, o.Service)
	}
	containers, err := r.claim(ctx)
	if err != nil {
		return 0, err
	}
	containers, _ = withoutOneOffs(containers)
	network, err := r.usedNetwork(ctx, o.NetworkName, containers)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	var notStarted error
	if err != nil {
		notStarted = &NotStartedError{
			Message: fmt.Sprintf("service %q: group %s is not running: network %s does not exist", o.Service, r.Group, network.Name),
			Advice:  "run `miniboss start`",
		}
	}
	definition, err := r.finalDefinition(ctx, service)
	switch {
	case err != nil && notStarted != nil:
		return 0, notStarted // which is why values of the context are missing
	case err != nil:
		return 0, fmt.Errorf("service %q: %w", o.Service, err)
	}
	o.change(&definition)
	request, err := r.request(ctx, service, ContainerSpec{Definition: definition, NetworkName: network.Name,
		OneOff: &OneOff{Terminal: o.Streams.Terminal != nil}}, o.Timeout)
	if err != nil {
		return 0, err
	}
	// configure may have taken it off the network.
	if notStarted != nil && networkMode(request) == network.Name {
		if o.NetworkName != "" {
			return 0, notStarted // the name may be a slip
		}
		created, err := r.createNetwork(ctx, network.Name)
		if err != nil {
			return 0, err
		}
		network = mostUsed(created, containers)
	}
	if request, err = network.byID(request); err != nil {
		return 0, err
	}
	timeout := o.StopTimeout
	if timeout == 0 {
		timeout = definition.StopTimeout
	}
	one := oneOff{owner: o.Service, imageOf: o.Service, class: service.Class, pos: service.FieldPos, definition: definition, request: request, stopTimeout: timeout, streams: o.Streams}
	code, err := one.run(ctx, r)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("service %q: %w", o.Service, err)
	}
	return code, err
}

// oneOff is a one-off container to be.
type oneOff struct {
	owner       string // a service or a suite: what the container is named after
	imageOf     string // the service that events about the image are of; may be ""
	class       string // of the owner, for messages
	pos         func(field string) spec.Position
	definition  spec.Definition
	request     []byte
	stopTimeout time.Duration // for the container to end when ctx does; 0: 10 s
	streams     Streams
}

// run gets the image, runs the container to its end, and removes it.
func (one oneOff) run(ctx context.Context, r *Runner) (exitCode int, err error) {
	images := newImageSet(ctx, r, false, false)
	defer images.close()
	images.latest = false
	image, err := images.get(ctx, one.imageOf, one.definition)
	if err != nil {
		return 0, err
	}
	if err := r.mounts(one.definition, one.class, one.pos).prepare(ctx); err != nil {
		return 0, err
	}
	name, release, err := r.oneOffName(one.owner)
	if err != nil {
		return 0, err
	}
	defer release()
	id, err := r.createFrom(ctx, image, name, one.request, Labels{Group: r.Group, Service: one.owner, File: r.File, Machine: r.Machine, OneOff: true})
	if err != nil {
		return 0, err
	}
	defer func() {
		cleanUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
		defer cancel()
		if removeErr := r.Engine.Remove(cleanUp, id); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("container %s cannot be removed: %w", name, removeErr))
		}
	}()
	timeout := one.stopTimeout
	if timeout == 0 {
		timeout = defaultStopTimeout
	}
	code, err := r.runUntilEnd(ctx, id, timeout, one.streams)
	if errors.Is(err, ErrOutputUnended) {
		r.phase(one.imageOf, PhaseWarning, err.Error())
		err = nil
	}
	return code, err
}

// change makes of a service's definition that of the one-off container.
func (o RunOptions) change(d *spec.Definition) {
	env := maps.Clone(d.Env)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, o.Env)
	d.Env = env
	if o.User != "" {
		d.User = o.User
	}
	if o.WorkingDir != "" {
		d.WorkingDir = o.WorkingDir
	}
	if o.Entrypoint != nil {
		d.Entrypoint, d.Cmd = o.Entrypoint, nil
	}
	if len(o.Cmd) > 0 {
		d.Cmd = o.Cmd
	}
	if !o.ServicePorts {
		d.Ports = nil
	}
}

// oneOffName returns a name for a one-off container that no living process
// uses. The lock on it is how others know that the container is in use: the
// system lets go of it even where the process is killed. A container that has
// the name already is a left-over, and goes when the new one is created.
func (r *Runner) oneOffName(service string) (name string, release func(), err error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s%s%d", fullName(r.Group, service), suffixRun, n)
		if release, err := r.tryLock(name); err != nil || release != nil {
			return name, release, err
		}
	}
}

func (r *Runner) tryLock(name string) (release func(), err error) {
	if r.TryLock == nil {
		return func() {}, nil
	}
	return r.TryLock("one-off " + name)
}

// runUntilEnd starts a one-off container and returns its exit code. Where ctx
// ends, the container is stopped, and what it still writes is shown.
func (r *Runner) runUntilEnd(ctx context.Context, id string, timeout time.Duration, streams Streams) (int, error) {
	attached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stopped := context.AfterFunc(ctx, func() {
		cleanUp, done := context.WithTimeout(context.WithoutCancel(ctx), timeout+cleanUpLimit)
		defer done()
		_ = r.Engine.Stop(cleanUp, id, timeout) // it is removed in any case
		time.AfterFunc(lastOutputLimit, cancel)
	})
	defer stopped()
	code, err := r.Engine.StartAttached(attached, id, streams)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return code, err
}

// withoutOneOffs tells the services' own containers from the one-off ones.
func withoutOneOffs(containers []Container) (own, oneOffs []Container) {
	for _, c := range containers {
		if c.Labels.OneOff {
			oneOffs = append(oneOffs, c)
		} else {
			own = append(own, c)
		}
	}
	return own, oneOffs
}

// removeLeftOvers removes those one-off containers of this file that killed
// processes have left. It returns false where it could not.
func (r *Runner) removeLeftOvers(ctx context.Context, oneOffs []Container) bool {
	ok := true
	for _, c := range oneOffs {
		if !r.Owns(c) {
			continue
		}
		release, err := r.tryLock(c.Name)
		if err == nil && release == nil {
			continue // somebody works in it
		}
		if err == nil {
			err = r.Engine.Remove(ctx, c.ID)
			release()
		}
		if err != nil {
			ok = false
			r.emit(Event{Service: c.Labels.Service, Phase: PhaseError, Err: fmt.Errorf("container %s cannot be removed: %w", c.Name, err)})
			continue
		}
		r.phase("", PhaseRemoved, "container "+c.Name+", left behind by a killed run")
	}
	return ok
}
