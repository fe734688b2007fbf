package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// What runs is asked once, and pinged as one that was restarted where it does
// not answer.
func TestRunningIsAsked(t *testing.T) {
	t.Parallel()
	const runs = "running and up to date"
	// running starts a and b, which depends on a, and returns the next command.
	running := func(t *testing.T, ping func(ctx context.Context) (bool, string, error)) *world {
		t.Helper()
		w := newWorld(t, "a:\nb: a", func(s map[string]*spec.Service) {
			s["a"].Hooks = spec.Hooks{Ping: ready(0), PostStart: func(context.Context) error { return nil }}
			s["b"].Hooks.Ping = ready(0)
		})
		must(t, w.start(t.Context()))
		w.runner.Graph.Service("a").Hooks = spec.Hooks{Ping: ping, PostStart: func(context.Context) error { t.Error("postStart"); return nil }}
		w.again()
		return w
	}
	bubble(t, "and answers", func(t *testing.T) {
		asked := 0
		w := running(t, func(context.Context) (bool, string, error) { asked++; return true, "", nil })
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), "a: unchanged: "+runs+"\nb: unchanged: "+runs)
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
	bubble(t, "and answers again after a while", func(t *testing.T) {
		var w *world
		began := time.Now()
		w = running(t, func(context.Context) (bool, string, error) {
			return time.Since(began) > 2*time.Second, "connection refused", nil
		})
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), "a: ready: await: running but not answering: connection refused\nb: unchanged: "+runs)
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running")
		same(t, "phases of b", w.phases("b"), "waiting unchanged")
	})
	bubble(t, "and hangs", func(t *testing.T) {
		began := time.Now()
		w := running(t, func(ctx context.Context) (bool, string, error) {
			if time.Since(began) < 5*time.Second {
				<-ctx.Done()
				return false, "", ctx.Err()
			}
			return true, "", nil
		})
		must(t, w.start(t.Context()))
		same(t, "outcomes", w.outcomes(), "a: ready: await: running but not answering: no answer within 5 s\nb: unchanged: "+runs)
	})
	bubble(t, "and its ping is wrong", func(t *testing.T) {
		w := running(t, func(context.Context) (bool, string, error) {
			return false, "", errors.New("TypeError: x is not a function")
		})
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: TypeError: x is not a function`+"\nb: skipped: a failed (still running)")
	})
	bubble(t, "after what its dependency does", func(t *testing.T) {
		w := running(t, ready(0))
		w.fields["a"]["env"] = object{"A": "b"}
		w.runner.Graph.Service("a").Hooks.PostStart = func(context.Context) error {
			time.Sleep(time.Second) // until b was asked ahead
			w.values.set("a", 2)
			return nil
		}
		asked := ""
		w.runner.Graph.Service("b").Hooks.Ping = func(context.Context) (bool, string, error) {
			values, err := w.values.Snapshot(t.Context())
			asked += string(values)
			return true, "", err
		}
		must(t, w.start(t.Context()))
		same(t, "asked", asked, `{}{"a":2}`)
	})
	bubble(t, "by its healthcheck", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.started["a"] = turns("healthy", time.Second)
		must(t, w.start(t.Context()))
		for _, test := range []struct {
			health  string
			healthy bool
			want    string
		}{
			{"healthy", false, "a: unchanged: " + runs},
			{"starting", true, "a: unchanged: " + runs},
			{"unhealthy", true, "a: ready: await: container is unhealthy"},
			{"unhealthy", false, `a: failed: service "a": healthcheck: container is unhealthy: curl: (7)`},
		} {
			w.again()
			w.engine.containers["c1"].Health = test.health
			w.engine.healthy = func(*fakeContainer) bool { return test.healthy }
			_ = w.start(t.Context())
			same(t, test.health, w.outcomes(), test.want)
		}
	})
}

func TestStatusAsks(t *testing.T) {
	t.Parallel()
	bubble(t, "side by side, and does not hang", func(t *testing.T) {
		w := newWorld(t, "a:\nb:\nc:\nd:\ne:", func(s map[string]*spec.Service) {
			for _, name := range []string{"a", "b", "c", "d"} {
				s[name].Hooks.Ping = ready(0)
			}
		})
		must(t, w.start(t.Context()))
		hang := func(ctx context.Context) (bool, string, error) {
			<-ctx.Done()
			w.values.set("leak", 1)
			return false, "", ctx.Err()
		}
		for name, ping := range map[string]func(context.Context) (bool, string, error){
			"b": hang, "d": hang,
			"c": func(context.Context) (bool, string, error) {
				return false, "", &spec.NotYetError{Reason: "connect localhost:1: connection refused", Address: "localhost:1"}
			},
		} {
			w.runner.Graph.Service(name).Hooks.Ping = ping
		}
		w.again()
		w.runner.ReadOnly = true
		began := time.Now()
		status, err := w.runner.Status(t.Context(), nil)
		must(t, err)
		if took := time.Since(began); took != statusAskLimit {
			t.Errorf("it took %v", took)
		}
		var got strings.Builder
		for _, s := range status.Services {
			got.WriteString(s.Service + " " + s.State + " " + s.Health)
			if s.Ready {
				got.WriteString(" (ready)")
			}
			got.WriteByte('\n')
		}
		same(t, "health", got.String(), `a running answers (ready)
b running no answer within 2 s
c running connect localhost:1: connection refused
d running no answer within 2 s
e running  (ready)
`)
		if saved, err := w.runner.Store.Load("shop"); err != nil || string(saved) != "{}" {
			t.Errorf("saved: %s %v", saved, err)
		}
	})
}
