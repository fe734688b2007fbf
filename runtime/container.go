package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/state"
)

// makeContainer does what the decision says until the container runs. It
// returns another decision where that turned out to be impossible.
func (t *turn) makeContainer(ctx context.Context, d Decision) (Decision, error) {
	watcher, err := t.run.watching()
	if err != nil {
		return d, err
	}
	t.touched = true
	if d.Action == Create || d.Action == Replace {
		return d, t.newContainer(ctx, d, watcher)
	}
	if err := t.removeAll(ctx, d.Remove); err != nil {
		return d, err
	}
	if d.Action == Restart {
		// The engine would make a directory of what is not there any more.
		if err := t.runner.mounts(t.def, t.service.Class, t.service.FieldPos).check(ctx); err != nil {
			return d, err
		}
	}
	t.adopt(d.Container.ID, cmp.Or(d.Container.Actual, d.Container.Name), watcher)
	if t.name != t.want.FullName {
		t.lookForName(ctx)
		if err := t.nameIsFree(); err != nil {
			return d, err
		}
	}
	if d.Action == Restart {
		err := t.start(ctx, d.Container.Labels.AnyPorts, state.VerbAwait)
		if taken := chosenPortTaken(err, d.Container.Labels.AnyPorts); taken != nil {
			d = Decision{Action: Replace, Remove: []Container{d.Container},
				Cause: fmt.Sprintf("host port %d/%s, chosen at an earlier start, is now in use", taken.Port, taken.Protocol)}
			t.container = ""
			return d, t.newContainer(ctx, d, watcher)
		}
		return d, err
	}
	// It runs. What happened before it was followed is asked for.
	t.life.begins()
	state, err := t.runner.Engine.State(ctx, t.container)
	if err != nil {
		return d, err
	}
	t.startedAt = time.Now().Add(-max(0, t.runner.Engine.Now().Sub(state.StartedAt)))
	if !state.Running {
		t.life.die(state.ExitCode)
	}
	return d, nil
}

func (t *turn) adopt(id, name string, w *watcher) {
	t.container, t.name = id, name
	t.life = w.follow(id)
	t.life.revives = t.revives
	t.life.revived = func(ctx context.Context, exitCode int) { t.sayRevived(ctx, id, exitCode) }
	t.runner.Containers.set(t.service.Name, id)
}

func (t *turn) newContainer(ctx context.Context, d Decision, w *watcher) error {
	if t.service.Hooks.PreStart == nil {
		// What would fail the new container is said while the old one runs.
		if err := t.runner.mounts(t.def, t.service.Class, t.service.FieldPos).check(ctx); err != nil {
			return err
		}
	}
	if d.Action == Replace {
		t.runner.phase(t.service.Name, PhaseReplacing, d.Cause)
	}
	if err := t.retire(ctx, d.Remove); err != nil {
		return err
	}
	t.node.markRetired()
	if t.nameAnswer == nil {
		t.lookForName(ctx)
	}
	if err := t.runner.hook(ctx, t.service.Name, PhasePreStart, t.options.Timeout, t.service.Hooks.PreStart); err != nil {
		return err
	}
	t.runner.phase(t.service.Name, PhaseCreating, "")
	if err := t.runner.mounts(t.def, t.service.Class, t.service.FieldPos).prepare(ctx); err != nil {
		return err
	}
	return t.createAndStart(ctx, t.labels(t.want), w)
}

func (t *turn) labels(want Desired) Labels {
	return Labels{Group: t.runner.Group, Service: t.service.Name, File: t.runner.File, Machine: t.runner.Machine, Hash: want.Hash, DependsOn: t.service.DependsOn, RanWith: want.ranWith()}
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
		request, err := t.run.network.byID(request)
		if err != nil {
			return err
		}
		id := t.claimPrecreated(ctx, request)
		early := id != ""
		if !early {
			if id, err = t.runner.createFrom(ctx, t.image, name, request, labels); err != nil {
				return err
			}
		}
		t.adopt(id, name, w)
		t.run.mu.Lock()
		t.run.made[t.service.Name] = id
		t.run.mu.Unlock()
		if err := t.nameIsFree(); err != nil {
			return err
		}
		err = t.start(ctx, labels.AnyPorts, state.VerbDone)
		if early && errors.Is(err, ErrNotFound) {
			continue // somebody removed it while it waited
		}
		if chosenPortTaken(err, labels.AnyPorts) == nil {
			return err
		}
		if err := t.runner.Engine.Remove(ctx, id); err != nil {
			return err
		}
	}
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

// start starts the container. anyPorts are the container ports whose port of
// the host was chosen: it is no use to wait for those. next is what the journal
// says when it is started.
func (t *turn) start(ctx context.Context, anyPorts []string, next state.Verb) error {
	t.runner.phase(t.service.Name, PhaseStarting, "")
	err := t.runner.startContainer(ctx, t.container, next)
	var taken *PortTakenError
	if errors.As(err, &taken) {
		t.runner.setRemedy(taken)
	}
	if taken != nil && chosenPortTaken(err, anyPorts) == nil {
		// Another service's old container may have the port: it moved from one
		// service to the other.
		t.waitForOthersToRetire(ctx)
		if err = t.runner.startContainer(ctx, t.container, next); errors.As(err, &taken) {
			t.runner.setRemedy(taken)
		}
	}
	t.startedAt = time.Now()
	t.life.begins()
	t.node.markStarted()
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
	waiting := t.runner.Graph.WithDependants(t.service.Name)
	for name, n := range t.run.nodes {
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
			if err := t.runner.hook(ctx, t.service.Name, PhasePreStop, t.options.Timeout, t.service.Hooks.PreStop); err != nil {
				return err
			}
			if err := t.runner.stopContainer(ctx, t.run.stops, t.service.Name, c.ID, graceOf(t.def, t.options.StopTimeout)); err != nil {
				return err
			}
			if err := t.runner.hook(ctx, t.service.Name, PhasePostStop, t.options.Timeout, t.service.Hooks.PostStop); err != nil {
				return err
			}
		}
		if t.def.Build != nil && c.ImageID != t.want.ImageID {
			t.runner.Journal.Note(state.VerbImage, c.ImageID)
			t.run.mu.Lock()
			t.run.replaced = append(t.run.replaced, c.ImageID)
			t.run.mu.Unlock()
		}
	}
	return t.removeAll(ctx, containers)
}

func (t *turn) removeAll(ctx context.Context, containers []Container) error {
	for _, c := range containers {
		if err := t.runner.removeContainer(ctx, c.ID); err != nil {
			return fmt.Errorf("container %s cannot be removed: %w", c.Name, err)
		}
	}
	return nil
}
