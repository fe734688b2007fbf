package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// StartOptions says what Start does.
type StartOptions struct {
	spec.Selection
	NetworkName string        // "": the group's own network
	Timeout     time.Duration // for the pings of a service, and for each other hook
	StopTimeout time.Duration // for containers that are replaced; 0: 10 s
	Settle      time.Duration // how long a service without ping must stay up
	Build       bool          // build the image of every service that can be built
	NoBuild     bool          // build nothing, whatever has changed
	Pull        bool          // look for newer images
	KeepFailed  bool          // keep the containers of failed services
	// OnStart is called with the names of the services that this start has made
	// ready: none where all ran already. It is not called where all that was to
	// be started failed.
	OnStart func(ctx context.Context, names []string) error
}

// startCause is what a reload or a restart adds to the start that it ends with.
type startCause struct {
	force  map[string]string // services whose container is replaced in any case, with the reason
	images *imageSet         // that are being pulled and built already; nil: the start does so
}

// startRun is one run of Start.
type startRun struct {
	*Runner
	StartOptions
	force    map[string]string // see startCause
	network  Network
	have     map[string][]Container // by service, as found at the beginning
	oneOffs  []Container
	images   *imageSet
	watching func() (*watcher, error)
	nodes    map[string]*node
	stops    semaphore

	mu       sync.Mutex
	chosen   map[int]bool      // ports of the host that are not to be chosen any more
	made     map[string]string // ids of the containers that were made, by service
	replaced []string          // images of containers that were replaced
}

// node is a service that is being started.
type node struct {
	*spec.Service
	deps, dependants []*node
	// up is closed when the service's dependants may start, or it failed; done
	// when it is started or failed. Their errors are set before.
	up, done chan struct{}
	inquiry  *inquiry // nil: it is not asked ahead
	// changed is set, before up is closed, where something is done to the service
	// or to what it depends on.
	changed        bool
	upErr, doneErr error
	started        bool // it was not ready before; set before done is closed
	// begun is closed when the service's container was started, or will not be.
	begun chan struct{}
	// retired is closed when what the service had before and does not use any
	// more is gone.
	retired chan struct{}
}

// SkippedError says that a service was not started because a dependency failed.
type SkippedError struct {
	Service    string
	Dependency string
}

func (e *SkippedError) Error() string {
	return fmt.Sprintf("service %q: skipped because %s failed", e.Service, e.Dependency)
}

// Start starts services, dependencies first, each when the hooks of those that
// it depends on are done. A service that fails is reported as an event, and so
// are its dependants, which are skipped; everything else goes on, and the error
// wraps ErrFailed. Where ctx ends, services that were not ready yet are removed
// and the error is the cause.
func (r *Runner) Start(ctx context.Context, o StartOptions) error {
	return r.startWith(ctx, o, startCause{})
}

func (r *Runner) startWith(ctx context.Context, o StartOptions, cause startCause) error {
	names, err := o.ForStart(r.Graph)
	if err != nil {
		return err
	}
	ctx, stop := r.guard(ctx)
	defer stop()
	for _, s := range r.services(names) {
		first := slices.DeleteFunc(slices.Clone(s.DependsOn), func(d string) bool { return !slices.Contains(names, d) })
		r.emit(Event{Service: s.Name, Phase: PhaseQueued, WaitsFor: first})
	}
	run := &startRun{Runner: r, StartOptions: o, force: cause.force, images: cause.images, stops: newSemaphore(stopsAtOnce), made: map[string]string{}}
	run.watching = sync.OnceValues(func() (*watcher, error) { return r.watch(ctx) })
	allowed := make(chan struct{})
	if run.images == nil {
		run.images = newImageSet(ctx, r, o.Build, o.Pull)
		run.images.allowed = allowed // the group may be another file's
		defer run.images.close()
		if o.NoBuild {
			run.images.rule = buildNone
		}
	}
	run.images.prepare(r.services(names))
	if err := run.observe(ctx); err != nil {
		return err
	}
	close(allowed)
	r.Journal.ForgetRestarts(func(service string) bool { return r.Graph.Service(service) != nil })
	run.removeOrphans(ctx)
	run.removeLeftOvers(ctx, run.oneOffs)
	defer r.ReadyTimes.Save()
	run.walk(ctx, names, r.takenPorts(ctx, names, run.NetworkName, run.have))
	cleanUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	run.images.removeOld(cleanUp, run.replaced)
	if r.ending(ctx) {
		return errors.Join(context.Cause(ctx), r.saveContext(ctx))
	}
	started, result := run.outcome(names)
	if o.OnStart != nil && (len(started) > 0 || result == nil) {
		result = errors.Join(result, r.collectionHook(ctx, "onStartServices", o.Timeout, func(ctx context.Context) error {
			return o.OnStart(ctx, started)
		}))
	}
	return result
}

// outcome returns the services that were made ready, and what failed.
func (s *startRun) outcome(names []string) (started []string, err error) {
	failed := &FailedError{}
	for _, name := range names {
		n := s.nodes[name]
		var skipped *SkippedError
		switch {
		case errors.As(n.doneErr, &skipped):
			failed.Skipped = append(failed.Skipped, name)
		case n.doneErr != nil:
			failed.Failed = append(failed.Failed, name)
		case n.started:
			started = append(started, name)
		}
	}
	if len(failed.Failed)+len(failed.Skipped) > 0 {
		return started, failed
	}
	return started, nil
}

func (r *Runner) services(names []string) []*spec.Service {
	services := make([]*spec.Service, len(names))
	for i, name := range names {
		services[i] = r.Graph.Service(name)
	}
	return services
}

// observe asks the engine once what there is, and makes the network.
func (s *startRun) observe(ctx context.Context) error {
	if s.NetworkName == "" {
		s.NetworkName = NetworkName(s.Group)
	}
	var networkErr error
	var asked sync.WaitGroup
	asked.Go(func() { s.network, networkErr = s.Engine.Network(ctx, s.NetworkName) })
	containers, err := s.recoverForStart(ctx)
	asked.Wait()
	if err != nil {
		return err
	}
	containers, s.oneOffs = withoutOneOffs(containers)
	s.have = map[string][]Container{}
	for _, c := range containers {
		s.have[c.Labels.Service] = append(s.have[c.Labels.Service], c)
		s.Containers.set(c.Labels.Service, c.ID)
	}
	if errors.Is(networkErr, ErrNotFound) {
		// It looks again: one that a killed command had the engine create is
		// there only now.
		s.network, networkErr = s.createNetwork(ctx, s.NetworkName)
	}
	if networkErr != nil {
		return networkErr
	}
	s.network = mostUsed(s.network, containers)
	return s.oneNetwork(ctx)
}

// removeOrphans removes the containers of services that the file does not
// define any more.
func (s *startRun) removeOrphans(ctx context.Context) {
	for _, service := range slices.Sorted(maps.Keys(s.have)) {
		containers := s.have[service]
		if s.Graph.Service(service) != nil {
			continue
		}
		for _, c := range containers {
			if !s.Owns(c) {
				continue
			}
			err := s.removeContainer(ctx, c.ID)
			if err != nil {
				s.emit(Event{Service: service, Phase: PhaseError, Err: fmt.Errorf("container %s cannot be removed: %w", c.Name, err)})
				continue
			}
			s.phase(service, PhaseRemoved, "the file no longer defines it")
		}
	}
}

// walk starts the services, each as soon as its dependencies let it. Those whose
// ports are taken fail at once, before anything is created.
func (s *startRun) walk(ctx context.Context, names []string, taken map[string]error) {
	s.nodes = map[string]*node{}
	for _, name := range names {
		s.nodes[name] = &node{Service: s.Graph.Service(name), up: make(chan struct{}), done: make(chan struct{}), begun: make(chan struct{}), retired: make(chan struct{})}
	}
	for _, n := range s.nodes {
		for _, d := range n.DependsOn {
			// What is not started in this run is taken as it is.
			if dep := s.nodes[d]; dep != nil {
				n.deps = append(n.deps, dep)
				dep.dependants = append(dep.dependants, n)
			}
		}
	}
	s.askAhead(ctx, names)
	for _, name := range names {
		if err := taken[name]; err != nil {
			s.visit(ctx, s.nodes[name], err)
		}
	}
	var all sync.WaitGroup
	for name, n := range s.nodes {
		if taken[name] == nil {
			all.Go(func() { s.visit(ctx, n, nil) })
		}
	}
	all.Wait()
}

// visit starts one service and reports how that went. Where refused is not nil,
// it is not started for that reason.
func (s *startRun) visit(ctx context.Context, n *node, refused error) {
	turn := newTurn(s, n)
	err := refused
	if err == nil {
		err = turn.take(ctx)
	}
	if err != nil {
		err = turn.fail(ctx, err)
	} else {
		s.Journal.Note(state.VerbDone, state.ServiceKey(n.Name))
	}
	n.markDone(err)
	n.markStarted()
	n.markRetired()
}

// markDone tells that the service is started or has failed, once.
func (n *node) markDone(err error) {
	select {
	case <-n.done:
	default:
		n.doneErr = err
		n.markUp(err)
		close(n.done)
	}
}

// markUp lets the dependants go on, once.
func (n *node) markUp(err error) {
	select {
	case <-n.up:
	default:
		n.upErr = err
		close(n.up)
	}
}

// markStarted tells that the engine is done with starting the service.
func (n *node) markStarted() {
	select {
	case <-n.begun:
	default:
		close(n.begun)
	}
}

// markRetired tells that the ports of the service's old containers are free.
func (n *node) markRetired() {
	select {
	case <-n.retired:
	default:
		close(n.retired)
	}
}

// await waits for the dependencies: until they are up, or with their done
// channel until they are started. The first that failed is the error.
func (n *node) await(ctx context.Context, gate func(*node) (<-chan struct{}, *error)) error {
	for _, d := range n.deps {
		channel, err := gate(d)
		select {
		case <-channel:
			if *err != nil {
				return &SkippedError{Service: n.Name, Dependency: rootOf(d.Name, *err)}
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func up(n *node) (<-chan struct{}, *error)   { return n.up, &n.upErr }
func done(n *node) (<-chan struct{}, *error) { return n.done, &n.doneErr }

// rootOf names the service whose failure is behind an error.
func rootOf(name string, err error) string {
	var skipped *SkippedError
	if errors.As(err, &skipped) {
		return skipped.Dependency
	}
	return name
}

// skippedOr returns the failure of a dependency where that is why err came
// about: what is given up because of it returns errors of its own.
func skippedOr(ctx context.Context, err error) error {
	var skipped *SkippedError
	if err != nil && errors.As(context.Cause(ctx), &skipped) {
		return skipped
	}
	return err
}

// whileDependenciesLive derives a context that ends when a dependency fails
// that was up already: one without ping that died while it settled.
func (n *node) whileDependenciesLive(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	for _, d := range n.deps {
		go func() {
			select {
			case <-d.done:
				if d.doneErr != nil {
					cancel(&SkippedError{Service: n.Name, Dependency: rootOf(d.Name, d.doneErr)})
				}
			case <-ctx.Done():
			}
		}()
	}
	return ctx, func() { cancel(nil) }
}
