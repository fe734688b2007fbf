package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// endsAfter makes the container of a service end so long after it was asked to,
// or when it is asked again.
func endsAfter(w *world, took map[string]time.Duration) {
	asked := map[string]chan struct{}{}
	w.engine.before = func(ctx context.Context, operation string) error {
		service, isStop := strings.CutPrefix(operation, "stop ")
		if !isStop {
			return nil
		}
		w.engine.mu.Lock()
		again, isAgain := asked[service]
		if !isAgain {
			again = make(chan struct{})
			asked[service] = again
		}
		w.engine.mu.Unlock()
		if isAgain {
			close(again)
			return nil
		}
		select {
		case <-time.After(took[service]):
			return nil
		case <-again:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stoppingTexts returns what was said of services that are being stopped.
func stoppingTexts(w *world) string {
	var all []string
	for _, e := range w.events {
		if e.Phase == PhaseStopping && e.Cause != "" {
			all = append(all, e.Service+" "+e.Cause)
		}
	}
	return strings.Join(all, "\n")
}

func TestSlowStop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		signal  StopSignal
		hidden  bool
		oneShot bool
		own     time.Duration // its stopTimeout
		timeout time.Duration // the command's
		ends    time.Duration
		took    time.Duration
		says    string
	}{
		{name: "in time", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}, ends: 1900 * time.Millisecond, took: 1900 * time.Millisecond},
		{name: "drops it", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}, ends: 10 * time.Second, took: 2 * time.Second,
			says: "a does not react to SIGTERM (its process is PID 1 and has no handler for it): set init = true or stopSignal; it is killed now"},
		{name: "ignores it", signal: StopSignal{Name: "SIGINT", Reaction: ReactionIgnores}, ends: 10 * time.Second, took: 2 * time.Second,
			says: "a does not react to SIGINT (its process ignores it): set stopSignal to a signal that ends it; it is killed now"},
		{name: "drops it, as was seen inside only", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}, hidden: true, ends: 10 * time.Second, took: 10 * time.Second,
			says: "a does not seem to react to SIGTERM (its process is PID 1 and has no handler for it): set init = true or stopSignal; it is killed after 10 s"},
		{name: "a time of the command's", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}, timeout: 4500 * time.Millisecond, ends: 4500 * time.Millisecond, took: 4500 * time.Millisecond,
			says: "a does not react to SIGTERM (its process is PID 1 and has no handler for it): set init = true or stopSignal; it is killed after 4.5 s"},
		{name: "a time of its own", signal: StopSignal{Name: "SIGQUIT", Reaction: ReactionDropped}, own: time.Minute, ends: time.Minute, took: time.Minute,
			says: "a does not react to SIGQUIT (its process is PID 1 and has no handler for it): set init = true or stopSignal; it is killed after 60 s"},
		{name: "may be done by then", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}, oneShot: true, ends: 5 * time.Second, took: 5 * time.Second,
			says: "a does not react to SIGTERM (its process is PID 1 and has no handler for it): set init = true or stopSignal; it is killed after 10 s"},
		{name: "is slow", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionHandles}, ends: 7 * time.Second, took: 7 * time.Second,
			says: "a is still shutting down after SIGTERM: it is killed after 10 s (set stopTimeout to give it longer, or stopSignal if another signal ends it)"},
		{name: "behind init", signal: StopSignal{Name: "SIGTERM", Init: true}, ends: 3 * time.Second, took: 3 * time.Second,
			says: "a has not reacted to SIGTERM yet: set stopSignal if another signal ends it; it is killed after 10 s"},
		{name: "nothing is known", signal: StopSignal{Name: "SIGWINCH"}, ends: 3 * time.Second, took: 3 * time.Second,
			says: "a has not reacted to SIGWINCH yet: if it ignores the signal, set init = true or stopSignal; it is killed after 10 s"},
		{name: "no time", signal: StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}, timeout: -1, ends: 3 * time.Second, took: 3 * time.Second},
		{name: "SIGKILL", signal: StopSignal{Name: "SIGKILL"}, ends: 3 * time.Second, took: 3 * time.Second, says: "a the engine has not killed it yet"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, "a:", func(s map[string]*spec.Service) {
				s["a"].Loaded.OneShot, s["a"].Loaded.StopTimeout = test.oneShot, test.own
			})
			leftBy(w, "a", "running")
			c := w.engine.containers["id-a"]
			c.signal, c.hidden = test.signal, test.hidden
			endsAfter(w, map[string]time.Duration{"a": test.ends})
			began := time.Now()
			if err := w.runner.Stop(t.Context(), StopOptions{Timeout: test.timeout}); err != nil {
				t.Fatal(err)
			}
			same(t, "took", time.Since(began).String(), test.took.String())
			same(t, "says", stoppingTexts(w), test.says)
			same(t, "outcomes", w.outcomes(), "a: stopped")
		})
	}

	bubble(t, "a handler that is gone when the signal has come", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		leftBy(w, "a", "running")
		c := w.engine.containers["id-a"]
		c.signal = StopSignal{Name: "SIGTERM", Reaction: ReactionHandles}
		endsAfter(w, map[string]time.Duration{"a": 6 * time.Second})
		time.AfterFunc(time.Second, func() {
			w.engine.mu.Lock()
			defer w.engine.mu.Unlock()
			c.signal.Reaction = ReactionDropped
		})
		began := time.Now()
		if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
			t.Fatal(err)
		}
		same(t, "took", time.Since(began).String(), "6s")
	})

	bubble(t, "thirty do not wait for each other", func(t *testing.T) {
		var graph strings.Builder
		took := map[string]time.Duration{}
		for i := range 30 {
			fmt.Fprintf(&graph, "s%d:\n", i)
			took[fmt.Sprintf("s%d", i)] = 10 * time.Second
		}
		w := newWorld(t, graph.String(), nil)
		for _, name := range w.runner.Graph.Names() {
			leftBy(w, name, "running")
		}
		endsAfter(w, took)
		began := time.Now()
		if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
			t.Fatal(err)
		}
		// A dozen at 0, 2 and 4 s.
		same(t, "took", time.Since(began).String(), "14s")
	})

	bubble(t, "a chain that drops its signal", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc: b", nil)
		for _, name := range []string{"a", "b", "c"} {
			leftBy(w, name, "running")
			w.engine.containers["id-"+name].signal = StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}
		}
		endsAfter(w, map[string]time.Duration{"a": 10 * time.Second, "b": 10 * time.Second, "c": 10 * time.Second})
		began := time.Now()
		if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
			t.Fatal(err)
		}
		same(t, "took", time.Since(began).String(), "6s")
	})

	bubble(t, "one that is replaced", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		leftBy(w, "a", "running")
		w.engine.containers["id-a"].Image, w.engine.containers["id-a"].ImageID = "web:0", "id of web:0"
		w.engine.containers["id-a"].signal = StopSignal{Name: "SIGTERM", Reaction: ReactionDropped}
		endsAfter(w, map[string]time.Duration{"a": 10 * time.Second})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "says", stoppingTexts(w), "a does not react to SIGTERM (its process is PID 1 and has no handler for it): set init = true or stopSignal; it is killed now")
	})

	bubble(t, "interrupted", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		leftBy(w, "a", "running")
		var asked atomic.Int32
		w.engine.before = func(ctx context.Context, operation string) error {
			if operation != "stop a" {
				return nil
			}
			asked.Add(1)
			return pass(ctx, time.Minute)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(ErrInterrupted) })
		began := time.Now()
		if err := w.runner.Stop(ctx, StopOptions{}); !errors.Is(err, ErrInterrupted) {
			t.Errorf("error: %v", err)
		}
		same(t, "took", time.Since(began).String(), "3s")
		same(t, "asked", fmt.Sprint(asked.Load()), "1")
	})
}
