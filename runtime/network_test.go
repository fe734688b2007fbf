package runtime

import (
	"context"
	"errors"
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
		made := 0
		w.engine.before = func(ctx context.Context, operation string) error {
			if operation != "create network mine" {
				return nil
			}
			made++
			return pass(ctx, time.Second)
		}
		locks := map[string]bool{}
		var mu sync.Mutex
		tryLock := func(name string) (func(), error) {
			mu.Lock()
			defer mu.Unlock()
			if locks[name] {
				return nil, nil
			}
			locks[name] = true
			return func() {
				mu.Lock()
				defer mu.Unlock()
				delete(locks, name)
			}, nil
		}
		var both sync.WaitGroup
		for _, group := range []string{"shop", "market"} {
			r := &Runner{Group: group, File: w.runner.File, Graph: w.runner.Graph, Engine: w.engine, Values: w.values, Store: w.runner.Store,
				Containers: NewContainers(group, w.engine), Sink: func(Event) {}, TryLock: tryLock}
			both.Go(func() {
				o := startOptions()
				o.NetworkName = "mine"
				if err := r.Start(t.Context(), o); err != nil {
					t.Errorf("%s: %v", group, err)
				}
			})
		}
		both.Wait()
		if made != 1 || len(locks) != 0 {
			t.Errorf("it was made %d times; %d locks are held", made, len(locks))
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
