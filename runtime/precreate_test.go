package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// TestCreateAhead: a service whose definition is known is created while what it
// depends on gets ready, and nothing of that is left where it is not wanted.
func TestCreateAhead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(w *world, b *spec.Service)
		// during is what there is while a is in its postStart, after at the end.
		during, after string
	}{
		{"nothing stands in the way", func(*world, *spec.Service) {}, "shop_b.new created", "shop_b running"},
		{"it has a preStart", func(_ *world, b *spec.Service) {
			b.Hooks.PreStart = func(context.Context) error { return nil }
		}, "", "shop_b running"},
		{"it has a configure", func(_ *world, b *spec.Service) {
			b.Hooks.Configure = func(_ context.Context, request []byte) ([]byte, error) { return request, nil }
		}, "", "shop_b running"},
		{"a value of the context is missing at load", func(w *world, b *spec.Service) {
			b.Loaded.Pending = []string{"env.ID"}
			w.fields["b"]["env"] = object{"ID": "{id}"}
		}, "", "shop_b running"},
		{"it mounts what a hook may prepare", func(_ *world, b *spec.Service) {
			b.Loaded.Volumes = []spec.Volume{{Source: "/etc", Target: "/etc"}}
		}, "", "shop_b running"},
		{"any port of the host will do", func(_ *world, b *spec.Service) {
			b.Loaded.Ports = []spec.Port{{Container: 80, Protocol: "tcp"}}
		}, "", "shop_b running"},
		{"it has a container", func(w *world, _ *spec.Service) {
			w.engine.add(Container{ID: "old", Name: "shop_b", State: "exited", Labels: Labels{Group: "shop", Service: "b", File: w.runner.File}})
		}, "shop_b exited 0", "shop_b running"},
		{"the definition is another one at its turn", func(w *world, _ *spec.Service) {
			w.fields["b"]["env"] = object{"A": "1"}
		}, "shop_b.new created", "shop_b running"},
	} {
		bubble(t, c.name, func(t *testing.T) {
			during := ""
			var w *world
			w = newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
				s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: func(ctx context.Context) error {
					w.values.set("id", 7)
					err := pass(ctx, time.Second)
					during = w.engine.list()
					return err
				}}
			})
			c.change(w, w.runner.Graph.Service("b"))
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err, w.outcomes())
			}
			same(t, "while a gets ready", strings.TrimPrefix(strings.TrimPrefix(during, "shop_a.new running"), ", "), c.during)
			same(t, "at the end", w.engine.list(), "shop_a running, "+c.after)
		})
	}
}

func TestCreatedAheadIsNotLeft(t *testing.T) {
	t.Parallel()
	slow := func(ctx context.Context) error { return pass(ctx, time.Second) }
	hashOfB := func(w *world) (hash string) {
		for _, c := range w.engine.containers {
			if c.Labels.Service == "b" {
				hash += c.Labels.Hash
			}
		}
		return hash
	}

	bubble(t, "its dependency fails", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc: b", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(ctx context.Context) (bool, string, error) {
				return false, "", errors.Join(slow(ctx), errors.New("no"))
			}
		})
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Fatal(err)
		}
		same(t, "containers", w.engine.list(), "")
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": ping: no\nb: skipped: a failed\nc: skipped: a failed")
		same(t, "phases of b", w.phases("b"), "waiting skipped")
	})

	bubble(t, "the start is interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(ctx context.Context) (bool, string, error) {
				cancel(ErrInterrupted)
				return false, "", slow(ctx)
			}
		})
		if err := w.start(ctx); !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "its image is still pulled when its dependency fails", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(context.Context) (bool, string, error) { return false, "", errors.New("no") }
			s["b"].Loaded.Image = "slow:1"
		})
		w.engine.before = func(ctx context.Context, operation string) error {
			if operation == "image slow:1" {
				return pass(ctx, time.Hour)
			}
			return nil
		}
		began := time.Now()
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Fatal(err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it waited %s for the image", took)
		}
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "somebody removes it while it waits", func(t *testing.T) {
		var w *world
		w = newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: func(ctx context.Context) error {
				err := slow(ctx)
				w.engine.mu.Lock()
				defer w.engine.mu.Unlock()
				for id, c := range w.engine.containers {
					if c.Labels.Service == "b" {
						delete(w.engine.containers, id)
					}
				}
				return err
			}}
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err, w.outcomes())
		}
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running")
	})

	bubble(t, "it cannot be created: the turn says why", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: slow}
		})
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "create b" {
				return fmt.Errorf("no space left on device")
			}
			return nil
		}
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: new container\nb: failed: service \"b\": no space left on device")
	})

	bubble(t, "it cannot be removed: that is told", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(ctx context.Context) (bool, string, error) {
				return false, "", errors.Join(slow(ctx), errors.New("no"))
			}
		})
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "remove b" {
				return errors.New("device busy")
			}
			return nil
		}
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Fatal(err)
		}
		told := ""
		for _, e := range w.events {
			if e.Phase == PhaseError {
				told += e.Service + ": " + e.Err.Error()
			}
		}
		same(t, "told", told, "b: container shop_b.new cannot be removed: device busy")
	})

	bubble(t, "the container has the definition of its turn", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) { s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: slow} })
		w.fields["b"]["env"] = object{"A": "1"}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := hashOfB(w)
		w.again()
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: unchanged: running and up to date\nb: unchanged: running and up to date")
		same(t, "hash", hashOfB(w), first)
	})
}
