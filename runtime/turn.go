package runtime

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// turn is a service's turn in a start.
type turn struct {
	runner     *Runner
	options    StartOptions
	run        *startRun // that it is a part of
	node       *node
	service    *spec.Service // of the node
	began      time.Time
	def        spec.Definition
	want       Desired
	request    []byte
	image      *imageJob
	container  string // id of the container that is being started; "" before
	name       string // its name now
	life       *life
	startedAt  time.Time   // by our clock
	precreated *precreated // nil: none
	// touched is set when something is done to what the service had before.
	touched bool
	// nameAnswer says whether the container's final name is free; nil: nobody asked.
	nameAnswer <-chan *NameTakenError
}

func newTurn(run *startRun, n *node) *turn {
	return &turn{runner: run.Runner, options: run.StartOptions, run: run, node: n, service: n.Service, began: time.Now()}
}

// take brings the service up. Where it returns an error, fail cleans up.
func (t *turn) take(ctx context.Context) (err error) {
	t.precreate(ctx)
	defer t.discardPrecreated(ctx)
	if err := t.waitForDependencies(ctx); err != nil {
		return err
	}
	ctx, stop := t.node.whileDependenciesLive(ctx)
	defer stop()
	defer func() { err = skippedOr(ctx, err) }()
	t.node.changed = slices.ContainsFunc(t.node.deps, func(d *node) bool { return d.changed })
	decision, err := t.decide(ctx)
	if err == nil && decision.Action == Keep {
		decision, err = t.stillReady(ctx, decision)
	}
	if err != nil {
		return err
	}
	t.node.changed = t.node.changed || decision.Action != Keep
	if decision.Action == Keep {
		t.runner.Containers.set(t.service.Name, decision.Container.ID)
		if err := t.removeAll(ctx, decision.Remove); err != nil {
			return err
		}
		// Its dependants may start, but it is started only with what it
		// depends on.
		t.node.markUp(nil)
		if err := t.node.await(ctx, done); err != nil {
			return err
		}
		t.runner.emit(Event{Service: t.service.Name, Phase: PhaseUnchanged, Cause: decision.Cause, Duration: time.Since(t.began), Ports: t.ports(ctx, decision.Container.ID)})
		return nil
	}
	if decision, err = t.makeContainer(ctx, decision); err != nil {
		return err
	}
	if err := t.becomeReady(ctx, decision.Action); err != nil {
		return err
	}
	t.publishReady(ctx, decision)
	return nil
}

// ports returns the published ports of the service that runs now. The engine is
// asked only where it chose one.
func (t *turn) ports(ctx context.Context, id string) []spec.Port {
	if t.def.OneShot {
		return nil // it has ended
	}
	ports := slices.Clone(t.def.Ports)
	if !slices.ContainsFunc(ports, func(p spec.Port) bool { return p.Host == 0 }) {
		return ports
	}
	state, err := t.runner.Engine.State(ctx, id)
	if err != nil {
		return nil // worth no message: it is for information
	}
	for i, p := range ports {
		if p.Host == 0 {
			ports[i].Host = state.HostPorts[fmt.Sprintf("%d/%s", p.Container, p.Protocol)]
		}
	}
	return slices.DeleteFunc(ports, func(p spec.Port) bool { return p.Host == 0 })
}

func (t *turn) waitForDependencies(ctx context.Context) error {
	var waiting []string
	for _, d := range t.node.deps {
		select {
		case <-d.up:
		default:
			waiting = append(waiting, d.Name)
		}
	}
	if len(waiting) > 0 {
		t.runner.emit(Event{Service: t.service.Name, Phase: PhaseWaiting, WaitsFor: waiting})
	}
	return t.node.await(ctx, up)
}

// decide makes the definition final and decides what to do.
func (t *turn) decide(ctx context.Context) (Decision, error) {
	var err error
	if t.def, err = t.runner.finalDefinition(ctx, t.service); err != nil {
		return Decision{}, err
	}
	image, err := t.run.images.get(ctx, t.service.Name, t.def)
	if err != nil {
		return Decision{}, err
	}
	if t.want, t.request, err = t.runner.desiredState(ctx, t.service, t.def, t.run.network, t.options.Timeout); err != nil {
		return Decision{}, err
	}
	t.image = image
	t.want.ImageID, t.want.Pulled = image.id, !t.run.images.canBuild(t.def)
	t.want.Force = t.run.force[t.service.Name]
	if t.def.OneShot {
		t.want.Dependencies = t.dependencyContainers()
	}
	return t.runner.decideOn(ctx, t.want, t.request, t.run.have[t.service.Name])
}
