package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// refuses has the engine rename no container that runs.
func refuses(w *world) {
	w.engine.before = func(_ context.Context, operation string) error {
		service, isRename := strings.CutPrefix(operation, "rename ")
		if !isRename {
			return nil
		}
		w.engine.mu.Lock()
		defer w.engine.mu.Unlock()
		for _, c := range w.engine.containers {
			if c.Labels.Service == service && c.State == "running" {
				return errors.New("already exists")
			}
		}
		return nil
	}
}

// TestRenameRefused has an engine that renames no container that runs, as Docker
// 20.10 on an overlay network. The service is ready all the same, for the next
// commands too, and no postStart runs twice.
func TestRenameRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		postStarts := 0
		var started time.Time
		w := newWorld(t, "a:", func(s map[string]*spec.Service) {
			s["a"].Hooks.Ping = func(context.Context) (bool, string, error) { return time.Since(started) > 10*time.Millisecond, "", nil }
			s["a"].Hooks.PostStart = func(context.Context) error { postStarts++; return nil }
		})
		w.engine.started["a"] = func(*fakeEngine, *fakeContainer) { started = time.Now() }
		refuses(w)
		next := func() {
			w.again()
			w.runner.Journal = journalIn(t, dir)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		status := func() string {
			t.Helper()
			next()
			w.runner.Journal = state.ReadJournal(dir, "group shop")
			s, err := w.runner.Status(t.Context(), nil)
			must(err)
			return s.Services[0].State
		}

		next()
		must(w.start(t.Context()))
		same(t, "containers", w.engine.list(), "shop_a.new running")
		same(t, "status", status(), StateRunning)

		next()
		must(w.start(t.Context()))
		same(t, "start again", w.phases("a"), "unchanged")

		next()
		must(w.runner.Restart(t.Context(), RestartOptions{Timeout: startOptions().Timeout}))
		same(t, "containers", w.engine.list(), "shop_a running")
		same(t, "status", status(), StateRunning)

		next()
		must(w.runner.Stop(t.Context(), StopOptions{Remove: true}))
		if postStarts != 1 {
			t.Errorf("postStart ran %d times for one container", postStarts)
		}
		next()
		if left := w.runner.Journal.Those(func(string, state.Verb) bool { return true }); len(left) != 0 {
			t.Errorf("the journal still has %v", left)
		}

		// Killed between becoming ready and being renamed.
		next()
		must(w.start(t.Context()))
		next()
		for id := range w.engine.containers {
			w.runner.Journal.Note(state.VerbDone, state.MarkKey(id))
			w.runner.Journal.Note(state.VerbReady, id)
		}
		next()
		must(w.start(t.Context()))
		same(t, "start after a kill", w.phases("a"), "unchanged")

		// Killed while a restarted one was not ready yet.
		next()
		must(w.runner.Stop(t.Context(), StopOptions{}))
		same(t, "stopped", w.engine.list(), "shop_a exited 0")
		next()
		for id, c := range w.engine.containers {
			c.State = "running"
			w.runner.Journal.Note(state.VerbAwait, id)
		}
		next()
		same(t, "status of one that is awaited", status(), StateRunning) // nothing has looked at it since
		next()
		must(w.start(t.Context()))
		same(t, "start after a kill", w.phases("a"), "pinging ready")
		if postStarts != 2 {
			t.Errorf("postStart ran %d times for two containers", postStarts)
		}
	})
}

// TestNameTaken has the name of a service's container taken by somebody else's:
// the service fails before anything is started, and says whose it is.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc:", func(s map[string]*spec.Service) {
			for _, service := range s {
				service.Hooks.PostStart = func(context.Context) error { return nil }
			}
		})
		w.engine.add(Container{ID: "0123456789abcdef", Name: "shop_b", State: "running", Image: "nginx"})
		err := w.start(t.Context())
		if !errors.Is(err, ErrFailed) {
			t.Error(err)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: new container\n"+
			`b: failed: service "b": the container name shop_b is taken by a container that miniboss did not create (image nginx, id 0123456789ab)`+"\n"+
			"c: ready: new container")
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running, shop_c running")
		if phases := w.phases("b"); strings.Contains(phases, string(PhaseStarting)) {
			t.Errorf("it was started: %s", phases)
		}
	})
}

func TestNameTakenSaysWhose(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]NameTakenError{
		"of group \"shop\", created from /work/miniboss.js":  {Group: "shop", File: "/work/miniboss.js"},
		"of service \"web\" in the Compose project \"blog\"": {Project: "blog", Service: "web"},
		"of the Compose project \"blog\"":                    {Project: "blog"},
		"that miniboss did not create":                       {},
	} {
		e.Name, e.Image, e.ID = "shop_db", "postgres:17", "0123456789abcdef"
		same(t, "message", e.Error(), "the container name shop_db is taken by a container "+want+" (image postgres:17, id 0123456789ab)")
		same(t, "hint", e.Hint(), "remove that container with docker rm -f shop_db\n  hint: or rename this file's group with groupName(…)")
	}
}
