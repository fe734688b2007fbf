package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// told are the events of pings that say more than that it is not ready yet, each
// once, and when.
func told(w *world) (text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[string]bool{}
	for _, e := range w.events {
		if line := fmt.Sprintf("%s lasting=%v hint=%q\n", e.Cause, e.Lasting, e.Hint); e.Phase == PhasePinging && (e.Lasting || e.Hint != "") && !seen[line] {
			seen[line] = true
			text += fmt.Sprintf("%v ", e.Time.Sub(w.events[0].Time).Truncate(time.Second)) + line
		}
	}
	return text
}

func TestStillWaiting(t *testing.T) {
	t.Parallel()
	wrong := &spec.NotYetError{Reason: "password authentication failed", Lasting: true}
	bubble(t, "for what seldom heals", func(t *testing.T) {
		_, took, w := pings(t, nil, func(context.Context, int) (bool, string, error) { return false, "", wrong })
		same(t, "told", told(w), "3s password authentication failed lasting=true hint=\"\"\n")
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": ping: timed out after 30 s: password authentication failed`)
		if took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
	})
	bubble(t, "for what heals", func(t *testing.T) {
		_, _, w := pings(t, nil, func(context.Context, int) (bool, string, error) { return false, "refused", nil })
		same(t, "told", told(w), "")
	})
	bubble(t, "for what healed in between", func(t *testing.T) {
		began := time.Now()
		_, _, w := pings(t, nil, func(context.Context, int) (bool, string, error) {
			at := time.Since(began)
			switch {
			case at > 6*time.Second:
				return true, "", nil
			case at < 2*time.Second || at > 4*time.Second:
				return false, "", wrong
			}
			return false, "", &spec.NotYetError{Reason: "refused"}
		})
		same(t, "told", told(w), "")
	})
}

func TestPingHint(t *testing.T) {
	t.Parallel()
	listen := func(addresses ...string) (all []netip.AddrPort) {
		for _, a := range addresses {
			all = append(all, netip.MustParseAddrPort(a))
		}
		return all
	}
	const local = "the program listens on %s inside the container, where published ports do not reach it: make it listen on 0.0.0.0 (for Vite: --host)"
	for _, test := range []struct {
		name, address string
		listeners     []netip.AddrPort
		want          string
		onlyAtTheEnd  bool
	}{
		{"on 127.0.0.1", "localhost:8080", listen("127.0.0.1:80"), fmt.Sprintf(local, "127.0.0.1:80"), false},
		{"on ::1", "127.0.0.1:8080", listen("[::1]:80", "0.0.0.0:9000"), fmt.Sprintf(local, "[::1]:80"), false},
		{"on both", "localhost:8080", listen("127.0.0.1:80", "172.17.0.2:80"), "", false},
		{"on all", "localhost:8080", listen("[::]:80", "127.0.0.1:9000"), "", false},
		{"on another port", "[::1]:8080", listen("0.0.0.0:3000", "[::]:3000"),
			"nothing listens on port 80 inside the container; the program listens on 3000: publish that port instead, or change the port of the program", false},
		{"nowhere", "localhost:8080", nil, "nothing listens on port 80 inside the container", true},
		{"the container's port", "localhost:80", listen("0.0.0.0:80"), "port 80 is the container port; from your machine, use localhost:8080", false},
		{"a port that nobody publishes", "localhost:4711", nil,
			"the service does not publish port 4711; it publishes localhost:8080 (container port 80)", false},
		{"another service's port", "localhost:5433", nil, "", false},
		{"its own name", "a:80", nil, `"a" is a name on the group's network; from your machine, use localhost:8080`, false},
		{"another service's name", "db:5432", nil, `"db" is a name on the group's network; from your machine, use localhost:5433`, false},
		{"a name and a port that is not published", "db:9999", nil,
			`"db" is a name on the group's network; to reach it from your machine, publish its port: ports = { 9999: 9999 }`, false},
		{"a name of any port", "any:6379", nil, `"any" is a name on the group's network; from your machine, use localhost and the port that hostPort(6379) returns`, false},
		{"elsewhere", "example.com:443", nil, "", false},
		{"nowhere that is known", "", listen("127.0.0.1:80"), "", false},
	} {
		bubble(t, test.name, func(t *testing.T) {
			w := newWorld(t, "db:\nany:\na:", func(s map[string]*spec.Service) {
				s["a"].Loaded.Ports = []spec.Port{{Container: 80, Host: 8080, Protocol: "tcp"}}
				s["db"].Loaded.Ports = []spec.Port{{Container: 5432, Host: 5433, Protocol: "tcp"}}
				s["any"].Loaded.Ports = []spec.Port{{Container: 6379, Protocol: "tcp"}}
				s["a"].Hooks.Ping = func(context.Context) (bool, string, error) {
					return false, "", &spec.NotYetError{Reason: "refused", Address: test.address}
				}
			})
			w.fields["a"]["ports"] = object{"80": 8080.0}
			w.engine.listeners = test.listeners
			o := startOptions()
			o.Services = []string{"a"}
			_ = w.runner.Start(t.Context(), o)
			early := ""
			if test.want != "" && !test.onlyAtTheEnd {
				early = fmt.Sprintf("3s refused lasting=false hint=%q\n", test.want)
			}
			same(t, "told", told(w), early)
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range w.events {
				if late, ok := errors.AsType[*NotReadyError](e.Err); ok {
					same(t, "in the end", late.Hint(), test.want)
				}
			}
		})
	}
}

func TestExitHint(t *testing.T) {
	t.Parallel()
	const hint = "if it is meant to exit, set oneShot = true; otherwise give it a cmd that keeps running (a shell exits at once without input)"
	for _, test := range []struct {
		exitCode int
		ping     bool
		want     string
	}{{0, false, hint}, {0, true, hint}, {1, false, ""}} {
		bubble(t, fmt.Sprint(test.exitCode, test.ping), func(t *testing.T) {
			w := newWorld(t, "a:", func(s map[string]*spec.Service) {
				if test.ping {
					s["a"].Hooks.Ping = ready(time.Hour)
				}
			})
			w.engine.started["a"] = diesAfter(100*time.Millisecond, test.exitCode)
			_ = w.start(t.Context())
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range w.events {
				if died, ok := errors.AsType[*DiedError](e.Err); ok {
					same(t, "hint", died.Hint(), test.want)
				}
			}
		})
	}
}
