package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A container whose restart policy has the engine start it again is not dead when
// it ends: only when the policy gives up. Until then the service is waited for.

// revivalPolicy is what the engine does when a container ends.
type revivalPolicy struct {
	Name              string // "", no, always, unless-stopped, on-failure
	MaximumRetryCount int    // of on-failure; 0: any number
}

func revivalPolicyOf(request []byte) revivalPolicy {
	var r struct {
		HostConfig struct{ RestartPolicy revivalPolicy }
	}
	_ = json.Unmarshal(request, &r) // one that is broken asks for none
	return r.HostConfig.RestartPolicy
}

// String is the policy as users write it.
func (p revivalPolicy) String() string {
	if p.MaximumRetryCount > 0 {
		return fmt.Sprintf("%s:%d", p.Name, p.MaximumRetryCount)
	}
	return p.Name
}

// restarts reports whether the engine starts a container again that ended with an
// exit code, and was started again so many times before.
func (p revivalPolicy) restarts(exitCode, before int) bool {
	switch p.Name {
	case "always", "unless-stopped":
		return true
	case "on-failure":
		return exitCode != 0 && (p.MaximumRetryCount == 0 || before < p.MaximumRetryCount)
	}
	return false
}

// reviveWait is how long a container that has ended may look as if it had ended
// for good: Podman starts it again from outside.
const reviveWait = time.Second

// revives reports whether the engine starts the service's container again after
// it has ended.
func (t *turn) revives(exitCode, before int) bool {
	if t.def.OneShot && exitCode == 0 {
		return false // it has done its work
	}
	return revivalPolicyOf(t.request).restarts(exitCode, before)
}

// isRevived tells whether an error is the death of a container that the engine is
// about to start again.
func (t *turn) isRevived(err error) bool {
	died, ok := errors.AsType[*DiedError](err)
	return ok && !t.life.isDead() && (died.Revived && revivalPolicyOf(t.request).Name != "" || t.revives(died.ExitCode, t.life.deaths()))
}

// sayRevived tells of a death, with the last that the container had to say.
func (t *turn) sayRevived(ctx context.Context, id string, exitCode int) {
	text := fmt.Sprintf("container exited with code %d and is restarted (restart = %q)", exitCode, revivalPolicyOf(t.request))
	if log, err := readLogs(ctx, t.runner.Engine, id, LogOptions{Tail: 1}); err == nil && strings.TrimSpace(log) != "" {
		text += ": " + lastLine(log)
	}
	t.runner.phase(t.service.Name, PhaseNotice, text)
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
}

// ended is told of a container that has ended, and waits until it is certain
// whether for good.
func (w *watcher) ended(ctx context.Context, l *life, id string, state ContainerState) {
	restarting := state.Status == "restarting"
	if l.revives == nil || !l.revives(state.ExitCode, max(state.RestartCount-btoi(restarting), 0)) {
		l.die(state.ExitCode)
		return
	}
	if !restarting {
		timer := time.NewTimer(reviveWait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		again, err := w.state(ctx, id)
		runsAgain := again.Running && (!state.Running || again.StartedAt.After(state.StartedAt))
		if ctx.Err() == nil && (err != nil || !runsAgain && again.Status != "restarting") {
			l.die(state.ExitCode)
			return
		}
	}
	l.revive(ctx, state.ExitCode)
}
