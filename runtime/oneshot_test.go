package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

func TestDecideByDependencies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		ran  map[string]string // on the label
		now  map[string]DependencyContainer
		want string
	}{
		{"the same ones", map[string]string{"db": "d1", "redis": "r1"}, map[string]DependencyContainer{"db": {ID: "d1"}, "redis": {ID: "r1"}}, ""},
		{"another one", map[string]string{"db": "d1", "redis": "r1"}, map[string]DependencyContainer{"db": {ID: "d2"}, "redis": {ID: "r1"}}, "db was recreated since the last run"},
		{"two others", map[string]string{"db": "d1", "redis": "r1"}, map[string]DependencyContainer{"db": {ID: "d2"}, "redis": {ID: "r2"}},
			"db was recreated since the last run, redis was recreated since the last run"},
		{"the first digits count", map[string]string{"db": "0123456789ab"}, map[string]DependencyContainer{"db": {ID: "0123456789abcdef"}}, ""},
		{"made by this command", map[string]string{"db": "d1"}, map[string]DependencyContainer{"db": {ID: "d1", New: true}}, "db was recreated since the last run"},
		{"not there now", map[string]string{"db": "d1"}, nil, ""},
		{"not known, and older", nil, map[string]DependencyContainer{"db": {ID: "d1", Created: time.Unix(999, 0)}}, ""},
		{"not known, and as old", nil, map[string]DependencyContainer{"db": {ID: "d1", Created: time.Unix(1000, 0)}}, ""},
		{"not known, and younger", map[string]string{"redis": "r1"}, map[string]DependencyContainer{"db": {ID: "d1", Created: time.Unix(1001, 0)}}, "db was recreated since the last run"},
	} {
		for _, state := range []string{"running", "exited 0", "exited 1"} {
			want, c := wanted(), container("shop_web", state)
			want.OneShot, want.Dependencies, c.Labels.RanWith = true, test.now, test.ran
			got := printed(Decide(want, []Container{c}, nil))
			if reason := "replace: " + test.want; test.want != "" && got != reason+" -"+c.ID || test.want == "" && strings.Contains(got, "new container") {
				t.Errorf("%s, %s: got %s", test.name, state, got)
			}
			want.OneShot = false
			if got := printed(Decide(want, []Container{c}, nil)); strings.Contains(got, "new container") {
				t.Errorf("%s, %s, and it is no one-shot service: %s", test.name, state, got)
			}
		}
	}
}

func TestWorksOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "db:\nredis:\napi: redis\nmigrate: db\nseed: migrate api", func(s map[string]*spec.Service) {
		s["migrate"].Loaded.OneShot, s["seed"].Loaded.OneShot = true, true
	})
	for name, want := range map[string]string{"db": "[]", "migrate": "[db]", "seed": "[api db migrate]"} {
		same(t, name, fmt.Sprint(w.runner.Graph.WorksOn(name)), want)
	}
}

// A database with its data in its container, what migrates it, what fills it
// then, and who uses it.
func migrated(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "db:\nmigrate: db\nseed: migrate\napp: seed", func(s map[string]*spec.Service) {
		for _, name := range []string{"migrate", "seed"} {
			s[name].Loaded.OneShot = true
		}
	})
	for _, name := range []string{"migrate", "seed"} {
		w.fields[name]["oneShot"] = true
		w.engine.started[name] = diesAfter(time.Second, 0)
	}
	must(t, w.start(t.Context()))
	w.again()
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestOneShotAgain(t *testing.T) {
	t.Parallel()
	const app = "app: unchanged: running and up to date\n"
	const both = "migrate: ready: replace: db was recreated since the last run\nseed: ready: replace: db was recreated since the last run, migrate was recreated since the last run"
	const neither = "migrate: unchanged: completed and up to date\nseed: unchanged: completed and up to date"
	bubble(t, "after its dependency changed", func(t *testing.T) {
		w := migrated(t)
		must(t, w.start(t.Context()))
		same(t, "nothing changed", w.outcomes(), app+"db: unchanged: running and up to date\n"+neither)
		w.again()
		w.fields["db"]["env"] = object{"A": "b"}
		plan, err := w.runner.Plan(t.Context(), startOptions())
		must(t, err)
		same(t, "plan", plan.String(), `db       replace: env.A changed
           env.A: 1 → 2
migrate  replace: db was recreated since the last run
seed     replace: db was recreated since the last run, migrate was recreated since the last run
app      keep: running and up to date
`)
		same(t, "status", reasons(t, w), "db: env.A changed\nmigrate: db will be recreated\nseed: db will be recreated, migrate will be recreated\n")
		must(t, w.start(t.Context()))
		same(t, "changed", w.outcomes(), app+"db: ready: replace: env.A changed\n"+both)
		w.again()
		must(t, w.start(t.Context()))
		same(t, "nothing changed any more", w.outcomes(), app+"db: unchanged: running and up to date\n"+neither)
	})
	bubble(t, "with alwaysStartNew", func(t *testing.T) {
		w := migrated(t)
		w.fields["db"]["alwaysStartNew"], w.runner.Graph.Service("db").Loaded.AlwaysStartNew = true, true
		must(t, w.runner.Stop(t.Context(), StopOptions{}))
		w.again()
		same(t, "status", reasons(t, w), "migrate: db will be recreated\nseed: db will be recreated, migrate will be recreated\n")
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), "app: ready: restart: it was stopped\ndb: ready: replace: alwaysStartNew\n"+both)
	})
	bubble(t, "without alwaysStartNew the data is still there", func(t *testing.T) {
		w := migrated(t)
		must(t, w.runner.Stop(t.Context(), StopOptions{}))
		w.again()
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), "app: ready: restart: it was stopped\ndb: ready: restart: it was stopped\n"+neither)
	})
	bubble(t, "after a start that was killed between the two", func(t *testing.T) {
		w := migrated(t)
		w.fields["db"]["env"] = object{"A": "b"}
		o := startOptions()
		o.Services, o.NoDeps = []string{"db"}, true
		must(t, w.runner.Start(t.Context(), o))
		w.again()
		same(t, "status", reasons(t, w), "migrate: db was recreated since the last run\nseed: db was recreated since the last run, migrate will be recreated\n")
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), app+"db: unchanged: running and up to date\n"+both)
	})
	bubble(t, "that failed the second time, until it does not", func(t *testing.T) {
		w := migrated(t)
		w.fields["db"]["env"] = object{"A": "b"}
		w.engine.started["migrate"] = diesAfter(time.Second, 3)
		_ = w.start(t.Context())
		w.again()
		w.engine.started["migrate"] = diesAfter(time.Second, 0)
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), app+"db: unchanged: running and up to date\n"+
			"migrate: ready: new container\nseed: ready: replace: db was recreated since the last run, migrate was recreated since the last run")
	})
	bubble(t, "of its own, without dependencies", func(t *testing.T) {
		w := migrated(t)
		w.fields["db"]["env"] = object{"A": "b"}
		o := startOptions()
		o.Services, o.NoDeps = []string{"seed"}, true
		must(t, w.runner.Start(t.Context(), o))
		same(t, "db was not touched", w.outcomes(), "seed: unchanged: completed and up to date")
		o.Services = []string{"db"}
		must(t, w.runner.Start(t.Context(), o))
		w.again()
		o.Services = []string{"seed"}
		must(t, w.runner.Start(t.Context(), o))
		same(t, "db was replaced", w.outcomes(), "seed: ready: replace: db was recreated since the last run")
	})
	bubble(t, "after a restart that made a new container", func(t *testing.T) {
		w := migrated(t)
		restart := func() {
			t.Helper()
			o := startOptions()
			must(t, w.runner.Restart(t.Context(), RestartOptions{Selection: spec.Selection{Services: []string{"db"}}, Timeout: o.Timeout, Settle: o.Settle}))
		}
		restart()
		if got := w.outcomes(); !strings.Contains(got, neither) {
			t.Errorf("the same container: %s", got)
		}
		w.again()
		w.fields["db"]["env"] = object{"A": "b"}
		restart()
		if got := w.outcomes(); !strings.Contains(got, both) {
			t.Errorf("a new container: %s", got)
		}
	})
	bubble(t, "after a reload", func(t *testing.T) {
		w := newWorld(t, "db:\nmigrate: db\napp: migrate", func(s map[string]*spec.Service) {
			s["migrate"].Loaded.OneShot = true
			s["db"].Loaded.Build = &spec.Build{Context: "/db"}
		})
		context := t.TempDir()
		must(t, os.WriteFile(filepath.Join(context, "Dockerfile"), []byte("FROM scratch\n"), 0o600))
		w.fields["db"]["buildFrom"] = context
		w.fields["migrate"]["oneShot"] = true
		w.engine.started["migrate"] = diesAfter(time.Second, 0)
		must(t, w.start(t.Context()))
		w.again()
		o := startOptions()
		must(t, w.runner.Reload(t.Context(), ReloadOptions{Service: "db", Timeout: o.Timeout, Settle: o.Settle}))
		if got := w.outcomes(); !strings.Contains(got, "migrate: ready: replace: image web:1 was rebuilt, db was recreated since the last run") || strings.Contains(got, "app") {
			t.Errorf("got %s", got)
		}
	})
	bubble(t, "is not run where its dependency fails", func(t *testing.T) {
		w := migrated(t)
		w.fields["db"]["env"] = object{"A": "b"}
		w.runner.Graph.Service("db").Hooks.Ping = func(context.Context) (bool, string, error) { return false, "", errors.New("no") }
		_ = w.start(t.Context())
		if got := w.outcomes(); !strings.Contains(got, "migrate: skipped: db failed\nseed: skipped: db failed") {
			t.Errorf("got %s", got)
		}
	})
}

// reasons are those of a status, by service.
func reasons(t *testing.T, w *world) string {
	t.Helper()
	status, err := w.runner.Status(t.Context(), nil)
	must(t, err)
	var text strings.Builder
	for _, s := range status.Services {
		if s.Unknown != "" {
			fmt.Fprintf(&text, "%s: unknown: %s\n", s.Service, s.Unknown)
		}
		if len(s.Reasons) > 0 {
			fmt.Fprintf(&text, "%s: %s\n", s.Service, strings.Join(s.Reasons, ", "))
		}
	}
	return text.String()
}
