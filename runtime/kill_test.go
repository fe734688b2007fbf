package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
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
			return w.runner.Stop(w.t.Context(), StopOptions{Selection: spec.Selection{Services: []string{"b"}, NoDeps: true}})
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
					w = newWorld(t, "a:\nb: a\nc: b\nd: a", func(s map[string]*spec.Service) {
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
					dir := t.TempDir()
					next := func() {
						w.again()
						w.runner.Journal = state.NewJournal(dir, "shop")
						t.Cleanup(func() { _ = w.runner.Journal.Close() })
					}
					next()
					var noted []byte // by the one that is killed
					w.engine.before = func(context.Context, string) error {
						mu.Lock()
						defer mu.Unlock()
						if count++; count >= instant && !dead {
							dead = true
							noted, _ = os.ReadFile(filepath.Join(dir, state.GuardedName("shop")+".journal"))
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
					if err := os.WriteFile(filepath.Join(dir, state.GuardedName("shop")+".journal"), noted, 0o600); err != nil {
						t.Fatal(err)
					}
					next()
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
					next()
					if err := w.start(t.Context()); err != nil || strings.Count(w.outcomes(), string(PhaseUnchanged)) != 4 {
						t.Errorf("killed before operation %d: a third start gives %v and\n%s", instant, err, w.outcomes())
					}
				})
			}
		})
	}
}

// Between the moment at which a service is ready, or is found not to be, and its
// container's name saying so, only the journal knows.
func TestKilledBeforeItsNameSaysIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, stop, left, outcome string
		ready                     bool // of the killed start
	}{
		{"ready", "", "shop_a.new running", "a: unchanged: running and up to date", true},
		{"restarted and not ready", "a", "shop_a running", "a: ready: await: an earlier start did not finish", false},
	} {
		bubble(t, test.name, func(t *testing.T) {
			dir := t.TempDir()
			answers, hooks := true, 0
			w := newWorld(t, "a:", func(s map[string]*spec.Service) {
				s["a"].Hooks.Ping = func(context.Context) (bool, string, error) { return answers, "", nil }
				s["a"].Hooks.PostStart = func(context.Context) error { hooks++; return nil }
			})
			next := func() {
				w.again()
				w.runner.Journal = state.NewJournal(dir, "shop")
				t.Cleanup(func() { _ = w.runner.Journal.Close() })
			}
			if test.stop != "" {
				if err := errors.Join(w.start(t.Context()), w.runner.Stop(t.Context(), StopOptions{})); err != nil {
					t.Fatal(err)
				}
			}
			next()
			answers = test.ready
			ctx, kill := context.WithCancel(t.Context())
			defer kill()
			dead := false
			var noted []byte
			w.engine.before = func(_ context.Context, operation string) error {
				if !dead && strings.HasPrefix(operation, "rename") {
					dead = true
					noted, _ = os.ReadFile(filepath.Join(dir, state.GuardedName("shop")+".journal"))
					kill()
				}
				if dead {
					return errors.New("killed")
				}
				return nil
			}
			if err := w.start(ctx); err == nil {
				t.Fatal("it was not killed")
			}
			same(t, "left", w.engine.list(), test.left)
			if err := os.WriteFile(filepath.Join(dir, state.GuardedName("shop")+".journal"), noted, 0o600); err != nil {
				t.Fatal(err)
			}
			w.engine.before = nil
			answers = true
			next()
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			same(t, "outcomes", w.outcomes(), test.outcome)
			same(t, "containers", w.engine.list(), "shop_a running")
			if hooks != 1 {
				t.Errorf("%d calls of postStart", hooks)
			}
		})
	}
}
