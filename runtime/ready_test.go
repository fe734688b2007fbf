package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// pings starts one service with a ping, and returns when it was called and
// what became of it.
func pings(t *testing.T, change func(w *world, s *spec.Service), ping func(ctx context.Context, call int) (bool, string, error)) (calls []time.Duration, took time.Duration, w *world) {
	t.Helper()
	var began time.Time
	w = newWorld(t, "a:", func(s map[string]*spec.Service) {
		s["a"].Hooks.Ping = func(ctx context.Context) (bool, string, error) {
			calls = append(calls, time.Since(began))
			return ping(ctx, len(calls))
		}
	})
	if change != nil {
		change(w, w.runner.Graph.Service("a"))
	}
	began = time.Now()
	_ = w.start(t.Context()) // what became of it is in the events
	return calls, time.Since(began), w
}

func TestPing(t *testing.T) {
	t.Parallel()
	bubble(t, "at once, and then at most 0.1 s apart", func(t *testing.T) {
		calls, took, w := pings(t, nil, func(_ context.Context, call int) (bool, string, error) { return call == 20, "refused", nil })
		if calls[0] != 0 {
			t.Errorf("the first call is after %v", calls[0])
		}
		for i := 1; i < len(calls); i++ {
			if pause := calls[i] - calls[i-1]; pause <= 0 || pause > 100*time.Millisecond {
				t.Errorf("%v between call %d and the next", pause, i)
			}
		}
		if len(calls) != 20 || took != calls[19] {
			t.Errorf("%d calls in %v", len(calls), took)
		}
		if calls[2] > 20*time.Millisecond {
			t.Errorf("the third call is only after %v", calls[2])
		}
		same(t, "outcomes", w.outcomes(), "a: ready: new container")
	})

	bubble(t, "events tell the attempt and the last reason", func(t *testing.T) {
		_, _, w := pings(t, nil, func(_ context.Context, call int) (bool, string, error) {
			return call == 3, fmt.Sprint("reason ", call), nil
		})
		var got string
		for _, e := range w.events {
			if e.Phase == PhasePinging {
				got += fmt.Sprintf("%d %q ", e.Attempt, e.Cause)
			}
		}
		same(t, "events", got, `1 "" 2 "reason 1" 3 "reason 2" `)
	})

	bubble(t, "never true ends at the timeout with the last reason", func(t *testing.T) {
		_, took, w := pings(t, nil, func(context.Context, int) (bool, string, error) {
			return false, "connect 127.0.0.1:8080: connection refused", nil
		})
		if took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 30 s: connect 127.0.0.1:8080: connection refused`)
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "without a reason", func(t *testing.T) {
		_, _, w := pings(t, nil, func(context.Context, int) (bool, string, error) { return false, "", nil })
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 30 s`)
	})

	bubble(t, "a ping that blocks ends at the timeout with the reason before", func(t *testing.T) {
		calls, took, w := pings(t, nil, func(ctx context.Context, call int) (bool, string, error) {
			if call < 3 {
				return false, "starting up", nil
			}
			<-ctx.Done()
			return false, "", ctx.Err()
		})
		if len(calls) != 3 || took != 30*time.Second {
			t.Errorf("%d calls in %v", len(calls), took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 30 s: starting up`)
	})

	bubble(t, "true, but too late", func(t *testing.T) {
		_, _, w := pings(t, nil, func(ctx context.Context, _ int) (bool, string, error) { <-ctx.Done(); return true, "", nil })
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 30 s`)
	})

	bubble(t, "its own timeout", func(t *testing.T) {
		_, took, w := pings(t, func(w *world, _ *spec.Service) { w.fields["a"]["pingTimeout"] = 1.5 }, func(context.Context, int) (bool, string, error) { return false, "no", nil })
		if took != 1500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 1.5 s: no`)
	})

	bubble(t, "an error fails it at once", func(t *testing.T) {
		calls, took, w := pings(t, nil, func(_ context.Context, call int) (bool, string, error) {
			if call == 2 {
				return false, "", errors.New("unknown scheme")
			}
			return false, "", nil
		})
		if len(calls) != 2 || took > 100*time.Millisecond {
			t.Errorf("%d calls in %v", len(calls), took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: unknown scheme`)
	})

	bubble(t, "a container that dies ends it at once", func(t *testing.T) {
		_, took, w := pings(t, func(w *world, _ *spec.Service) { w.engine.started["a"] = diesAfter(2345*time.Millisecond, 7) },
			func(context.Context, int) (bool, string, error) { return false, "refused", nil })
		if took != 2345*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 7 while waiting for ping`)
	})

	bubble(t, "also while the ping blocks", func(t *testing.T) {
		_, took, w := pings(t, func(w *world, _ *spec.Service) { w.engine.started["a"] = diesAfter(time.Second, 7) },
			func(ctx context.Context, _ int) (bool, string, error) { <-ctx.Done(); return false, "", ctx.Err() })
		if took != time.Second {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 7 while waiting for ping`)
	})

	bubble(t, "what outlives the ping may read why it ended", func(t *testing.T) {
		// A hook need not wait for what it calls. The race detector judges.
		outlive := func(ctx context.Context, call int) (bool, string, error) {
			if call == 1 {
				go func() { <-ctx.Done(); _ = context.Cause(ctx).Error() }()
			}
			return false, "refused", nil
		}
		_, _, w := pings(t, func(w *world, _ *spec.Service) { w.engine.started["a"] = diesAfter(time.Second, 7) }, outlive)
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 7 while waiting for ping`)
		_, _, w = pings(t, nil, outlive)
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 30 s: refused`)
	})

	bubble(t, "true although the container is dead", func(t *testing.T) {
		// Something else answers, and the engine's event is late.
		_, _, w := pings(t, nil, func(context.Context, int) (bool, string, error) { return true, "", nil })
		same(t, "outcomes", w.outcomes(), "a: ready: new container")
		_, _, w = pings(t, func(w *world, _ *spec.Service) {
			w.engine.started["a"] = func(_ *fakeEngine, c *fakeContainer) { c.State, c.ExitCode = "exited", 5 }
		}, func(context.Context, int) (bool, string, error) { return true, "", nil })
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 5 while waiting for ping`)
	})

	bubble(t, "true in a container that is restarted again and again", func(t *testing.T) {
		_, _, w := pings(t, func(w *world, _ *spec.Service) {
			w.engine.started["a"] = func(_ *fakeEngine, c *fakeContainer) { c.State, c.ExitCode = "restarting", 2 }
		}, func(context.Context, int) (bool, string, error) { return true, "", nil })
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 2 while waiting for ping`)
	})
}

func TestPostStart(t *testing.T) {
	t.Parallel()
	bubble(t, "that takes too long", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = func(ctx context.Context) error { <-ctx.Done(); return errors.New("AbortError") }
		})
		began := time.Now()
		_ = w.start(t.Context())
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": postStart: timed out after 30 s`)
	})

	bubble(t, "whose container dies", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = func(ctx context.Context) error { <-ctx.Done(); return errors.New("AbortError") }
		})
		w.engine.started["a"] = diesAfter(time.Second, 9)
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 9`)
	})

	bubble(t, "whose container dies without its minding", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: func(context.Context) error { time.Sleep(2 * time.Second); return nil }}
		})
		w.engine.started["a"] = diesAfter(time.Second, 9)
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": container exited with code 9\nb: skipped: a failed")
	})

	bubble(t, "whose container dies while its dependency settles", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) { s["b"].Hooks.Ping = ready(0) })
		w.engine.started["b"] = diesAfter(500*time.Millisecond, 9)
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), "a: ready: new container\nb: failed: service \"b\": container exited with code 9")
	})
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, status string
		after, took  time.Duration
		want         string
	}{
		{"healthy", "healthy", 3 * time.Second, 3 * time.Second, "a: ready: new container"},
		{"unhealthy", "unhealthy", 3 * time.Second, 3 * time.Second, `a: failed: service "a": healthcheck: container is unhealthy: curl: (7)`},
		{"never anything", "starting", time.Second, 30 * time.Second, `a: failed: service "a": healthcheck: timed out after 30 s: exit code 1: curl: (7)`},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, "a:", nil)
			w.engine.started["a"] = turns(test.status, test.after)
			began := time.Now()
			_ = w.start(t.Context())
			if took := time.Since(began); took != test.took {
				t.Errorf("it took %v", took)
			}
			same(t, "outcomes", w.outcomes(), test.want)
		})
	}
	bubble(t, "dies while it is waited for", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.started["a"] = func(e *fakeEngine, c *fakeContainer) {
			turns("healthy", 3*time.Second)(e, c)
			diesAfter(time.Second, 4)(e, c)
		}
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 4 while waiting for healthcheck`)
	})
	bubble(t, "a ping comes first", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) { s["a"].Hooks.Ping = ready(0) })
		w.engine.started["a"] = turns("unhealthy", time.Second)
		if err := w.start(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestOneShot(t *testing.T) {
	t.Parallel()
	oneShot := func(t *testing.T, change func(s map[string]*spec.Service)) *world {
		w := newWorld(t, "a:\nb: a", change)
		w.fields["a"]["oneShot"] = true
		return w
	}
	bubble(t, "ends well, and is not run again", func(t *testing.T) {
		j := newJournal()
		w := oneShot(t, func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = j.hook("a postStart", time.Second)
			s["b"].Hooks.PreStart = j.hook("b preStart", 0)
		})
		w.engine.started["a"] = diesAfter(2*time.Second, 0)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "hooks", j.String(), "2s a postStart, 3s b preStart")
		same(t, "containers", w.engine.list(), "shop_a exited 0, shop_b running")
		w.again()
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: unchanged: completed and up to date\nb: unchanged: running and up to date")
		w.again()
		w.fields["a"]["env"] = object{"A": "b"}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: replace: env.A changed\nb: unchanged: running and up to date")
	})
	bubble(t, "ends badly", func(t *testing.T) {
		w := oneShot(t, nil)
		w.engine.started["a"] = diesAfter(2*time.Second, 3)
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": container exited with code 3\nb: skipped: a failed")
	})
	bubble(t, "never ends", func(t *testing.T) {
		w := oneShot(t, nil)
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": still running after 30 s\nb: skipped: a failed")
	})
	bubble(t, "was left running by a start that was killed", func(t *testing.T) {
		w := oneShot(t, nil)
		ctx, kill := context.WithCancel(t.Context())
		w.engine.started["a"] = func(_ *fakeEngine, _ *fakeContainer) { kill() }
		// As SIGKILL: nothing is cleaned up any more.
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "remove a" || operation == "rename a" {
				return errors.New("killed")
			}
			return nil
		}
		_ = w.start(ctx)
		same(t, "containers", w.engine.list(), "shop_a.new running")
		w.again()
		w.engine.before = nil
		time.AfterFunc(5*time.Second, func() {
			w.engine.mu.Lock()
			defer w.engine.mu.Unlock()
			for _, c := range w.engine.containers {
				if c.Labels.Service == "a" {
					w.engine.die(c, 0)
				}
			}
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: resume: an earlier start did not finish\nb: ready: new container")
		same(t, "containers", w.engine.list(), "shop_a exited 0, shop_b running")
	})
}

// A start that was killed left a container that runs and was never ready.
func TestResume(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ suffix, phases, outcome, hooks string }{
		{".new", "pinging postStart ready", "a: ready: resume: an earlier start did not finish", "0s postStart"},
		{".again", "pinging ready", "a: ready: await: an earlier start did not finish", ""},
	} {
		bubble(t, test.suffix, func(t *testing.T) {
			j := newJournal()
			w := newWorld(t, "a:", func(s map[string]*spec.Service) {
				s["a"].Hooks = spec.Hooks{PreStart: func(context.Context) error { t.Error("preStart"); return nil }, Ping: ready(0)}
			})
			w.runner.Graph.Service("a").Hooks.PreStart = nil
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.runner.Graph.Service("a").Hooks.PostStart = j.hook("postStart", 0)
			w.engine.containers["c1"].Name += test.suffix
			w.again()
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			same(t, "phases", w.phases("a"), test.phases)
			same(t, "outcomes", w.outcomes(), test.outcome)
			same(t, "hooks", j.String(), test.hooks)
			same(t, "containers", w.engine.list(), "shop_a running")
		})
	}
	bubble(t, "that died between the list and the look", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := w.engine.containers["c1"]
		c.Name += ".new"
		w.again()
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "watch" {
				w.engine.mu.Lock()
				defer w.engine.mu.Unlock()
				w.engine.die(c, 6) // before anybody is told of events
			}
			return nil
		}
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": container exited with code 6`)
	})
}

func TestWatcher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		state := ContainerState{Running: true, StartedAt: time.Unix(100, 0)}
		var asked atomic.Int64 // deaths are confirmed side by side
		w := &watcher{lives: map[string]*life{}, state: func(context.Context, string) (ContainerState, error) { asked.Add(1); return state, nil }}
		l := w.follow("a")
		alive, stop := l.during(t.Context())
		defer stop()
		w.handle(t.Context(), ContainerEvent{ID: "b", Action: "die", ExitCode: 1}) // not followed
		for _, status := range []string{"starting", "unhealthy", "healthy"} {
			w.handle(t.Context(), ContainerEvent{ID: "a", Action: "health", Health: status})
		}
		same(t, "the newest health", <-l.health, "healthy")
		w.handle(t.Context(), ContainerEvent{ID: "a", Action: "pause"})
		synctest.Wait()
		if alive.Err() != nil {
			t.Errorf("it lives: %v", context.Cause(alive))
		}
		// Of the stop before, which comes while it is being started and after.
		w.handle(t.Context(), ContainerEvent{ID: "a", Action: "die", Time: time.Unix(99, 0), ExitCode: 143})
		synctest.Wait()
		same(t, "states asked for before it has begun", fmt.Sprint(asked.Load()), "0")
		l.begins()
		w.handle(t.Context(), ContainerEvent{ID: "a", Action: "die", Time: time.Unix(99, 0), ExitCode: 143})
		synctest.Wait()
		if alive.Err() != nil {
			t.Errorf("it lives: %v", context.Cause(alive))
		}
		state = ContainerState{ExitCode: 137}
		w.handle(t.Context(), ContainerEvent{ID: "a", Action: "die", Time: time.Unix(101, 0), ExitCode: 137})
		synctest.Wait()
		state = ContainerState{}
		w.handle(t.Context(), ContainerEvent{ID: "a", Action: "die", Time: time.Unix(102, 0), ExitCode: 0}) // the first counts
		<-alive.Done()
		same(t, "cause", context.Cause(alive).Error(), "container exited with code 137")
	})
	same(t, "out of memory", (&DiedError{ExitCode: 137, OOMKilled: true}).Error(), "container ran out of memory (exit code 137)")
}

// The name that says that a restarted container is not ready yet can be refused
// because the container ends at that moment.
func TestEndsWhileItIsRenamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ state, outcome string }{
		{"restarting", "a: failed: service \"a\": container exited with code 3 while waiting for ping"},
		{"running", "a: ready: restart: it was stopped"}, // again
	} {
		bubble(t, test.state, func(t *testing.T) {
			w := newWorld(t, "a:", func(s map[string]*spec.Service) { s["a"].Hooks.Ping = ready(0) })
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.engine.containers["c1"].State = "exited"
			w.runner.Graph.Service("a").Hooks.Ping = ready(time.Second)
			w.again()
			renamed := 0
			w.engine.before = func(_ context.Context, operation string) error {
				if operation != "rename a" {
					return nil
				}
				if renamed++; renamed > 1 {
					return nil
				}
				w.engine.mu.Lock()
				defer w.engine.mu.Unlock()
				w.engine.containers["c1"].State, w.engine.containers["c1"].ExitCode = test.state, 3
				return errors.New("sandbox 9c9271ae35af not found")
			}
			_ = w.start(t.Context())
			same(t, "outcomes", w.outcomes(), test.outcome)
		})
	}
}

// With a settle time of 0 the engine is asked once more where a postStart came
// between: the event of a death may come late.
func TestNoSettleTimeAfterPostStart(t *testing.T) {
	t.Parallel()
	bubble(t, "the container dies in its postStart", func(t *testing.T) {
		var w *world
		w = newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = func(context.Context) error {
				w.engine.mu.Lock()
				defer w.engine.mu.Unlock()
				for _, c := range w.engine.containers {
					c.State, c.ExitCode = "exited", 3
				}
				return nil
			}
		})
		o := startOptions()
		o.Settle = 0
		if err := w.runner.Start(t.Context(), o); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": container exited with code 3")
	})
}
