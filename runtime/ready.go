package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// NotReadyError says that a service did not become ready in time.
type NotReadyError struct {
	Timeout time.Duration
	Last    string // why the last ping or healthcheck failed; may be ""
}

func (e *NotReadyError) Error() string {
	message := "not ready after " + seconds(e.Timeout)
	if e.Last != "" {
		message += ": last: " + e.Last
	}
	return message
}

// becomeReady waits until the service that runs is started: it answers, its
// postStart is done, and all that it depends on is started too.
func (t *turn) becomeReady(ctx context.Context, action Action) error {
	alive, stop := t.life.during(ctx)
	defer stop()
	settles := false
	switch {
	case t.def.OneShot:
		if err := t.runToEnd(ctx); err != nil {
			return err
		}
		alive = ctx // it has ended, as it should
	case t.Hooks.Ping != nil:
		if err := t.ping(alive, action); err != nil {
			return &HookError{Service: t.Name, Hook: "ping", Err: deathOr(alive, err)}
		}
	default:
		checked, err := t.healthcheck(alive)
		if err != nil && !checked {
			return deathOr(alive, err)
		}
		if err != nil {
			return &HookError{Service: t.Name, Hook: "healthcheck", Err: deathOr(alive, err)}
		}
		settles = !checked
	}
	if action == Create || action == Replace || action == Resume {
		if err := t.hook(alive, t.Name, PhasePostStart, t.Timeout, t.Hooks.PostStart); err != nil {
			return deathOr(alive, err)
		}
	}
	if settles {
		// Its dependants may start at once, but it counts only later.
		t.rise(nil)
		if err := t.settle(alive); err != nil {
			return deathOr(alive, err)
		}
	}
	if err := t.await(alive, done); err != nil {
		return err
	}
	if alive.Err() != nil {
		return context.Cause(alive) // it died in its postStart, which did not mind
	}
	return nil
}

// sayReady says that the container is ready: at once to a command that comes
// after a kill, to people and to the dependants, then by its name, which takes
// longer. What was said stays true where ctx ends meanwhile, or the engine fails:
// the next command gives the container its name.
func (t *turn) sayReady(ctx context.Context, d Decision) {
	t.Journal.note(verbReady, t.container)
	t.emit(Event{Service: t.Name, Phase: PhaseReady, Cause: d.String(), Duration: time.Since(t.began), Ports: t.ports(ctx, t.container)})
	t.started = true
	t.LastEnds.forget(t.Name)
	t.end(nil)
	t.letDependantsBegin(ctx)
	naming, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	if err := t.rename(naming, ""); err != nil {
		t.phase(t.Name, PhaseNotice, fmt.Sprintf("its container keeps the name %s: %v", t.name, err))
	}
	t.Journal.note(verbDone, t.container)
}

// dependantsFirst is how long a name waits for dependants that start.
const dependantsFirst = time.Second

// letDependantsBegin waits while the engine starts the dependants. Both it and a
// new name write to the engine's one store of networks, and nobody waits for the
// name.
func (n *node) letDependantsBegin(ctx context.Context) {
	limit := time.NewTimer(dependantsFirst)
	defer limit.Stop()
	for _, d := range n.dependants {
		select {
		case <-d.begun:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// sayWaiting says by its name that a container which was restarted is not ready
// yet. A new one says so from the beginning; of one that is ready at once only
// the journal knows that it was not. Where the container ends meanwhile, the
// engine may fail over what it had in the network: then its end is the error, and
// one that was restarted gets the name all the same.
func (t *turn) sayWaiting(ctx context.Context) error {
	if t.name != t.want.FullName {
		return nil
	}
	err := t.rename(ctx, suffixAgain)
	if err == nil {
		return nil
	}
	if died, ok := errors.AsType[*DiedError](t.stillRuns(ctx)); ok {
		return died
	}
	_ = t.rename(ctx, suffixAgain) // else the journal says it
	return nil
}

// rename names the container by what it is now (see naming.go), or has the
// journal say it.
func (t *turn) rename(ctx context.Context, suffix string) error {
	err := t.giveName(ctx, t.container, t.name, t.want.FullName, suffix)
	if err == nil {
		t.name = t.want.FullName + suffix
	}
	return err
}

// deathOr returns the death of the container where that is why err came about.
func deathOr(ctx context.Context, err error) error {
	var died *DiedError
	if errors.As(context.Cause(ctx), &died) {
		return died
	}
	return err
}

// ping calls the service's ping until it is true.
func (t *turn) ping(ctx context.Context, action Action) (err error) {
	timeout := t.Timeout
	if t.def.PingTimeout > 0 {
		timeout = t.def.PingTimeout
	}
	// Calls of the hook that outlive it may read the cause at any time, so it
	// does not change: what the last ping said is added when it is returned.
	late := &NotReadyError{Timeout: timeout}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	defer func() { err = errors.Join(err, t.saveContext(ctx)) }()
	last := ""
	ended := func() error {
		if cause := context.Cause(ctx); !errors.Is(cause, late) {
			return cause
		}
		return &NotReadyError{Timeout: timeout, Last: last}
	}
	paces := t.Paces
	if action == Resume || action == Await {
		paces = nil // it was started some other time
	}
	pace := pace(t.Name, t.def.Image, action)
	expected := paces.of(pace)
	pause := time.NewTimer(0)
	defer pause.Stop()
	var wait, before time.Duration
	for attempt := 1; ; attempt++ {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ended()
		}
		t.emit(Event{Service: t.Name, Phase: PhasePinging, Attempt: attempt, Cause: last})
		asked := time.Since(t.startedAt)
		ready, reason, err := t.Hooks.Ping(ctx)
		switch {
		case ctx.Err() != nil:
			return ended()
		case err != nil:
			return err
		case ready:
			paces.note(pace, before, asked)
			return t.stillRuns(ctx)
		}
		before = asked
		last = reason
		if err := t.sayWaiting(ctx); err != nil {
			return err
		}
		wait = pauseAfter(wait, time.Since(t.startedAt), expected)
		pause.Reset(wait)
	}
}

// state tells how the container is now. Where it simply runs, a list of one is
// enough: to read all that an inspection tells takes several times as long.
func (t *turn) state(ctx context.Context) (ContainerState, error) {
	listed, err := t.Engine.Containers(ctx, Selector{Group: t.Group, ID: t.container})
	if err != nil {
		return ContainerState{}, err
	}
	if len(listed) == 1 && (listed[0].State == "running" || listed[0].State == "paused") {
		return ContainerState{Status: listed[0].State, Running: true, Health: listed[0].Health}, nil
	}
	return t.Engine.State(ctx, t.container)
}

// stillRuns asks the engine whether the container runs: something else may
// have answered the ping of a container that is dead.
func (t *turn) stillRuns(ctx context.Context) error {
	state, err := t.state(ctx)
	if err != nil {
		return err
	}
	if !state.Running || state.Status == "restarting" {
		return &DiedError{ExitCode: state.ExitCode, OOMKilled: state.OOMKilled}
	}
	return nil
}

// healthcheck waits until the engine calls the container healthy. checked is
// false where it has no healthcheck, or none is known of.
func (t *turn) healthcheck(ctx context.Context) (checked bool, err error) {
	state, err := t.state(ctx)
	if err != nil {
		return false, err
	}
	if !state.Running {
		t.life.die(state.ExitCode)
		return state.Health != "", &DiedError{ExitCode: state.ExitCode, OOMKilled: state.OOMKilled}
	}
	if state.Health == "" {
		return false, nil
	}
	timeout := t.Timeout
	if t.def.PingTimeout > 0 {
		timeout = t.def.PingTimeout
	}
	late := &NotReadyError{Timeout: timeout, Last: "the healthcheck says " + state.Health}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	t.phase(t.Name, PhasePinging, late.Last)
	if state.Health != "healthy" {
		if err := t.sayWaiting(ctx); err != nil {
			return true, err
		}
	}
	for health := state.Health; health != "healthy"; {
		if health == "unhealthy" {
			return true, t.unhealthy(ctx)
		}
		select {
		case health = <-t.life.health:
		case <-ctx.Done():
			return true, context.Cause(ctx)
		}
	}
	return true, nil
}

func (t *turn) unhealthy(ctx context.Context) error {
	state, err := t.Engine.State(ctx, t.container)
	if err != nil {
		return err
	}
	output := strings.TrimSpace(state.HealthLog)
	if output == "" {
		output = "its healthcheck failed without output"
	}
	return fmt.Errorf("the container is unhealthy: %s", output)
}

// settle waits until the service has stayed up for the settle time.
func (t *turn) settle(ctx context.Context) error {
	if t.Settle == 0 && t.Hooks.PostStart == nil {
		return nil // the engine was asked a moment ago
	}
	if t.Settle > 0 {
		t.phase(t.Name, PhaseSettling, seconds(t.Settle))
		if err := t.sayWaiting(ctx); err != nil {
			return err
		}
	}
	timer := time.NewTimer(time.Until(t.startedAt.Add(t.Settle)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return t.stillRuns(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// runToEnd waits until a one-shot service has ended with exit code 0.
func (t *turn) runToEnd(ctx context.Context) error {
	timeout := t.Timeout
	if t.def.PingTimeout > 0 {
		timeout = t.def.PingTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not ended after %s", seconds(timeout)))
	defer cancel()
	select {
	case <-t.life.died:
		if t.life.exitCode != 0 {
			return &DiedError{ExitCode: t.life.exitCode}
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
