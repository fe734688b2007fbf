package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// A start that is killed before any of its operations, and run again, ends as
// if it had never been killed: one container per service, each with its
// postStart done, and the context complete.
func TestStartKilledAnywhere(t *testing.T) {
	t.Parallel()
	const killed = "killed"
	for _, scene := range []struct {
		name    string
		prepare func(w *world) error // what was there before the killed start
	}{
		{"first start", func(*world) error { return nil }},
		{"changed definitions", func(w *world) error {
			if err := w.start(w.t.Context()); err != nil {
				return err
			}
			for name := range w.fields {
				w.fields[name]["env"] = object{"A": "b"}
			}
			return nil
		}},
		{"after stop", func(w *world) error {
			return errors.Join(w.start(w.t.Context()), w.runner.Stop(w.t.Context(), StopOptions{}))
		}},
		{"one changed, one stopped, one kept as failed", func(w *world) error {
			if err := w.start(w.t.Context()); err != nil {
				return err
			}
			w.fields["a"]["env"] = object{"A": "b"}
			for _, c := range w.engine.containers {
				if c.Labels.Service == "c" {
					c.Name += suffixFailed
				}
			}
			return w.runner.Stop(w.t.Context(), StopOptions{Selection: Selection{Services: []string{"b"}, NoDeps: true}})
		}},
	} {
		t.Run(scene.name, func(t *testing.T) {
			t.Parallel()
			finished := false
			for instant := 1; !finished; instant++ {
				synctest.Test(t, func(t *testing.T) {
					var mu sync.Mutex
					dead, count := false, 0
					postStarted := map[string]bool{}
					var w *world
					w = newWorld(t, "a:\nb: a\nc: b\nd: a", func(s map[string]*Service) {
						for name, service := range s {
							service.Hooks.PostStart = func(ctx context.Context) error {
								mu.Lock()
								defer mu.Unlock()
								if dead {
									return errors.New(killed)
								}
								id, err := w.runner.Containers.id(ctx, name)
								postStarted[id] = true
								w.values.set(name, id)
								return err
							}
							if name != "d" { // which has none, and settles
								service.Hooks.Ping = ready(0)
							}
						}
					})
					if err := scene.prepare(w); err != nil {
						t.Fatal(err)
					}
					w.again()
					w.engine.before = func(context.Context, string) error {
						mu.Lock()
						defer mu.Unlock()
						if count++; count >= instant {
							dead = true
						}
						if dead {
							return errors.New(killed)
						}
						return nil
					}
					err := w.start(t.Context())
					finished = !dead
					if finished && err != nil {
						t.Fatal(err)
					}
					left := w.engine.list()
					w.engine.before = nil
					mu.Lock()
					dead = false
					mu.Unlock()
					w.again()
					if err := w.start(t.Context()); err != nil {
						t.Fatalf("killed before operation %d, which left %q: %v\n%s", instant, left, err, w.outcomes())
					}
					same(t, fmt.Sprintf("killed before operation %d, which left %q", instant, left), w.engine.list(),
						"shop_a running, shop_b running, shop_c running, shop_d running")
					saved := load(t, w.runner.Store, "shop")
					for id, c := range w.engine.containers {
						if !postStarted[id] {
							t.Errorf("killed before operation %d, which left %q: no postStart of %s", instant, left, c.Name)
						}
						if !strings.Contains(saved, fmt.Sprintf("%q:%q", c.Labels.Service, id)) {
							t.Errorf("killed before operation %d: the context is %s, and %s is %s", instant, saved, c.Name, id)
						}
					}
					// And then there is nothing more to do.
					w.again()
					if err := w.start(t.Context()); err != nil || strings.Count(w.outcomes(), string(PhaseUnchanged)) != 4 {
						t.Errorf("killed before operation %d: a third start gives %v and\n%s", instant, err, w.outcomes())
					}
				})
			}
		})
	}
}
