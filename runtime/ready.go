package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// NotReadyError says that a service did not become ready in time.
type NotReadyError struct {
	Timeout time.Duration
	Last    string // why the last ping or healthcheck failed; may be ""
	Deaths  int    // how often its container ended, and was started again by its restart policy
	Advice  string // what to do, where that can be seen; may be ""
}

func (e *NotReadyError) Error() string {
	message := "timed out after " + seconds(e.Timeout)
	if e.Last != "" {
		message += ": " + e.Last
	}
	if e.Deaths > 0 {
		message += fmt.Sprintf(" (the container exited %s)", times(e.Deaths))
	}
	return message
}

// Hint says what to do.
func (e *NotReadyError) Hint() string { return e.Advice }

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
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
	case t.service.Hooks.Ping != nil:
		if err := t.ping(alive, action); err != nil {
			return t.whileWaitingFor("ping", deathOr(alive, err))
		}
	default:
		checked, err := t.healthcheck(alive)
		if err != nil && !checked {
			return deathOr(alive, err)
		}
		if err != nil {
			return t.whileWaitingFor("healthcheck", deathOr(alive, err))
		}
		settles = !checked
	}
	if action == Create || action == Replace || action == Resume {
		if err := t.postStart(alive); err != nil {
			return err
		}
	}
	if settles {
		// Its dependants may start at once, but it counts only later.
		t.node.markUp(nil)
		if err := t.settle(alive); err != nil {
			return deathOr(alive, err)
		}
	}
	if err := t.node.await(alive, done); err != nil {
		return err
	}
	if alive.Err() != nil {
		return context.Cause(alive) // it died in its postStart, which did not mind
	}
	return nil
}

// postStart calls the hook. The event of a death that it did not mind may come
// late, so that the engine is asked where nobody does so later.
func (t *turn) postStart(ctx context.Context) error {
	if t.service.Hooks.PostStart == nil {
		return nil
	}
	if err := t.runner.hook(ctx, t.service.Name, PhasePostStart, t.options.Timeout, t.service.Hooks.PostStart); err != nil {
		return deathOr(ctx, err)
	}
	if t.def.OneShot {
		return nil
	}
	if died := t.stillRuns(ctx); !t.isRevived(died) {
		return deathOr(ctx, died)
	}
	return nil
}

// publishReady says that the container is ready: at once to a command that comes
// after a kill, to people and to the dependants, then by its name, which takes
// longer. What was said stays true where ctx ends meanwhile, or the engine fails:
// the next command gives the container its name.
func (t *turn) publishReady(ctx context.Context, d Decision) {
	t.runner.Journal.Note(state.VerbReady, t.container)
	t.runner.emit(Event{Service: t.service.Name, Phase: PhaseReady, Cause: d.String(), Duration: time.Since(t.began), Ports: t.ports(ctx, t.container)})
	t.node.started = true
	t.runner.LastEnds.Forget(t.service.Name)
	t.node.markDone(nil)
	t.node.yieldToDependants(ctx)
	naming, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	if err := t.rename(naming, ""); err != nil {
		t.runner.phase(t.service.Name, PhaseNotice, fmt.Sprintf("its container keeps the name %s, renaming it failed: %v", t.name, err))
	}
	t.runner.Journal.Note(state.VerbDone, t.container)
}

// dependantsFirst is how long a name waits for dependants that start.
const dependantsFirst = time.Second

// yieldToDependants waits while the engine starts the dependants. Both it and a
// new name write to the engine's one store of networks, and nobody waits for the
// name.
func (n *node) yieldToDependants(ctx context.Context) {
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

// markNotReady says by its name that a container which was restarted is not ready
// yet. A new one says so from the beginning; of one that is ready at once only
// the journal knows that it was not. Where the container ends meanwhile, the
// engine may fail over what it had in the network: then its end is the error, and
// one that was restarted gets the name all the same.
func (t *turn) markNotReady(ctx context.Context) error {
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
	err := t.runner.giveName(ctx, t.container, t.name, t.want.FullName, suffix)
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

// whileWaitingFor makes an error say what was waited for.
func (t *turn) whileWaitingFor(hook string, err error) error {
	if died, ok := errors.AsType[*DiedError](err); ok {
		died := *died
		died.While = hook
		return &died
	}
	return &HookError{Service: t.service.Name, Hook: hook, Err: err}
}

// pingTimeout is how long the service may take to become ready.
func (t *turn) pingTimeout() time.Duration {
	if t.def.PingTimeout > 0 {
		return t.def.PingTimeout
	}
	return t.options.Timeout
}

// ping calls the service's ping until it is true.
func (t *turn) ping(ctx context.Context, action Action) (err error) {
	timeout := t.pingTimeout()
	// Calls of the hook that outlive it may read the cause at any time, so it
	// does not change: what the last ping said is added when it is returned.
	late := &NotReadyError{Timeout: timeout}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	defer func() { err = errors.Join(err, t.runner.saveContext(ctx)) }()
	patience := newPatience(t)
	ended := func() error {
		if cause := context.Cause(ctx); !errors.Is(cause, late) {
			return cause
		}
		return &NotReadyError{Timeout: timeout, Last: patience.last.Reason, Deaths: t.life.deaths(), Advice: patience.advice(ctx)}
	}
	times := t.runner.ReadyTimes
	if action == Resume || action == Await {
		times = nil // it was started some other time
	}
	key := readyKey(t.service.Name, t.def.Image, action)
	expected := times.Of(key)
	pause := time.NewTimer(0)
	defer pause.Stop()
	var wait, before time.Duration
	for attempt := 1; ; attempt++ {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ended()
		}
		t.runner.emit(patience.event(attempt))
		asked := time.Since(t.startedAt)
		ready, answer, err := callPing(ctx, t.service)
		switch {
		case ctx.Err() != nil:
			return ended()
		case ready || err != nil:
			died := t.stillRuns(ctx)
			if t.isRevived(died) {
				answer = spec.NotYetError{Reason: died.Error()} // by something else, or about a container that does not run
				break
			}
			if _, dead := errors.AsType[*DiedError](died); err != nil && !dead {
				return err
			}
			if died == nil {
				times.Note(key, before, asked)
			}
			return died
		}
		before = asked
		patience.heard(ctx, answer)
		if err := t.markNotReady(ctx); err != nil {
			return err
		}
		wait = pauseAfter(wait, time.Since(t.startedAt), expected)
		pause.Reset(wait)
	}
}

// state tells how the container is now. Where it simply runs, a list of one is
// enough: to read all that an inspection tells takes several times as long.
func (t *turn) state(ctx context.Context) (ContainerState, error) {
	listed, err := t.runner.Engine.Containers(ctx, Selector{Group: t.runner.Group, ID: t.container})
	if err != nil {
		return ContainerState{}, err
	}
	if len(listed) == 1 && (listed[0].State == "running" || listed[0].State == "paused") {
		return ContainerState{Status: listed[0].State, Running: true, Health: listed[0].Health}, nil
	}
	return t.runner.Engine.State(ctx, t.container)
}

// stillRuns asks the engine whether the container runs: something else may
// have answered the ping of a container that is dead.
func (t *turn) stillRuns(ctx context.Context) error {
	state, err := t.state(ctx)
	if err != nil {
		return err
	}
	if !state.Running || state.Status == "restarting" {
		return &DiedError{ExitCode: state.ExitCode, OOMKilled: state.OOMKilled, Revived: state.Status == "restarting"}
	}
	return nil
}

// settle waits until the service has stayed up for the settle time. One that its
// restart policy has the engine start again has to stay up from then on.
func (t *turn) settle(ctx context.Context) error {
	if t.options.Settle == 0 && t.service.Hooks.PostStart == nil {
		return nil // the engine was asked a moment ago
	}
	timeout := t.options.Settle + t.pingTimeout()
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &NotReadyError{Timeout: timeout, Last: "the container does not stay up"})
	defer cancel()
	if t.options.Settle > 0 {
		t.runner.phase(t.service.Name, PhaseSettling, seconds(t.options.Settle))
		if err := t.markNotReady(ctx); err != nil {
			return err
		}
	}
	revivable := revivalPolicyOf(t.request).Name != ""
	restarts := 0
	for until := t.startedAt.Add(t.options.Settle); ; until = time.Now().Add(max(t.options.Settle, reviveWait)) {
		timer := time.NewTimer(time.Until(until))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		died := t.stillRuns(ctx)
		if !revivable {
			return died
		}
		// The events of its deaths may be late.
		state, err := t.runner.Engine.State(ctx, t.container)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		if state.RestartCount == restarts && !t.isRevived(died) {
			return died
		}
		restarts = state.RestartCount
	}
}

// runToEnd waits until a one-shot service has ended with exit code 0.
func (t *turn) runToEnd(ctx context.Context) error {
	timeout := t.pingTimeout()
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("still running after %s", seconds(timeout)))
	defer cancel()
	select {
	case <-t.life.died:
		if t.life.exitCode != 0 {
			return &DiedError{ExitCode: t.life.exitCode, MayEnd: true}
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
