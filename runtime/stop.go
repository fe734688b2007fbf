package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// StopOptions says what Stop does.
type StopOptions struct {
	spec.Selection
	NetworkName string        // "": all networks of the group
	Timeout     time.Duration // for a container to end, and for each hook; 0: 10 s and 50 s; less: none for the container
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
	restarts bool // the services are started again
	stops    semaphore
	nodes    map[string]*stopNode
	// oneOffs are as they were found at the beginning.
	oneOffs []Container
}

// stopNode is a service that is being stopped.
type stopNode struct {
	name       string
	service    *spec.Service // nil where the file does not define it
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
	return r.stopWith(ctx, o, false)
}

// stopWith is Stop, and restarts says that the services are started again.
func (r *Runner) stopWith(ctx context.Context, o StopOptions, restarts bool) error {
	ctx, stop := r.guard(ctx)
	defer stop()
	s := &stopRun{Runner: r, StopOptions: o, restarts: restarts, stops: newSemaphore(stopsAtOnce)}
	order, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	for _, name := range order {
		s.noteRestart(name)
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
	if r.ending(ctx) {
		return errors.Join(context.Cause(ctx), r.saveContext(ctx))
	}
	var stopped, failed []string
	stays := false
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
	result := failedOrNil(failed)
	if o.OnStop != nil {
		result = errors.Join(result, r.collectionHook(ctx, "onStopServices", s.hookTimeout(), func(ctx context.Context) error {
			return o.OnStop(ctx, stopped)
		}))
	}
	if o.Remove {
		r.LastEnds.Forget(order...)
	}
	if o.Remove && o.All() && !stays {
		r.LastEnds.ForgetAll()
		// Last, because hooks still read it and may change it.
		result = errors.Join(result, r.Store.Remove(ctx, r.Group))
	}
	return result
}

// noteRestart notes that the service is to be started again, or is not any more.
func (s *stopRun) noteRestart(name string) {
	v := state.VerbDone
	if s.restarts {
		v = state.VerbRestart
	}
	s.Journal.Note(v, state.ServiceKey(name))
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
		if err := s.stop(ctx, n, c, &evaluated); err != nil && !s.ending(ctx) {
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
		hookErr = errors.Join(hookErr, s.hook(ctx, n.name, PhasePreStop, s.hookTimeoutOf(n), hooks.PreStop))
		if ctx.Err() != nil {
			return hookErr
		}
		if err := s.stopContainer(ctx, n, c); err != nil {
			n.stays = true
			return errors.Join(hookErr, fmt.Errorf("service %q: container %s cannot be stopped: %w", n.name, c.Name, err))
		}
		n.stopped = true
		s.nameStopped(ctx, c)
		hookErr = errors.Join(hookErr, s.hook(ctx, n.name, PhasePostStop, s.hookTimeoutOf(n), hooks.PostStop))
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
	var d spec.Definition
	if n.service != nil {
		d = n.service.Loaded
	}
	return s.Runner.stopContainer(ctx, s.stops, n.name, c.ID, graceOf(d, s.Timeout))
}

// hooks returns the service's hooks, on an instance that has been evaluated
// with the context as it is now.
func (s *stopRun) hooks(ctx context.Context, n *stopNode, evaluated *bool, err *error) spec.Hooks {
	if n.service == nil || n.service.Hooks.PreStop == nil && n.service.Hooks.PostStop == nil {
		return spec.Hooks{}
	}
	if !*evaluated {
		*evaluated = true
		if _, evaluateErr := n.service.Evaluate(ctx); evaluateErr != nil {
			*err = fmt.Errorf("service %q: its stop hooks cannot run: %w", n.name, evaluateErr)
			return spec.Hooks{}
		}
	}
	return n.service.Hooks
}

// hookTimeout is how long a hook may take where no service says otherwise.
func (s *stopRun) hookTimeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return defaultStopHookTimeout
}

func (s *stopRun) hookTimeoutOf(n *stopNode) time.Duration {
	if n.service != nil && n.service.Loaded.StopTimeout > 0 {
		return n.service.Loaded.StopTimeout
	}
	return s.hookTimeout()
}
