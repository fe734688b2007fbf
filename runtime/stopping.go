package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

const (
	// defaultStopTimeout is how long a container may take to end, as with Docker.
	defaultStopTimeout = 10 * time.Second
	// defaultStopHookTimeout is how long a hook of stopping may take.
	defaultStopHookTimeout = 50 * time.Second
	// slowStop is after how long a container that has not ended is reported.
	slowStop = 2 * time.Second
)

// StopSignal is the signal that asks a container to end, and what its main process
// does about it.
type StopSignal struct {
	Name     string // SIGTERM
	Init     bool   // the main process is the engine's init, which passes signals on
	Reaction Reaction
}

// Reaction is what a process does about a signal.
type Reaction string

// The reactions. A main process of a container is number 1 there, and Linux drops
// the signals to it for which it has no handler.
const (
	ReactionUnknown Reaction = ""
	ReactionHandles Reaction = "handles" // it has a handler, or waits for the signal
	ReactionIgnores Reaction = "ignores" // it has asked Linux to drop it
	ReactionDropped Reaction = "dropped" // it is number 1 and has no handler
)

// never reports whether a signal that was sent cannot have an effect.
func (r Reaction) never() bool { return r == ReactionIgnores || r == ReactionDropped }

// grace is how long a container may take to end before it is killed.
type grace struct {
	limit time.Duration
	// whole is set where it is waited for in full, also where it is certain that
	// the signal has no effect: the user has said how long, or what the container
	// does may be done by then.
	whole bool
}

// graceOf is that of a service, given the command's timeout: 0: it has none; less:
// no time at all.
func graceOf(d spec.Definition, command time.Duration) grace {
	switch {
	case d.StopTimeout > 0:
		return grace{d.StopTimeout, true}
	case command != 0:
		return grace{max(0, command), true}
	}
	return grace{defaultStopTimeout, d.OneShot}
}

// stopContainer stops a container so that a later command knows of it where this
// one does not see its end. It says why where that takes long, and gives its slot
// to another then: only the beginning and the end keep the engine busy.
func (r *Runner) stopContainer(ctx context.Context, at semaphore, service, id string, g grace) error {
	release, err := at.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	r.phase(service, PhaseStopping, "")
	return r.Journal.Doing(state.VerbStop, id, func() error {
		before, _ := r.Engine.StopSignal(ctx, id, false) // else nothing is certain
		stopped := make(chan error, 1)
		go func() { stopped <- r.Engine.Stop(ctx, id, g.limit) }()
		slow := time.NewTimer(slowStop)
		defer slow.Stop()
		select {
		case err := <-stopped:
			return err
		case <-slow.C:
		}
		if g.limit > slowStop {
			release()
			r.reportSlowStop(ctx, service, id, g, before, stopped)
		}
		return <-stopped
	})
}

// reportSlowStop says why a container has not ended yet, and kills it where
// waiting is certain to be of no use.
func (r *Runner) reportSlowStop(ctx context.Context, service, id string, g grace, before StopSignal, stopped <-chan error) {
	now, err := r.Engine.StopSignal(ctx, id, true)
	if err != nil || len(stopped) > 0 {
		return // it has ended meanwhile
	}
	// One look is not enough: a program may take its handler away once the signal
	// has come, and may have set it just before.
	certain := before.Reaction.never() && now.Reaction.never()
	early := certain && !g.whole
	r.phase(service, PhaseStopping, slowStopText(now, certain, early, g.limit))
	if early {
		_ = r.Engine.Stop(ctx, id, 0) // what comes of it, the first one tells
	}
}

func slowStopText(s StopSignal, certain, early bool, limit time.Duration) string {
	end := fmt.Sprintf("it is killed after %s", spaced(limit))
	if early {
		end = "it is killed now"
	}
	verb := "does not react to "
	if !certain {
		verb = "does not seem to react to "
	}
	switch {
	case s.Name == "SIGKILL":
		return "the engine has not killed it yet"
	case s.Reaction == ReactionDropped:
		return verb + s.Name + " (its process is PID 1 and has no handler for it): set init = true or stopSignal; " + end
	case s.Reaction == ReactionIgnores:
		return verb + s.Name + " (its process ignores it): set stopSignal to a signal that ends it; " + end
	case s.Reaction == ReactionHandles:
		return "is still shutting down after " + s.Name + ": " + end + " (set stopTimeout to give it longer, or stopSignal if another signal ends it)"
	case s.Init:
		return "has not reacted to " + s.Name + " yet: set stopSignal if another signal ends it; " + end
	}
	return "has not reacted to " + s.Name + " yet: if it ignores the signal, set init = true or stopSignal; " + end
}

// spaced formats a duration as sentences have it: 10 s.
func spaced(d time.Duration) string { return spec.FormatNumber(d.Seconds()) + " s" }

// wasStopped reports whether a container ended because of its stop signal, or of a
// kill that was none of the memory's: not by itself.
func (s ContainerState) wasStopped() bool {
	killed := map[string]int{"SIGHUP": 129, "SIGINT": 130, "SIGQUIT": 131, "SIGABRT": 134, "SIGUSR1": 138, "SIGUSR2": 140, "SIGTERM": 143}
	return s.ExitCode == 137 && !s.OOMKilled || s.StopSignal != "" && s.ExitCode == killed[s.StopSignal]
}
