package runtime

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/miniboss/miniboss/runtime/spec"
)

// precreated is a container that is created while its service waits for its
// dependencies: that takes the engine 10 to 30 ms, for which nobody need wait at
// the service's turn.
type precreated struct {
	cancel  context.CancelFunc
	done    chan struct{} // closed when it is created, or will not be
	id      string        // "": it is not there
	request []byte
}

// precreate begins to create the container where nothing is known to stand in
// the way. Where the turn wants another one, this one is removed then; why it
// could not be created, the turn tells when it tries itself.
func (t *turn) precreate(ctx context.Context) {
	if !t.canCreateAhead() {
		return
	}
	t.lookForName(ctx)
	ctx, cancel := context.WithCancel(ctx)
	a := &precreated{cancel: cancel, done: make(chan struct{})}
	t.precreated = a
	go func() {
		defer close(a.done)
		image, err := t.run.images.get(ctx, t.service.Name, t.service.Loaded)
		if err != nil {
			return
		}
		want, request, err := t.runner.desiredState(ctx, t.service, t.service.Loaded, t.run.network, t.options.Timeout)
		if err == nil {
			request, err = t.run.network.byID(request)
		}
		if err != nil {
			return
		}
		if id, err := t.runner.createFrom(ctx, image, want.FullName+suffixNew, request, t.labels(want)); err == nil {
			a.id, a.request = id, request
		}
	}()
}

// canCreateAhead reports whether the service has to wait for others, and its
// container is likely to be what the definition says at load. A one-shot
// service's says with which containers it runs. Hooks of its
// dependencies may still prepare what it mounts, and its preStart comes before
// its container.
func (t *turn) canCreateAhead() bool {
	d := t.service.Loaded
	anyPort := slices.ContainsFunc(d.Ports, func(p spec.Port) bool { return p.Host == 0 })
	return len(t.node.deps) > 0 && !d.OneShot && len(t.run.have[t.service.Name]) == 0 && len(d.Pending) == 0 && len(d.Volumes) == 0 && !anyPort &&
		t.service.Hooks.PreStart == nil && t.service.Hooks.Configure == nil
}

// claimPrecreated returns the container that was created ahead, or "" where there is
// none that was made from this request.
func (t *turn) claimPrecreated(ctx context.Context, request []byte) (id string) {
	a := t.precreated
	if a == nil {
		return ""
	}
	<-a.done
	if !bytes.Equal(a.request, request) {
		t.discardPrecreated(ctx)
		return ""
	}
	a.cancel()
	t.precreated = nil
	return a.id
}

// discardPrecreated removes the container that was created ahead and was not taken. It
// works also when ctx has ended.
func (t *turn) discardPrecreated(ctx context.Context) {
	a := t.precreated
	if a == nil {
		return
	}
	t.precreated = nil
	a.cancel()
	<-a.done
	if a.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	err := t.run.stops.do(ctx, func() error { return t.runner.removeContainer(ctx, a.id) })
	if err != nil {
		t.runner.emit(Event{Service: t.service.Name, Phase: PhaseError, Err: fmt.Errorf("container %s cannot be removed: %w", fullName(t.runner.Group, t.service.Name)+suffixNew, err)})
	}
}
