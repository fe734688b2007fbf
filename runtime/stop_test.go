package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// leftBy puts a container there that an earlier run of the file made.
func leftBy(w *world, service, state string, dependsOn ...string) {
	exitCode := -1
	if state == "exited" {
		exitCode = 0
	}
	w.engine.add(Container{ID: "id-" + service, Name: "shop_" + service, State: state, ExitCode: exitCode,
		Labels: Labels{Group: "shop", Service: service, File: w.runner.File, DependsOn: dependsOn}})
}

// stops notes when the stops of containers begin; each takes a second.
func stops(w *world, j *journal) {
	w.engine.before = func(ctx context.Context, operation string) error {
		if service, isStop := strings.CutPrefix(operation, "stop "); isStop {
			j.note(service)
			return pass(ctx, time.Second)
		}
		return nil
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	bubble(t, "dependants first, hooks around each", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "c: a b\nb:\na:", func(s map[string]*spec.Service) {
			for _, service := range s {
				service.Hooks.PreStop, service.Hooks.PostStop = j.hook(service.Name+" preStop", time.Second), j.hook(service.Name+" postStop", time.Second)
			}
		})
		for _, name := range []string{"a", "b", "c"} {
			leftBy(w, name, "running")
		}
		var names []string
		err := w.runner.Stop(t.Context(), StopOptions{OnStop: func(_ context.Context, stopped []string) error { names = stopped; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "hooks", j.String(), "0s c preStop, 1s c postStop, 2s a preStop, 2s b preStop, 3s a postStop, 3s b postStop")
		same(t, "names", strings.Join(names, " "), "c b a")
		same(t, "containers", w.engine.list(), "shop_a exited 0, shop_b exited 0, shop_c exited 0")
		same(t, "phases", w.phases("c"), "preStop stopping postStop stopped")
	})

	bubble(t, "what does not run is no news", func(t *testing.T) {
		w := newWorld(t, "a:\nb:\nc:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PreStop = func(context.Context) error { t.Error("preStop of a stopped one"); return nil }
		})
		leftBy(w, "a", "exited")
		leftBy(w, "b", "paused")
		var names []string
		err := w.runner.Stop(t.Context(), StopOptions{OnStop: func(_ context.Context, stopped []string) error { names = stopped; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "names", strings.Join(names, " "), "b")
		same(t, "outcomes", w.outcomes(), "b: stopped")
	})

	bubble(t, "a hook that throws does not keep it from being stopped", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["b"].Hooks.PreStop = func(context.Context) error { return errors.New("no") }
		})
		leftBy(w, "a", "running")
		leftBy(w, "b", "running")
		err := w.runner.Stop(t.Context(), StopOptions{})
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: b" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), "a: stopped\nb: failed: service \"b\": preStop: no")
		same(t, "containers", w.engine.list(), "shop_a exited 0, shop_b exited 0")
	})

	bubble(t, "a hook without end has its time, also where none was given", func(t *testing.T) {
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.PreStop = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		})
		leftBy(w, "a", "running")
		began := time.Now()
		if err := w.runner.Stop(t.Context(), StopOptions{}); !errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		if took := time.Since(began); took != 50*time.Second {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": preStop: timed out after 50 s`)
	})

	bubble(t, "an engine that cannot stop one goes on with the others", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc:", nil)
		for _, name := range []string{"a", "b", "c"} {
			leftBy(w, name, "running")
		}
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "stop b" {
				return errors.New("boom")
			}
			return nil
		}
		err := w.runner.Stop(t.Context(), StopOptions{})
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: b" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), "a: stopped\nb: failed: service \"b\": container shop_b cannot be stopped: boom\nc: stopped")
	})

	bubble(t, "a dozen at a time", func(t *testing.T) {
		var graph strings.Builder
		for i := range 40 {
			fmt.Fprintf(&graph, "s%d:\n", i)
		}
		w := newWorld(t, graph.String(), nil)
		for _, name := range w.runner.Graph.Names() {
			leftBy(w, name, "running")
		}
		var now, most atomic.Int32
		w.engine.before = func(ctx context.Context, operation string) error {
			if !strings.HasPrefix(operation, "stop ") {
				return nil
			}
			defer now.Add(-1)
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			return pass(ctx, time.Second)
		}
		began := time.Now()
		if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 4*time.Second || most.Load() != 12 {
			t.Errorf("it took %v, at most %d at a time", took, most.Load())
		}
	})

	bubble(t, "interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var w *world
		w = newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["b"].Hooks.PreStop = func(ctx context.Context) error {
				w.values.set("id", 1)
				cancel(ErrInterrupted)
				<-ctx.Done()
				return ctx.Err()
			}
		})
		leftBy(w, "a", "running")
		leftBy(w, "b", "running")
		if err := w.runner.Stop(ctx, StopOptions{}); !errors.Is(err, ErrInterrupted) || errors.Is(err, ErrFailed) {
			t.Errorf("error: %v", err)
		}
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running")
		same(t, "context", load(t, w.runner.Store, "shop"), `{"id":1}`)
		same(t, "outcomes", w.outcomes(), "")
	})
}

func TestStopRemove(t *testing.T) {
	t.Parallel()
	prepare := func(t *testing.T) *world {
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Loaded.Volumes = []spec.Volume{{Source: "data", Named: true, Target: "/data"}, {Source: "both", Named: true, Target: "/both"}}
			s["b"].Loaded.Volumes = []spec.Volume{{Source: "both", Named: true, Target: "/both"}, {Source: "/dir", Target: "/dir"}}
		})
		leftBy(w, "a", "exited")
		leftBy(w, "b", "paused")
		w.engine.networks["miniboss-shop"] = Network{ID: "n", Name: "miniboss-shop", Ours: true}
		w.engine.networks["mine"] = Network{ID: "m", Name: "mine"}
		w.engine.volumes = map[string]bool{"shop_data": true, "shop_both": true, "shop_old": true}
		if err := w.runner.Store.Save(t.Context(), "shop", []byte(`{"id":1}`)); err != nil {
			t.Fatal(err)
		}
		return w
	}
	left := func(w *world) string {
		volumes, _ := w.runner.volumeNames(t.Context())
		_, err := os.Stat(w.contextFile())
		return fmt.Sprintf("%s; %d networks; %s; context: %v", w.engine.list(), len(w.engine.networks), strings.Join(volumes, " "), err == nil)
	}
	for _, test := range []struct {
		name    string
		options StopOptions
		left    string
		err     string
	}{
		{"all", StopOptions{}, "; 1 networks; shop_both shop_data shop_old; context: false", ""},
		{"all with volumes", StopOptions{Volumes: true}, "; 1 networks; ; context: false", ""},
		{"all of a network that is theirs", StopOptions{NetworkName: "mine"}, "; 2 networks; shop_both shop_data shop_old; context: false", ""},
		{"one excluded", StopOptions{Selection: spec.Selection{Exclude: []string{"a"}}, Volumes: true}, "shop_a exited 0; 2 networks; shop_both shop_data shop_old; context: true", ""},
		{"one named, its volumes but those of others", StopOptions{Selection: spec.Selection{Services: []string{"a"}, NoDeps: true}, Volumes: true}, "shop_b paused; 2 networks; shop_both shop_old; context: true", ""},
		{"named with its dependants", StopOptions{Selection: spec.Selection{Services: []string{"a"}}, Volumes: true}, "; 2 networks; shop_old; context: true", ""},
		{"unknown excluded", StopOptions{Selection: spec.Selection{Exclude: []string{"x"}}}, "shop_a exited 0, shop_b paused; 2 networks; shop_both shop_data shop_old; context: true", `there is no service "x"`},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := prepare(t)
			test.options.Remove = true
			err := w.runner.Stop(t.Context(), test.options)
			if got := fmt.Sprint(err); err != nil && got != test.err || err == nil && test.err != "" {
				t.Errorf("error: %v, want %s", err, test.err)
			}
			same(t, "left", left(w), test.left)
		})
	}
	bubble(t, "a network that is in use", func(t *testing.T) {
		w := prepare(t)
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "remove network" {
				return errors.New("it has active endpoints")
			}
			return nil
		}
		err := w.runner.Stop(t.Context(), StopOptions{Remove: true, Volumes: true})
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: clean-up" {
			t.Errorf("error: %v", err)
		}
		same(t, "left", left(w), "; 2 networks; ; context: false")
		same(t, "messages", w.rest(), "error: network miniboss-shop cannot be removed: it has active endpoints\n"+
			"removed: volume shop_both\nremoved: volume shop_data\nremoved: volume shop_old")
	})
	bubble(t, "hooks see the context, which goes last", func(t *testing.T) {
		w := prepare(t)
		var seen string
		err := w.runner.Stop(t.Context(), StopOptions{Remove: true, OnStop: func(_ context.Context, names []string) error {
			seen = strings.Join(names, " ") + " " + load(t, w.runner.Store, "shop")
			w.values.set("late", 1)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "seen", seen, `b a {"id":1}`)
		same(t, "left", left(w), "; 1 networks; shop_both shop_data shop_old; context: false")
	})
}

func TestStopOrphans(t *testing.T) {
	t.Parallel()
	bubble(t, "of this file, in the order of their labels, before what they depend on", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:", nil)
		leftBy(w, "a", "running")
		leftBy(w, "old", "running", "a")
		leftBy(w, "older", "running", "old", "gone")
		w.engine.add(Container{ID: "moved", Name: "moved", State: "running", Labels: Labels{Group: "shop", Service: "moved", File: "/gone/miniboss.js"}})
		w.engine.add(Container{ID: "group2", Name: "group2", State: "running", Labels: Labels{Group: "shop2", Service: "old", File: w.runner.File}})
		stops(w, j)
		if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
			t.Fatal(err)
		}
		same(t, "stops", j.String(), "0s moved, 0s older, 1s old, 2s a")
		same(t, "containers", w.engine.list(), "group2 running, moved exited 0, shop_a exited 0, shop_old exited 0, shop_older exited 0")
	})
	bubble(t, "not where services are named", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		leftBy(w, "a", "running")
		leftBy(w, "old", "running")
		if err := w.runner.Stop(t.Context(), StopOptions{Selection: spec.Selection{Services: []string{"a"}}}); err != nil {
			t.Fatal(err)
		}
		same(t, "containers", w.engine.list(), "shop_a exited 0, shop_old running")
	})
	bubble(t, "whose labels contradict each other", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, "a:", nil)
		// x was made when it depended on y, and y when it was the other way
		// round: nothing may wait for ever.
		leftBy(w, "x", "running", "y")
		leftBy(w, "y", "running", "x")
		leftBy(w, "z", "running", "z", "y")
		stops(w, j)
		if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
			t.Fatal(err)
		}
		same(t, "containers", w.engine.list(), "shop_x exited 0, shop_y exited 0, shop_z exited 0")
		if !strings.HasPrefix(j.String(), "0s z, 1s ") {
			t.Errorf("z depends on y and does not go first: %s", j)
		}
	})
}

// The file cannot be loaded any more: the labels tell what there is.
func TestStopWithoutFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		selection spec.Selection
		stops     string
		err       string
	}{
		{"all", spec.Selection{}, "0s mail, 0s web, 1s api, 2s db", ""},
		{"named, with dependants", spec.Selection{Services: []string{"api"}}, "0s web, 1s api", ""},
		{"just one", spec.Selection{Services: []string{"api"}, NoDeps: true}, "0s api", ""},
		{"excluded", spec.Selection{Exclude: []string{"db"}}, "0s mail, 0s web, 1s api", ""},
		{"excluded, whose dependency would go", spec.Selection{Exclude: []string{"web"}}, "", "web cannot be excluded: it depends on api, which would be stopped"},
		{"unknown", spec.Selection{Services: []string{"apo"}}, "", `there is no service "apo"`},
	} {
		bubble(t, test.name, func(t *testing.T) {
			j := newJournal()
			w := newWorld(t, "unused:", nil)
			leftBy(w, "db", "running")
			leftBy(w, "api", "running", "db", "gone")
			leftBy(w, "web", "running", "api")
			leftBy(w, "mail", "running")
			w.runner.Graph, w.runner.Values = nil, nil
			stops(w, j)
			err := w.runner.Stop(t.Context(), StopOptions{Selection: test.selection})
			if got := fmt.Sprint(err); err != nil && got != test.err || err == nil && test.err != "" {
				t.Errorf("error: %v, want %s", err, test.err)
			}
			same(t, "stops", j.String(), test.stops)
		})
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	prepare := func(t *testing.T) *world {
		dir := projectDir(t)
		w := newWorld(t, "a:\nb: a\nother:", func(s map[string]*spec.Service) {
			s["a"].Loaded.Image, s["a"].Loaded.Build = "app:dev", &spec.Build{Context: dir + "/web", Dockerfile: "Dockerfile"}
		})
		w.fields["a"] = object{"name": "a", "image": "app:dev", "buildFrom": dir + "/web"}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		return w
	}
	bubble(t, "the old one runs until the image is built", func(t *testing.T) {
		w := prepare(t)
		var during string
		w.engine.before = func(ctx context.Context, operation string) error {
			if operation == "build app:dev" {
				during = w.engine.list()
			}
			return nil
		}
		name := ""
		err := w.runner.Reload(t.Context(), ReloadOptions{Service: "a", Timeout: time.Second, OnReload: func(_ context.Context, n string) error { name = n; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "during the build", during, "shop_a running, shop_b running, shop_other running")
		same(t, "name", name, "a")
		same(t, "outcomes", w.outcomes(), "a: ready: replace: image app:dev was rebuilt (reload)")
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running, shop_other running")
	})
	bubble(t, "also where the image is the same", func(t *testing.T) {
		w := prepare(t)
		if err := w.runner.Reload(t.Context(), ReloadOptions{Service: "a", Timeout: time.Second}); err != nil {
			t.Fatal(err)
		}
		if w.engine.containers["c1"] != nil && w.engine.containers["c2"] != nil && w.engine.containers["c3"] != nil {
			t.Error("no container was replaced")
		}
	})
	bubble(t, "a build that fails leaves it as it is", func(t *testing.T) {
		w := prepare(t)
		w.engine.before = func(ctx context.Context, operation string) error {
			if operation == "build app:dev" {
				return errors.New("RUN false: exit code 1")
			}
			return nil
		}
		err := w.runner.Reload(t.Context(), ReloadOptions{Service: "a", Timeout: time.Second, OnReload: func(context.Context, string) error { t.Error("called"); return nil }})
		if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a" {
			t.Errorf("error: %v", err)
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": RUN false: exit code 1`)
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running, shop_other running")
	})
	bubble(t, "with its dependants", func(t *testing.T) {
		j := newJournal()
		w := prepare(t)
		w.runner.Graph.Service("b").Hooks = spec.Hooks{PreStop: j.hook("b preStop", time.Second), PostStart: j.hook("b postStart", 0)}
		if err := w.runner.Reload(t.Context(), ReloadOptions{Service: "a", Timeout: 5 * time.Second, Dependants: true}); err != nil {
			t.Fatal(err)
		}
		same(t, "hooks", j.String(), "1s b preStop") // after the settle time of the first start
		same(t, "outcomes", w.outcomes(), "a: ready: replace: image app:dev was rebuilt (reload)\nb: stopped\nb: ready: restart: it was stopped")
		w.again()
		if err := w.runner.Reload(t.Context(), ReloadOptions{Service: "a", Timeout: 5 * time.Second, Dependants: true, Remove: true}); err != nil {
			t.Fatal(err)
		}
		same(t, "outcomes with --remove", w.outcomes(), "a: ready: replace: image app:dev was rebuilt (reload)\nb: stopped\nb: ready: replace: reload of a")
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running, shop_other running")
	})
	for name, want := range map[string]string{"b": `service "b" cannot be reloaded: it has no buildFrom`, "x": `there is no service "x"`} {
		bubble(t, "refused for "+name, func(t *testing.T) {
			w := prepare(t)
			var usage *spec.UsageError
			if err := w.runner.Reload(t.Context(), ReloadOptions{Service: name}); !errors.As(err, &usage) || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

func TestGroupContainers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:\nb:", nil)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := NewContainers("shop", w.engine) // as in another command: nothing is known yet
		result, err := c.Exec(t.Context(), "a", ExecOptions{Cmd: []string{"echo", "x"}})
		if err != nil || !strings.HasSuffix(result.Stdout, ": echo x") {
			t.Errorf("exec: %+v, %v", result, err)
		}
		if text, err := c.Logs(t.Context(), "a", LogOptions{}); err != nil || text != "one\ntwo\n" {
			t.Errorf("logs: %q, %v", text, err)
		}
		if _, err := c.HostPort(t.Context(), "a", "80"); err == nil || err.Error() != `service "a" does not publish port 80/tcp` {
			t.Errorf("host port: %v", err)
		}
		if healthy, err := c.Healthy(t.Context(), "a"); healthy || err == nil || err.Error() != `service "a" has no healthcheck, so it can never be healthy` {
			t.Errorf("healthy: %v, %v", healthy, err)
		}
		for _, container := range w.engine.containers {
			container.Health = "healthy"
		}
		if healthy, err := c.Healthy(t.Context(), "a"); !healthy || err != nil {
			t.Errorf("healthy: %v, %v", healthy, err)
		}
		if data, err := c.Inspect(t.Context(), "b"); err != nil || !strings.HasPrefix(string(data), `{"Id":"c`) {
			t.Errorf("inspect: %s, %v", data, err)
		}
		if _, err := c.Inspect(t.Context(), "x"); err == nil || err.Error() != `service "x" has no container` {
			t.Errorf("inspect x: %v", err)
		}
	})
}
