package runtime

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// A container that is dead, restarting or paused when a command comes to it, and
// one that the engine does not remove. b depends on it, and is as it should be.
func TestOddStates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		command, state string
		stuck          bool // the engine removes no container of a
		outcomes       string
		hooks          string // of a
		list, err      string
	}{
		{"start", "dead", false,
			"a: ready: replace: container is dead\nb: unchanged: running and up to date", "0s postStart",
			"shop_a running, shop_b running", "<nil>"},
		{"start", "dead", true,
			"a: failed: service \"a\": container shop_a cannot be removed: device or resource busy\nb: skipped: a failed (still running)", "",
			"shop_a dead, shop_b running", "1 failed: a · 1 skipped: b"},
		{"start", "restarting", false,
			"a: failed: service \"a\": container exited with code 3\nb: skipped: a failed (still running)", "",
			"shop_b running", "1 failed: a · 1 skipped: b"},
		{"start", "restarting", true,
			"a: failed: service \"a\": container exited with code 3\nb: skipped: a failed (still running)", "",
			"shop_a.failed restarting, shop_b running", "1 failed: a · 1 skipped: b"},
		{"start", "paused", false,
			"a: ready: restart: it was paused\nb: unchanged: running and up to date", "",
			"shop_a running, shop_b running", "<nil>"},
		{"start", "paused", true,
			"a: ready: restart: it was paused\nb: unchanged: running and up to date", "",
			"shop_a running, shop_b running", "<nil>"},
		{"stop", "dead", false,
			"b: stopped", "",
			"shop_a dead, shop_b exited 0", "<nil>"},
		{"stop", "restarting", false,
			"a: stopped\nb: stopped", "0s preStop, 10ms postStop",
			"shop_a exited 0, shop_b exited 0", "<nil>"},
		{"stop", "paused", false,
			"a: stopped\nb: stopped", "0s preStop, 10ms postStop",
			"shop_a exited 0, shop_b exited 0", "<nil>"},
		{"stop --remove", "dead", false,
			": removed: network miniboss-shop\na: removed\nb: removed", "",
			"", "<nil>"},
		{"stop --remove", "dead", true,
			": removed: network miniboss-shop\na: failed: service \"a\": container shop_a cannot be removed: device or resource busy\nb: removed", "",
			"shop_a dead", "1 failed: a"},
		{"stop --remove", "restarting", false,
			": removed: network miniboss-shop\na: removed\nb: removed", "0s preStop, 10ms postStop",
			"", "<nil>"},
		{"stop --remove", "restarting", true,
			": removed: network miniboss-shop\na: failed: service \"a\": container shop_a cannot be removed: device or resource busy\nb: removed", "0s preStop, 10ms postStop",
			"shop_a exited 0", "1 failed: a"},
		{"stop --remove", "paused", false,
			": removed: network miniboss-shop\na: removed\nb: removed", "0s preStop, 10ms postStop",
			"", "<nil>"},
		{"stop --remove", "paused", true,
			": removed: network miniboss-shop\na: failed: service \"a\": container shop_a cannot be removed: device or resource busy\nb: removed", "0s preStop, 10ms postStop",
			"shop_a exited 0", "1 failed: a"},
		{"reload", "dead", false,
			"a: ready: replace: image app:dev was rebuilt, container is dead (reload)", "0s postStart",
			"shop_a running, shop_b running", "<nil>"},
		{"reload", "dead", true,
			`a: failed: service "a": container shop_a cannot be removed: device or resource busy`, "",
			"shop_a dead, shop_b running", "1 failed: a"},
		{"reload", "restarting", false,
			"a: ready: replace: image app:dev was rebuilt (reload)", "0s preStop, 10ms postStop, 20ms postStart",
			"shop_a running, shop_b running", "<nil>"},
		{"reload", "restarting", true,
			`a: failed: service "a": container shop_a cannot be removed: device or resource busy`, "0s preStop, 10ms postStop",
			"shop_a exited 0, shop_b running", "1 failed: a"},
		{"reload", "paused", false,
			"a: ready: replace: image app:dev was rebuilt (reload)", "0s preStop, 10ms postStop, 20ms postStart",
			"shop_a running, shop_b running", "<nil>"},
		{"reload", "paused", true,
			`a: failed: service "a": container shop_a cannot be removed: device or resource busy`, "0s preStop, 10ms postStop",
			"shop_a exited 0, shop_b running", "1 failed: a"},
	} {
		name := test.command + " " + test.state
		if test.stuck {
			name += ", which cannot be removed"
		}
		bubble(t, name, func(t *testing.T) {
			j := newJournal()
			dir := projectDir(t)
			w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
				s["a"].Loaded.Image, s["a"].Loaded.Build = "app:dev", &spec.Build{Context: dir + "/web", Dockerfile: "Dockerfile"}
				s["a"].Hooks = spec.Hooks{PreStop: j.hook("preStop", 10*time.Millisecond), PostStop: j.hook("postStop", 10*time.Millisecond), PostStart: j.hook("postStart", 0)}
			})
			w.fields["a"] = object{"name": "a", "image": "app:dev", "buildFrom": dir + "/web"}
			w.engine.unchanged = true
			w.engine.images["app:dev"] = "id of web:1"
			w.builtHere("a", "id of web:1")
			w.engine.networks["miniboss-shop"] = Network{ID: "n", Name: "miniboss-shop", Ours: true}
			leftBy(w, "a", test.state)
			leftBy(w, "b", "running", "a")
			if test.state == "restarting" {
				w.engine.containers["id-a"].ExitCode = 3
			}
			for _, c := range w.engine.containers {
				c.Networks = map[string]string{"miniboss-shop": "n"}
			}
			w.engine.before = func(_ context.Context, operation string) error {
				if test.stuck && operation == "remove a" {
					return errors.New("device or resource busy")
				}
				return nil
			}
			var err error
			switch test.command {
			case "start":
				err = w.start(t.Context())
			case "stop":
				err = w.runner.Stop(t.Context(), StopOptions{})
			case "stop --remove":
				err = w.runner.Stop(t.Context(), StopOptions{Remove: true})
			case "reload":
				err = w.runner.Reload(t.Context(), ReloadOptions{Service: "a", Timeout: 30 * time.Second, Settle: time.Second})
			}
			same(t, "outcomes", w.outcomes(), test.outcomes)
			same(t, "hooks", j.String(), test.hooks)
			same(t, "containers", w.engine.list(), test.list)
			same(t, "error", fmt.Sprint(err), test.err)
		})
	}
}
