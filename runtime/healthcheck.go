package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Healthcheck is how a container's health is asked.
type Healthcheck struct {
	Test    []string      // the command
	Timeout time.Duration // of one call
}

// healthcheck waits until the container is healthy. The engine runs the
// healthcheck at its interval, which is 30 s where nobody has set one: so it is
// run here too, at the pace of a ping, and who calls the container healthy first
// is right. checked is false where it has no healthcheck.
func (t *turn) healthcheck(ctx context.Context) (checked bool, err error) {
	state, err := t.runner.Engine.State(ctx, t.container)
	if err != nil {
		return false, err
	}
	if died := (&DiedError{ExitCode: state.ExitCode, OOMKilled: state.OOMKilled}); !state.Running && !t.isRevived(died) {
		t.life.die(state.ExitCode)
		return state.Healthcheck != nil, died
	}
	if state.Healthcheck == nil {
		return false, nil
	}
	timeout := t.pingTimeout()
	late := &NotReadyError{Timeout: timeout}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	last := "the healthcheck reports " + state.Health
	if state.Health == "" {
		last = ""
	}
	unhealthy := state.Health == "unhealthy"
	answers := make(chan error, 1) // nil: healthy
	ask := func() {
		go func() { answers <- runHealthcheck(ctx, t.runner.Engine, t.container, *state.Healthcheck) }()
	}
	if state.Health == "healthy" {
		answers <- nil
	} else {
		ask()
	}
	t.runner.phase(t.service.Name, PhasePinging, last)
	pause := time.NewTimer(timeout)
	defer pause.Stop()
	began := time.Now()
	for wait, attempt := time.Duration(0), 1; ; {
		select {
		case health := <-t.life.health:
			switch health {
			case "healthy":
				return true, nil
			case "unhealthy":
				return true, t.unhealthy(ctx)
			}
		case err := <-answers:
			switch {
			case ctx.Err() != nil:
				continue
			case err == nil:
				if died := t.stillRuns(ctx); !t.isRevived(died) {
					return true, died
				}
			case unhealthy:
				return true, t.unhealthy(ctx)
			default:
				last = err.Error()
			}
			if err := t.markNotReady(ctx); err != nil {
				return true, err
			}
			attempt++
			t.runner.emit(Event{Service: t.service.Name, Phase: PhasePinging, Attempt: attempt, Cause: "healthcheck: " + last})
			// A check that takes long is not to keep the machine busy.
			wait = pauseAfter(wait, time.Since(t.startedAt), 0)
			pause.Reset(max(wait, min(time.Since(began), longestCheckPause)))
		case <-pause.C:
			began = time.Now()
			ask()
		case <-ctx.Done():
			if !errors.Is(context.Cause(ctx), late) {
				return true, context.Cause(ctx)
			}
			return true, &NotReadyError{Timeout: timeout, Last: last, Deaths: t.life.deaths()}
		}
	}
}

// longestCheckPause bounds the pause after a healthcheck that took long.
const longestCheckPause = time.Second

// runHealthcheck runs a container's healthcheck once. The error says why it is
// not healthy.
func runHealthcheck(ctx context.Context, engine Engine, id string, check Healthcheck) error {
	ctx, cancel := context.WithTimeoutCause(ctx, check.Timeout, fmt.Errorf("no answer within %s", seconds(check.Timeout)))
	defer cancel()
	result, err := engine.Exec(ctx, id, ExecOptions{Cmd: check.Test})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case result.ExitCode == 0:
		return nil
	}
	text := fmt.Sprintf("exit code %d", result.ExitCode)
	if line := lastLine(result.Stdout + "\n" + result.Stderr); line != "" {
		text += ": " + line
	}
	return errors.New(text)
}

func (t *turn) unhealthy(ctx context.Context) error {
	state, err := t.runner.Engine.State(ctx, t.container)
	if err != nil {
		return err
	}
	output := strings.TrimSpace(state.HealthLog)
	if output == "" {
		output = "healthcheck failed without output"
	}
	return fmt.Errorf("container is unhealthy: %s", output)
}
