package runtime

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/miniboss/miniboss/runtime/spec"
)

func oneOffWorld(t *testing.T) *world {
	w := newWorld(t, "web:", nil)
	w.engine.networks["miniboss-shop"] = Network{ID: "n", Name: "miniboss-shop", Ours: true}
	return w
}

func runOptions(cmd ...string) RunOptions {
	return RunOptions{Service: "web", Cmd: cmd, Streams: Streams{Stdout: io.Discard, Stderr: io.Discard}}
}

func TestRunOneOff(t *testing.T) {
	t.Parallel()
	t.Run("its exit code, and nothing left", func(t *testing.T) {
		t.Parallel()
		w := oneOffWorld(t)
		w.engine.started["web"] = func(e *fakeEngine, c *fakeContainer) { e.die(c, 7) }
		code, err := w.runner.RunOneOff(t.Context(), runOptions("x"))
		if code != 7 || err != nil || w.engine.list() != "" {
			t.Errorf("%d %v, left: %s", code, err, w.engine.list())
		}
	})
	t.Run("the engine does not end the output", func(t *testing.T) {
		t.Parallel()
		w := oneOffWorld(t)
		w.engine.started["web"] = func(e *fakeEngine, c *fakeContainer) { e.die(c, 7) }
		w.engine.unended = true
		code, err := w.runner.RunOneOff(t.Context(), runOptions("x"))
		want := "warning: the container exited, but the engine left its output open: the last lines may be missing"
		if got := w.rest(); code != 7 || err != nil || !strings.Contains(got, want) {
			t.Errorf("%d %v, %s", code, err, got)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := oneOffWorld(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			w.engine.started["web"] = func(*fakeEngine, *fakeContainer) { cancel(ErrInterrupted) }
			if _, err := w.runner.RunOneOff(ctx, runOptions("x")); !errors.Is(err, ErrInterrupted) || w.engine.list() != "" {
				t.Errorf("%v, left: %s", err, w.engine.list())
			}
		})
	})
	t.Run("not started", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "web:", nil)
		w.fields["web"]["env"] = object{"ID": spec.Undefined{}}
		_, err := w.runner.RunOneOff(t.Context(), runOptions("x"))
		if err == nil || err.Error() != `service "web": group shop is not running: network miniboss-shop does not exist` {
			t.Error(err)
		}
	})
}

// TestLeftOvers starts beside a one-off container that is in use and one that
// is not.
func TestLeftOvers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := oneOffWorld(t)
		for id, file := range map[string]string{"1": w.runner.File, "2": w.runner.File, "3": "/gone/miniboss.js"} {
			w.engine.add(Container{ID: id, Name: "shop_web.run" + id, State: "running", Labels: Labels{Group: "shop", Service: "web", File: file, OneOff: true}})
		}
		w.runner.TryLock = func(name string) (func(), error) {
			if strings.HasSuffix(name, ".run2") {
				return nil, nil
			}
			return func() {}, nil
		}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "containers", w.engine.list(), "shop_web running, shop_web.run2 running")
		same(t, "events", w.rest(), "notice: group shop: taking over container shop_web.run3 from /gone/miniboss.js, which no longer exists\n"+
			"removed: container shop_web.run1, left behind by a killed run\n"+
			"removed: container shop_web.run3, left behind by a killed run")
	})
}
