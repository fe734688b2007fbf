package runtime

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

const (
	// keptLog is how much of the log of a container that failed is kept, and
	// keptLines how many lines of it at most.
	keptLog   = 1 << 20
	keptLines = 10_000
)

// withoutContainer says why a service has no container.
func (r *Runner) withoutContainer(service string) (text string, end *state.LastEnd) {
	end = r.LastEnds.Of(service)
	if end == nil {
		return service + " has no container", nil
	}
	return service + " has no container: " + end.String(), end
}

// keepEnd remembers how the start of the service ended, before its container is
// removed. What it had before, and still has, tells for itself.
func (t *turn) keepEnd(ctx context.Context, outcome, reason string) {
	if t.runner.LastEnds == nil || !t.touched && len(t.run.have[t.service.Name]) > 0 {
		return
	}
	end := state.LastEnd{At: time.Now(), Outcome: outcome, Reason: t.runner.Secrets.Hide(spec.HidePasswords(reason))}
	if t.container != "" {
		if log, err := t.runner.Engine.Logs(ctx, t.container, LogOptions{Tail: keptLines, Timestamps: true}); err == nil {
			end.Log = []byte(t.runner.Secrets.Hide(spec.HidePasswords(string(lastLines(log, keptLog)))))
			_ = log.Close()
		}
	}
	t.runner.LastEnds.Remember(t.service.Name, end)
}

// reasonOf is the first line of an error, without the service's name.
func reasonOf(service string, err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(strings.TrimPrefix(text, fmt.Sprintf("service %q: ", service)), ":")
}

// lastLines reads to the end and returns the last whole lines within a limit.
func lastLines(from io.Reader, limit int) []byte {
	var kept []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		kept = append(kept, buffer[:n]...)
		if len(kept) > 2*limit || err != nil && len(kept) > limit {
			kept = append([]byte(nil), kept[len(kept)-limit:]...)
			_, kept, _ = bytes.Cut(kept, []byte("\n"))
		}
		if err != nil {
			return kept
		}
	}
}
