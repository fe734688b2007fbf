package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	// lastLogLines is how much of a failed container's log is shown.
	lastLogLines = 20
	// cleanUpLimit is how long cleaning up after a failure may take.
	cleanUpLimit = 60 * time.Second
	// markLimit is how long marking a container that is removed may take.
	markLimit = 5 * time.Second
)

// fail reports why a service is not started, and removes its container. It
// works also when ctx has ended.
func (t *turn) fail(ctx context.Context, err error) error {
	cleanUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	duration := time.Since(t.began)
	var skipped *SkippedError
	switch {
	case t.runner.ending(ctx):
		// The whole run ends, which is reported once and not by each service.
		if t.container != "" {
			t.keepEnd(cleanUp, "interrupted", "")
			t.remove(cleanUp)
			t.runner.phase(t.service.Name, PhaseRemoved, "it was not ready yet")
		}
	case errors.As(err, &skipped):
		t.keepEnd(cleanUp, "skipped", skipped.Dependency+" failed")
		t.remove(cleanUp)
		t.runner.emit(Event{Service: t.service.Name, Phase: PhaseSkipped, Cause: skipped.Dependency + " failed", Duration: duration, Running: t.runsOn()})
	default:
		err = t.named(t.fullDeath(cleanUp, err))
		logs := t.lastLogs(cleanUp)
		t.keepEnd(cleanUp, "failed", reasonOf(t.service.Name, err))
		t.discard(cleanUp)
		t.runner.emit(Event{Service: t.service.Name, Phase: PhaseFailed, Err: err, Logs: logs, Duration: duration, Running: t.runsOn()})
	}
	return err
}

// runsOn reports whether the container that the service had before runs on, since
// nothing was done to it.
func (t *turn) runsOn() bool {
	return !t.touched && slices.ContainsFunc(t.run.have[t.service.Name], runs)
}

// named makes sure that an error names its service.
func (t *turn) named(err error) error {
	var hook *HookError
	if errors.As(err, &hook) && hook.Service == t.service.Name {
		return err
	}
	return fmt.Errorf("service %q: %w", t.service.Name, err)
}

// fullDeath adds what the engine knows of a container's death, which its event
// does not tell. It makes a new error: hooks that the death has ended may still
// read the old one.
func (t *turn) fullDeath(ctx context.Context, err error) error {
	var died *DiedError
	if !errors.As(err, &died) {
		return err
	}
	state, stateErr := t.runner.Engine.State(ctx, t.container)
	if stateErr != nil || state.Running {
		return err
	}
	full := *died
	full.ExitCode, full.OOMKilled, full.Restarts, full.MayEnd = state.ExitCode, state.OOMKilled, state.RestartCount, t.def.OneShot
	died = &full
	var hook *HookError
	if errors.As(err, &hook) {
		return &HookError{Service: hook.Service, Hook: hook.Hook, Err: died}
	}
	return died
}

// lastLogs returns the last lines of the container's log.
func (t *turn) lastLogs(ctx context.Context) []string {
	if t.container == "" {
		return nil
	}
	text, err := readLogs(ctx, t.runner.Engine, t.container, LogOptions{Tail: lastLogLines})
	if err != nil {
		return []string{fmt.Sprintf("(cannot read the log: %v)", err)}
	}
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func readLogs(ctx context.Context, engine Engine, id string, o LogOptions) (string, error) {
	reader, err := engine.Logs(ctx, id, o)
	if err != nil {
		return "", err
	}
	defer func() { _ = reader.Close() }()
	text, err := io.ReadAll(reader)
	return string(text), err
}

// discard removes the failed container, or keeps it under a name by which the
// next start knows that it failed.
func (t *turn) discard(ctx context.Context) {
	if !t.options.KeepFailed || t.container == "" {
		t.remove(ctx)
		return
	}
	_ = t.rename(ctx, suffixFailed) // else the journal says it
	t.runner.phase(t.service.Name, PhaseNotice, "keeping its container "+t.name+"; the next start replaces it")
}

func (t *turn) remove(ctx context.Context) {
	if t.container == "" {
		return
	}
	t.runner.Containers.set(t.service.Name, "")
	if !t.life.isDead() {
		// Where this process is killed now, the engine still carries the removal
		// out, and the next start must not take the container for one that runs.
		short, cancel := context.WithTimeout(ctx, markLimit)
		_ = t.rename(short, suffixFailed) // worth no message: it goes
		cancel()
	}
	// It is killed, so it counts as a stop.
	err := t.run.stops.do(ctx, func() error { return t.runner.removeContainer(ctx, t.container) })
	if err != nil {
		t.runner.emit(Event{Service: t.service.Name, Phase: PhaseError, Err: fmt.Errorf("container %s cannot be removed: %w", t.name, err)})
	}
}
