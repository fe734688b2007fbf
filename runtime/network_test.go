package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// The lock of the group does not keep two groups from making one network, of which
// the engine would make two.
func TestNetworkOfTwoGroups(t *testing.T) {
	t.Parallel()
	bubble(t, "made once", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		made := slowNetwork(w, "mine")
		var locks lockTable
		var both sync.WaitGroup
		for _, group := range []string{"shop", "market"} {
			r := NewRunner(Setup{Group: group, File: w.runner.File, Graph: w.runner.Graph, Engine: w.engine, Values: w.values, Store: w.runner.Store,
				Containers: NewContainers(group, w.engine), Sink: func(Event) {}, TryLock: locks.try})
			both.Go(func() {
				o := startOptions()
				o.NetworkName = "mine"
				if err := r.Start(t.Context(), o); err != nil {
					t.Errorf("%s: %v", group, err)
				}
			})
		}
		both.Wait()
		if *made != 1 || len(locks.held) != 0 {
			t.Errorf("it was made %d times; %d locks are held", *made, len(locks.held))
		}
		same(t, "containers", w.engine.list(), "market_a running, shop_a running")
	})
	bubble(t, "a wait for the other one ends with the command", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.runner.TryLock = func(string) (func(), error) { return nil, nil }
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrInterrupted)
		defer cancel()
		if err := w.start(ctx); !errors.Is(err, ErrInterrupted) {
			t.Errorf("error: %v", err)
		}
	})
}

// A run takes no lock of the group: beside another one, or beside a start, it
// would make a second network.
func TestNetworkOfOneOffs(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(ctx context.Context, r *Runner) error{
		"two runs":          runOnce,
		"a run and a start": func(ctx context.Context, r *Runner) error { return r.Start(ctx, startOptions()) },
	} {
		bubble(t, name, func(t *testing.T) {
			w := newWorld(t, "web:", nil)
			w.engine.started["web"] = func(e *fakeEngine, c *fakeContainer) {
				if c.Labels.OneOff {
					e.die(c, 0)
				}
			}
			made := slowNetwork(w, "miniboss-shop")
			var locks lockTable
			var both sync.WaitGroup
			for _, command := range []func(context.Context, *Runner) error{runOnce, other} {
				r := NewRunner(Setup{Group: "shop", File: w.runner.File, Graph: w.runner.Graph, Engine: w.engine, Values: w.values, Store: w.runner.Store,
					Containers: NewContainers("shop", w.engine), Sink: func(Event) {}, TryLock: locks.try})
				both.Go(func() {
					if err := command(t.Context(), r); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			if *made != 1 || len(locks.held) != 0 {
				t.Errorf("it was made %d times; %d locks are held", *made, len(locks.held))
			}
		})
	}
}

func runOnce(ctx context.Context, r *Runner) error {
	code, err := r.RunOneOff(ctx, runOptions("x"))
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return err
}

// slowNetwork counts how often a network is made, which takes the engine a
// second.
func slowNetwork(w *world, name string) (made *int) {
	made = new(int)
	w.engine.before = func(ctx context.Context, operation string) error {
		if operation != "create network "+name {
			return nil
		}
		*made++
		return pass(ctx, time.Second)
	}
	return made
}

// lockTable has the locks of several processes.
type lockTable struct {
	mu   sync.Mutex
	held map[string]bool
}

func (l *lockTable) try(name string) (release func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[name] {
		return nil, nil
	}
	if l.held == nil {
		l.held = map[string]bool{}
	}
	l.held[name] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, name)
	}, nil
}
