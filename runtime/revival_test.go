package runtime

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// notices are the messages about a service.
func notices(w *world, service string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, e := range w.events {
		if e.Service == service && e.Phase == PhaseNotice {
			all = append(all, e.Cause)
		}
	}
	return strings.Join(all, "\n")
}

// A container whose restart policy has the engine start it again is waited for.
func TestRestartPolicy(t *testing.T) {
	t.Parallel()
	death := func(policy string, times int) string {
		return strings.TrimSuffix(strings.Repeat("container exited with code 1 and is restarted (restart = \""+policy+"\"): two\n", times), "\n")
	}
	for _, test := range []struct {
		name, policy string
		kind         string // ping, settle, oneShot
		started      func(*fakeEngine, *fakeContainer)
		want         string
		took         time.Duration
		notices      string
	}{
		{"until it stays up", "always", "ping", crashes(time.Second, 1, 3, 99), "a: ready: new container", 6 * time.Second, death("always", 3)},
		{"until it gives up", "on-failure:2", "ping", crashes(time.Second, 1, 99, 2),
			`a: failed: service "a": container exited with code 1 while waiting for ping, after being restarted 2 times`, 3200 * time.Millisecond, death("on-failure:2", 2)},
		{"until the time is over", "unless-stopped", "ping", crashes(4*time.Second, 1, 99, 99),
			`a: failed: service "a": ping: timed out after 30 s: connection refused (the container exited 7 times)`, 30 * time.Second, death("unless-stopped", 7)},
		{"which has none", "no", "ping", diesAfter(time.Second, 1),
			`a: failed: service "a": container exited with code 1 while waiting for ping`, time.Second, ""},
		{"on-failure that ends well", "on-failure", "ping", diesAfter(time.Second, 0),
			`a: failed: service "a": container exited with code 0 while waiting for ping`, time.Second, ""},
		{"until it has stayed up for the settle time", "always", "settle", crashes(500*time.Millisecond, 1, 2, 99), "a: ready: new container", 0, death("always", 2)},
		{"which never stays up", "always", "settle", crashes(500*time.Millisecond, 1, 9999, 9999),
			`a: failed: service "a": timed out after 31 s: the container does not stay up`, 31 * time.Second, death("always", 51)},
		{"of what ends well in the end", "on-failure:5", "oneShot", func(e *fakeEngine, c *fakeContainer) {
			crashes(time.Second, 1, 2, 99)(e, c)
			diesAfter(4*time.Second, 0)(e, c)
		}, "a: ready: new container", 4 * time.Second, death("on-failure:5", 2)},
		{"of what never ends well", "on-failure:1", "oneShot", crashes(time.Second, 1, 99, 1),
			`a: failed: service "a": container exited with code 1, after being restarted once`, 2100 * time.Millisecond, death("on-failure:1", 1)},
	} {
		bubble(t, test.name, func(t *testing.T) {
			began := time.Now()
			w := newWorld(t, "a:", func(s map[string]*spec.Service) {
				if test.kind == "ping" {
					s["a"].Hooks.Ping = func(context.Context) (bool, string, error) {
						up := strings.HasSuffix(test.want, "new container") && time.Since(began) >= 6*time.Second
						return up, "connection refused", nil
					}
				}
			})
			w.fields["a"]["restart"] = test.policy
			if test.kind == "oneShot" {
				w.fields["a"]["oneShot"] = true
			}
			w.engine.started["a"] = test.started
			_ = w.start(t.Context())
			same(t, "outcomes", w.outcomes(), test.want)
			same(t, "notices", notices(w, "a"), test.notices)
			if took := time.Since(began); test.took != 0 && took.Truncate(100*time.Millisecond) != test.took {
				t.Errorf("it took %v", took)
			}
		})
	}
	bubble(t, "with a ping that something else answers meanwhile", func(t *testing.T) {
		began := time.Now()
		w := newWorld(t, "a:", func(s map[string]*spec.Service) { s["a"].Hooks.Ping = ready(0) })
		w.fields["a"]["restart"] = "always"
		w.engine.started["a"] = func(e *fakeEngine, c *fakeContainer) {
			c.State, c.ExitCode, c.restarts = "restarting", 2, 1
			time.AfterFunc(3*time.Second, func() {
				e.mu.Lock()
				defer e.mu.Unlock()
				c.State = "running"
			})
		}
		must(t, w.start(t.Context()))
		if took := time.Since(began).Truncate(100 * time.Millisecond); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestHealthcheckAtThePaceOfAPing(t *testing.T) {
	t.Parallel()
	bubble(t, "healthy long before the engine says so", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.started["a"] = turns("healthy", 30*time.Second)
		began := time.Now()
		w.engine.healthy = func(*fakeContainer) bool { return time.Since(began) >= 2*time.Second }
		must(t, w.start(t.Context()))
		if took := time.Since(began); took < 2*time.Second || took > 2100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		same(t, "outcomes", w.outcomes(), "a: ready: new container")
	})
	bubble(t, "the engine says so first", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.started["a"] = turns("healthy", 3*time.Second)
		began := time.Now()
		must(t, w.start(t.Context()))
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
