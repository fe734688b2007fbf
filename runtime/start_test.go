package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// bubble runs a test in which time passes by itself when nothing else is to be
// done.
func bubble(t *testing.T, name string, run func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, run)
	})
}

func TestStart(t *testing.T) {
	t.Parallel()
	bubble(t, "independent services side by side, dependants after postStart", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:\nb:\nc: a b", func(s map[string]*spec.Service) {
			for name, postStart := range map[string]time.Duration{"a": time.Second, "b": 3 * time.Second, "c": 0} {
				s[name].Hooks = spec.Hooks{
					PreStart:  j.hook(name+" preStart", time.Second),
					Ping:      ready(0),
					PostStart: j.hook(name+" postStart", postStart),
				}
			}
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Both at 0 s; both postStarts at 1 s, of which b's ends at 4 s.
		same(t, "hooks", j.String(), "0s a preStart, 0s b preStart, 1s a postStart, 1s b postStart, 4s c preStart, 5s c postStart")
		same(t, "phases of c", w.phases("c"), "waiting preStart creating starting pinging postStart ready")
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running, shop_c running")
		same(t, "outcomes", w.outcomes(), "a: ready: new container\nb: ready: new container\nc: ready: new container")
	})

	bubble(t, "again: nothing is done, and each is asked once", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			for _, service := range s {
				service.Hooks = spec.Hooks{PreStart: j.hook(service.Name, 0), PostStart: j.hook(service.Name, 0), PreStop: j.hook(service.Name, 0),
					Ping: func(context.Context) (bool, string, error) { j.note("ping"); return true, "", nil }}
			}
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		j.lines = nil
		var operations []string
		var mu sync.Mutex
		w.engine.before = func(_ context.Context, operation string) error {
			mu.Lock()
			defer mu.Unlock()
			operations = append(operations, operation)
			return nil
		}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "hooks", j.String(), "0s ping, 0s ping")
		slices.Sort(operations)
		same(t, "operations", strings.Join(operations, ", "), "image web:1, list, network miniboss-shop")
		same(t, "outcomes", w.outcomes(), "a: unchanged: running and up to date\nb: unchanged: running and up to date")
	})

	bubble(t, "a stopped one is restarted and pinged, without preStart and postStart", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{PreStart: j.hook("preStart", 0), PostStart: j.hook("postStart", 0), Ping: ready(0)}
		})
		if err := errors.Join(w.start(t.Context()), w.runner.Stop(t.Context(), StopOptions{})); err != nil {
			t.Fatal(err)
		}
		same(t, "containers", w.engine.list(), "shop_a exited 0")
		w.again()
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "phases", w.phases("a"), "starting pinging ready")
		same(t, "hooks of the first start", j.String(), "0s postStart, 0s preStart")
		same(t, "outcomes", w.outcomes(), "a: ready: restart: it was stopped")
		same(t, "containers", w.engine.list(), "shop_a running")
	})

	bubble(t, "a changed one is replaced", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{PreStart: j.hook("preStart", 0), PostStart: j.hook("postStart", 0), PreStop: j.hook("preStop", 0), PostStop: j.hook("postStop", 0), Ping: ready(0)}
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		j.lines = nil
		w.fields["a"]["env"] = object{"A": "b"}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "phases", w.phases("a"), "replacing preStop stopping postStop preStart creating starting pinging postStart ready")
		same(t, "outcomes", w.outcomes(), "a: ready: replace: env.A changed")
		same(t, "containers", w.engine.list(), "shop_a running")
	})

	bubble(t, "the values of a dependency's hooks are in the definition", func(t *testing.T) {
		var w *world
		w = newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = func(context.Context) error { w.values.set("id", 7); return nil }
			s["b"].Hooks.Configure = func(_ context.Context, request []byte) ([]byte, error) {
				if !strings.Contains(string(request), `"ID":"7"`) {
					return nil, fmt.Errorf("the request is %s", request)
				}
				return request, nil
			}
		})
		w.fields["b"]["env"] = object{"ID": "{id}"}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err, w.outcomes())
		}
		same(t, "context", load(t, w.runner.Store, "shop"), `{"id":7}`)
	})

	bubble(t, "a missing value fails the service and names what there is", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.values.set("ID", 1)
		w.fields["a"]["env"] = object{"ID": "{id}"}
		err := w.start(t.Context())
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": class A: env.ID: {id} is not in the context: the context has the keys ID (write {{id}} for literal braces)`)
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "configure may take a container off the network, and it stays", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.Configure = func(_ context.Context, request []byte) ([]byte, error) {
				return []byte(strings.Replace(string(request), `"NetworkMode":"miniboss-shop"`, `"NetworkMode":"host"`, 1)), nil
			}
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, c := range w.engine.containers {
			c.Networks = map[string]string{"host": "id of host"}
		}
		w.again()
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: unchanged: running and up to date")
	})
}

func TestStartFailures(t *testing.T) {
	t.Parallel()
	bubble(t, "dependants are skipped because of the root, all else goes on", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc: b\nd: c\nother:\nlast: other", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(context.Context) (bool, string, error) { return false, "", errors.New("no such table") }
		})
		err := w.start(t.Context())
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a · 3 skipped: b, c, d" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: no such table
b: skipped: a failed
c: skipped: a failed
d: skipped: a failed
last: ready: new container
other: ready: new container`)
		same(t, "containers", w.engine.list(), "shop_last running, shop_other running")
		for _, e := range w.events {
			if e.Phase == PhaseFailed && !slices.Equal(e.Logs, []string{"one", "two"}) {
				t.Errorf("log lines: %q", e.Logs)
			}
		}
	})

	bubble(t, "kept with --keep-failed, and replaced by the next start", func(t *testing.T) {
		fails := true
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(context.Context) (bool, string, error) {
				if fails {
					return false, "", errors.New("no")
				}
				return true, "", nil
			}
		})
		o := startOptions()
		o.KeepFailed = true
		if err := w.runner.Start(t.Context(), o); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "containers", w.engine.list(), "shop_a.failed running")
		w.again()
		fails = false
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: replace: previous start failed")
		same(t, "containers", w.engine.list(), "shop_a running")
	})

	for _, at := range []string{"create", "postStart", "ping", "image", "preStart", "evaluate", "start"} {
		bubble(t, "one that settles and dies takes its dependants with it, at "+at, func(t *testing.T) {
			// Each waits at one place until it is given up, and returns an
			// error of its own then, as clients and scripts do.
			stuck := func(ctx context.Context) error {
				<-ctx.Done()
				return errors.New("given up")
			}
			w := newWorld(t, "a:\nb: a\nc: b", func(s map[string]*spec.Service) {
				switch at {
				case "postStart":
					s["b"].Hooks.PostStart = stuck
				case "preStart":
					s["b"].Hooks.PreStart = stuck
				case "ping":
					s["b"].Hooks.Ping = func(ctx context.Context) (bool, string, error) { return false, "", stuck(ctx) }
				case "evaluate":
					s["b"].Evaluate = func(ctx context.Context) (map[string]any, error) { return nil, stuck(ctx) }
				}
			})
			w.engine.started["a"] = diesAfter(300*time.Millisecond, 3)
			w.fields["b"]["image"] = "web:2"
			w.engine.before = func(ctx context.Context, operation string) error {
				switch {
				case at == "create" && operation == "create b":
					return pass(ctx, 10*time.Second) // not given up, but made, known, and removed
				case at == "start" && operation == "start b":
					return stuck(ctx)
				case at == "image" && operation == "image web:2":
					return pass(ctx, 5*time.Second)
				}
				return nil
			}
			err := w.start(t.Context())
			if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a · 2 skipped: b, c" {
				t.Errorf("error: %v", err)
			}
			same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": container exited with code 3\nb: skipped: a failed\nc: skipped: a failed")
			same(t, "containers", w.engine.list(), "")
		})
	}

	bubble(t, "also those that were ready, and those that run already", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc: b", func(s map[string]*spec.Service) {
			s["b"].Hooks.Ping, s["c"].Hooks.Ping = ready(0), ready(0)
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.runner.Stop(t.Context(), StopOptions{Selection: spec.Selection{Services: []string{"a"}, NoDeps: true}}); err != nil {
			t.Fatal(err)
		}
		w.again()
		w.engine.started["a"] = diesAfter(300*time.Millisecond, 3)
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a · 2 skipped: b, c" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": container exited with code 3\nb: skipped: a failed (still running)\nc: skipped: a failed (still running)")
		// b and c were started earlier and are left as they are.
		same(t, "containers", w.engine.list(), "shop_b running, shop_c running")
	})

	bubble(t, "dies within its settle time", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.started["a"] = diesAfter(900*time.Millisecond, 1)
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "phases", w.phases("a"), "creating starting settling failed")
	})

	bubble(t, "the dependants of one that settles do not wait for it", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["b"].Hooks.PreStart = j.hook("b preStart", 0)
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "hooks", j.String(), "0s b preStart")
		if took := time.Since(j.began); took != time.Second {
			t.Errorf("settling took %v", took)
		}
	})

	bubble(t, "an engine that refuses", func(t *testing.T) {
		w := newWorld(t, "a:\nb:", nil)
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "start a" {
				return &PortTakenError{Port: 8080, Protocol: "tcp", Holder: &PortHolder{PID: 4711, Process: "node"}}
			}
			return nil
		}
		err := w.start(t.Context())
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": host port 8080/tcp is already in use by process 4711 (node)
b: ready: new container`)
	})

	for _, operation := range []string{"list", "network miniboss-shop", "create network miniboss-shop"} {
		bubble(t, "an engine that fails at "+operation, func(t *testing.T) {
			w := newWorld(t, "a:", nil)
			boom := errors.New("boom")
			w.engine.before = func(_ context.Context, name string) error {
				if name == operation {
					return boom
				}
				return nil
			}
			if err := w.start(t.Context()); !errors.Is(err, boom) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestStartInterrupted(t *testing.T) {
	t.Parallel()
	// Ctrl-C at each place: what is not ready is removed, what is ready stays,
	// and the context is saved.
	for _, at := range []string{"preStart", "create", "start", "ping", "postStart", "settle", "image", "rename"} {
		bubble(t, "at "+at, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			interrupt := func(ctx context.Context) error {
				cancel(ErrInterrupted)
				<-ctx.Done()
				return ctx.Err()
			}
			var w *world
			w = newWorld(t, "a:\nb: a\nc: b", func(s map[string]*spec.Service) {
				s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: func(context.Context) error { w.values.set("id", 1); return nil }}
				s["b"].Hooks.Ping = ready(0)
				switch at {
				case "preStart":
					s["b"].Hooks.PreStart = interrupt
				case "create":
					s["b"].Hooks.PreStart = func(context.Context) error { return nil } // not created ahead
				case "ping":
					s["b"].Hooks.Ping = func(ctx context.Context) (bool, string, error) { return false, "", interrupt(ctx) }
				case "postStart":
					s["b"].Hooks.PostStart = func(ctx context.Context) error { w.values.set("id", 2); return interrupt(ctx) }
				case "settle":
					s["b"].Hooks = spec.Hooks{PostStart: func(context.Context) error {
						time.AfterFunc(500*time.Millisecond, func() { cancel(ErrInterrupted) })
						return nil
					}}
				}
			})
			w.fields["b"]["image"] = "web:2"
			w.engine.before = func(ctx context.Context, operation string) error {
				switch {
				case at == "create" && operation == "create b":
					cancel(ErrInterrupted) // and the engine makes it all the same
				case at == "rename" && operation == "rename b":
					cancel(ErrInterrupted) // what was said to be ready stays
				case at == "start" && operation == "start b", at == "image" && operation == "image web:2":
					return interrupt(ctx)
				}
				return nil
			}
			err := w.start(ctx)
			if !errors.Is(err, ErrInterrupted) || errors.Is(err, ErrFailed) {
				t.Errorf("error: %v", err)
			}
			if got := w.engine.list(); at == "settle" {
				// c may start while b settles, and is not ready before b is.
				same(t, "containers", got, "shop_a running")
			} else if at == "image" {
				// Images are got from the beginning: a may not be ready yet.
				if got != "shop_a running" && got != "" {
					t.Errorf("containers: %s", got)
				}
			} else {
				ready := "shop_a running"
				if at == "rename" {
					ready += ", shop_b running"
				}
				same(t, "containers", got, ready)
				want := `{"id":1}`
				if at == "postStart" {
					want = `{"id":2}`
				}
				same(t, "context", load(t, w.runner.Store, "shop"), want)
			}
			for _, e := range w.events {
				if e.Phase == PhaseFailed || e.Phase == PhaseSkipped || e.Phase == PhaseError || e.Phase == PhaseWarning {
					t.Errorf("an interruption is no failure: %+v", e)
				}
			}
		})
	}
}

// A script in an endless loop ends the run: the reason is the error.
func TestStartRunaway(t *testing.T) {
	t.Parallel()
	bubble(t, "in a postStart", func(t *testing.T) {
		runaway := errors.New(`service "b": postStart: it ran for 10s without giving way: miniboss.js:7:3`)
		dead := make(chan struct{})
		w := newWorld(t, "a:\nb: a\nc: b\nd:", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = ready(0)
			s["b"].Hooks.PostStart = func(ctx context.Context) error {
				if err := pass(ctx, 10*time.Second); err != nil {
					return err
				}
				close(dead)
				<-ctx.Done()
				return ctx.Err()
			}
			s["d"].Hooks.Ping = ready(time.Hour)
		})
		w.runner.ScriptDead, w.runner.ScriptErr = dead, func() error { return runaway }
		if err := w.start(t.Context()); !errors.Is(err, runaway) {
			t.Errorf("error: %v", err)
		}
		same(t, "containers", w.engine.list(), "shop_a running")
		same(t, "outcomes", w.outcomes(), "a: ready: new container\nb: removed: it was not ready yet\nd: removed: it was not ready yet")
	})
}

func TestStartHearsOfTheDeadScriptFirst(t *testing.T) {
	t.Parallel()
	bubble(t, "who waits for a hook knows before the run does, and is no failure of its own", func(t *testing.T) {
		runaway := errors.New(`service "b": postStart: it ran for 10s without giving way: miniboss.js:7:3`)
		dead, pinged := make(chan struct{}), make(chan struct{})
		w := newWorld(t, "a:\nb: a\nd:", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = ready(0)
			s["b"].Hooks.PostStart = func(context.Context) error {
				<-pinged
				close(dead)
				return runaway
			}
			s["d"].Hooks.Ping = func(context.Context) (bool, string, error) {
				close(pinged)
				<-dead
				return false, "", runaway
			}
		})
		w.runner.ScriptDead, w.runner.ScriptErr = dead, func() error { return runaway }
		if err := w.start(t.Context()); err == nil || err.Error() != runaway.Error() {
			t.Errorf("error: %v", err)
		}
		same(t, "containers", w.engine.list(), "shop_a running")
		same(t, "outcomes", w.outcomes(), "a: ready: new container\nb: removed: it was not ready yet\nd: removed: it was not ready yet")
	})
}

func TestStartSavesContext(t *testing.T) {
	t.Parallel()
	bubble(t, "after each hook, also one that fails", func(t *testing.T) {
		var w *world
		saved := map[string]string{}
		w = newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{
				PreStart: func(context.Context) error { w.values.set("n", 1); return nil },
				Ping: func(context.Context) (bool, string, error) {
					saved["ping"] = load(t, w.runner.Store, "shop")
					w.values.set("n", 2)
					return true, "", nil
				},
				PostStart: func(context.Context) error {
					saved["postStart"] = load(t, w.runner.Store, "shop")
					w.values.set("n", 3)
					return errors.New("after all")
				},
			}
		})
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "at ping", saved["ping"], `{"n":1}`)
		same(t, "at postStart", saved["postStart"], `{"n":2}`)
		same(t, "at the end", load(t, w.runner.Store, "shop"), `{"n":3}`)
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": postStart: after all`)
	})

	bubble(t, "nothing is written where nothing is set", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = func(context.Context) error { return nil }
		})
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(w.contextFile()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the file: %v", err)
		}
	})

	bubble(t, "what cannot be saved fails the service", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PostStart = func(context.Context) error { return nil }
		})
		w.values.set("id", 1)
		write(t, w.contextFile(), "garbage", 0o600)
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": postStart: context file `+w.contextFile()+
			": it is not a JSON object: invalid character 'g' looking for beginning of value")
		same(t, "the file", content(t, w.contextFile()), "garbage")
	})
}

func TestStartCollectionHook(t *testing.T) {
	t.Parallel()
	var names []string
	onStart := func(_ context.Context, started []string) error {
		names = started
		return errors.New("oh no")
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "b: a\na:\nc:\nd: c", func(s map[string]*spec.Service) {
			s["c"].Hooks.Ping = func(context.Context) (bool, string, error) { return false, "", errors.New("no") }
		})
		o := startOptions()
		o.OnStart = onStart
		err := w.runner.Start(t.Context(), o)
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: c · 1 skipped: d\nonStartServices: failed" {
			t.Errorf("error: %v", err)
		}
		same(t, "names", strings.Join(names, " "), "a b")
		same(t, "messages", w.rest(), "error: onStartServices: oh no")
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running")
	})
}

func TestStartOrphans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		orphan := func(id, group, service, file string) {
			w.engine.add(Container{ID: id, Name: id, State: "running", Labels: Labels{Group: group, Service: service, File: file}})
		}
		orphan("old", "shop", "old", w.runner.File)
		orphan("moved", "shop", "old", "/gone/miniboss.js")
		orphan("other-group", "shop2", "old", w.runner.File)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: new container\nold: removed: the file no longer defines it\nold: removed: the file no longer defines it")
		same(t, "containers", w.engine.list(), "other-group running, shop_a running")
	})
}

func TestStartImages(t *testing.T) {
	t.Parallel()
	bubble(t, "got in parallel from the beginning, each once", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:\nb: a\nc: b", func(s map[string]*spec.Service) {
			for _, name := range []string{"b", "c"} {
				s[name].Loaded.Image = "absent/" + "x:1"
			}
			s["a"].Hooks.Ping = ready(5 * time.Second)
		})
		w.fields["b"]["image"], w.fields["c"]["image"] = "absent/x:1", "absent/x:1"
		w.engine.before = func(ctx context.Context, operation string) error {
			if strings.HasPrefix(operation, "pull") {
				j.note(operation)
				return pass(ctx, 2*time.Second)
			}
			return nil
		}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err, w.outcomes())
		}
		same(t, "pulls", j.String(), "0s pull absent/x:1")
	})

	bubble(t, "not found", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) { s["a"].Loaded.Image = "absent:1" })
		w.fields["a"]["image"] = "absent:1"
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "pull absent:1" {
				return errors.New("image absent:1: manifest unknown")
			}
			return nil
		}
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), "a: failed: service \"a\": image absent:1: manifest unknown\nb: skipped: a failed")
	})

	for _, test := range []struct {
		name, image string
		there       bool
		options     func(o *StartOptions)
		want        string
	}{
		{"there, built by something else", "web:dev", true, func(*StartOptions) {}, "build web:dev, remove image old"},
		{"absent", "absent:dev", false, func(*StartOptions) {}, "build absent:dev"},
		{"latest", "web:latest", true, func(*StartOptions) {}, "build web:latest, remove image old"},
		{"latest by default", "host:5000/web", true, func(*StartOptions) {}, "build host:5000/web, remove image old"},
		{"a digest", "web@sha256:" + strings.Repeat("0", 64), true, func(*StartOptions) {}, ""},
		{"--build", "web:dev", true, func(o *StartOptions) { o.Build = true }, "build web:dev, remove image old"},
	} {
		bubble(t, "built: "+test.name, func(t *testing.T) {
			dir := projectDir(t)
			w := newWorld(t, "a:", func(s map[string]*spec.Service) {
				s["a"].Loaded.Image, s["a"].Loaded.Build = test.image, &spec.Build{Context: dir + "/web", Dockerfile: "Dockerfile"}
			})
			w.fields["a"] = object{"name": "a", "image": test.image, "buildFrom": dir + "/web"}
			if test.there {
				w.engine.images[test.image] = "old"
			}
			var operations []string
			w.engine.before = func(_ context.Context, operation string) error {
				if strings.HasPrefix(operation, "build") || strings.HasPrefix(operation, "pull") || strings.HasPrefix(operation, "remove image") {
					operations = append(operations, operation)
				}
				return nil
			}
			o := startOptions()
			test.options(&o)
			if err := w.runner.Start(t.Context(), o); err != nil {
				t.Fatal(err, w.outcomes())
			}
			same(t, "operations", strings.Join(operations, ", "), test.want)
		})
	}

	bubble(t, "a build that fails removes nothing", func(t *testing.T) {
		dir := projectDir(t)
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Loaded.Image, s["a"].Loaded.Build = "web:latest", &spec.Build{Context: dir + "/web", Dockerfile: "Dockerfile"}
		})
		w.fields["a"] = object{"name": "a", "image": "web:latest", "buildFrom": dir + "/web"}
		w.engine.images["web:latest"] = "old"
		w.engine.before = func(_ context.Context, operation string) error {
			switch {
			case operation == "build web:latest":
				return errors.New("exit code 1")
			case strings.HasPrefix(operation, "remove image"):
				t.Errorf("%s", operation)
			}
			return nil
		}
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
	})
}

// A key that is lost or another one replaces nothing by itself: the engine is
// asked what differs, and only then.
func TestStartWithAnotherKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		keys      func(same *state.HashKey) *state.HashKey
		unchanged bool
		asked     int
		want      string
	}{
		{"same key", func(same *state.HashKey) *state.HashKey { return same }, false, 0, "a: unchanged: running and up to date"},
		{"another key", func(*state.HashKey) *state.HashKey { return state.NewHashKey(t.TempDir(), t.TempDir()) }, true, 1, "a: unchanged: running and up to date"},
		{"another key, and a change", func(*state.HashKey) *state.HashKey { return state.NewHashKey(t.TempDir(), t.TempDir()) }, false, 1, "a: ready: replace: env.A changed"},
		{"no key", func(*state.HashKey) *state.HashKey { return nil }, true, 1, "a: unchanged: running and up to date"},
		{"no key, and a change", func(*state.HashKey) *state.HashKey { return nil }, false, 1, "a: ready: replace: env.A changed"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, "a:", nil)
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.again()
			w.runner.HashKey = test.keys(w.runner.HashKey)
			w.engine.unchanged = test.unchanged
			asked := 0
			w.engine.before = func(_ context.Context, operation string) error {
				if operation == "changes a" {
					asked++
				}
				return nil
			}
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			same(t, test.name, w.outcomes(), test.want)
			if asked != test.asked {
				t.Errorf("%s: the engine was asked %d times", test.name, asked)
			}
		})
	}
}

// A container that goes between the list and the comparison is not there.
func TestStartWhileContainerGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		w.runner.HashKey = nil
		w.engine.before = func(ctx context.Context, operation string) error {
			if operation == "changes a" {
				return w.engine.Remove(ctx, "c1")
			}
			return nil
		}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: new container")
	})
}

func TestStartNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.networks["mine"] = Network{ID: "theirs", Name: "mine"}
		o := startOptions()
		o.NetworkName = "mine"
		if err := w.runner.Start(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if len(w.engine.networks) != 1 || w.engine.containers["c1"].Networks["mine"] != "theirs" {
			t.Errorf("networks %v, the container has %v", w.engine.networks, w.engine.containers["c1"].Networks)
		}
	})
}

// A network that was removed and made again under its name is another one.
func TestStartAfterNetworkWasReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		w.engine.networks["miniboss-shop"] = Network{ID: "new", Name: "miniboss-shop", Ours: true}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: replace: network miniboss-shop was recreated")
	})
}

func TestPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "web: db\ndb:\nid:", nil)
	w.engine.add(Container{ID: "x", Name: "shop_db", State: "exited", Labels: Labels{Group: "shop", Service: "db", Hash: "old"}})
	w.fields["web"]["image"] = "absent:1"
	w.fields["id"]["env"] = object{"ID": spec.Undefined{}}
	before := w.engine.list()
	w.engine.before = func(_ context.Context, operation string) error {
		if verb, _, _ := strings.Cut(operation, " "); !slices.Contains([]string{"list", "network", "image", "state", "changes"}, verb) {
			t.Errorf("a plan does %s", operation)
		}
		return nil
	}
	plan, err := w.runner.Plan(t.Context(), startOptions())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "plan", plan.String(), `db   replace: env.A changed
       env.A: 1 → 2
web  new container; pull absent:1 (not found locally)
id   only known when it starts: env.ID
`)
	same(t, "containers", w.engine.list(), before)
}

// A value that cannot be saved fails the service whose hook has set it, and no
// other.
func TestStartContextNotSaved(t *testing.T) {
	t.Parallel()
	bubble(t, "", func(t *testing.T) {
		var w *world
		w = newWorld(t, "a:\nb:\nc: b", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{PreStart: func(context.Context) error { w.values.set("a", 1); return nil }, Ping: ready(0)}
			s["b"].Hooks = spec.Hooks{Ping: ready(time.Second)}
			s["c"].Hooks = spec.Hooks{Ping: ready(0), PostStart: func(context.Context) error { w.values.set("c", 1); return nil }}
		})
		// A directory in the place of the new content.
		if err := os.MkdirAll(filepath.Join(w.runner.dir(), state.ContextFile+".tmp", "in", "the", "way"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Error(err)
		}
		same(t, "containers", w.engine.list(), "shop_b running")
	})
}
