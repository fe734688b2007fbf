package js

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/network/networktest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// probedContainers says what a test wants to hear.
type probedContainers struct {
	runtime.Containers
	exec    runtime.ExecResult
	err     error
	healthy bool
	log     string

	mu    sync.Mutex // guards asked
	asked []string
}

func (c *probedContainers) note(asked string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, asked)
}

func (c *probedContainers) Exec(_ context.Context, service string, o runtime.ExecOptions) (runtime.ExecResult, error) {
	c.note(fmt.Sprint("exec ", service, o.Cmd))
	return c.exec, c.err
}

func (c *probedContainers) Healthy(_ context.Context, service string) (bool, error) {
	c.note("healthy " + service)
	return c.healthy, c.err
}

func (c *probedContainers) Inspect(_ context.Context, service string) ([]byte, error) {
	return []byte(`{"State":{"StartedAt":"2024-01-31T12:00:01Z","FinishedAt":"2024-01-31T12:00:00Z"}}`), c.err
}

func (c *probedContainers) Logs(_ context.Context, service string, o runtime.LogOptions) (string, error) {
	c.note("logs " + service + " since " + o.Since.Format(time.RFC3339Nano))
	return c.log, c.err
}

// ping loads a service with a ping that returns an expression, and calls it.
func ping(t *testing.T, c runtime.Containers, expression string, env ...string) (bool, string, error) {
	t.Helper()
	f, _ := loadHook(t, "ping() {\n  return "+expression+";\n}", env...)
	f.Bind(c)
	ready, reason, err := f.Services[0].Hooks.Ping(t.Context())
	if notYet, ok := errors.AsType[*spec.NotYetError](err); ok && notYet.Reason == reason {
		err = nil
	}
	return ready, reason, err
}

func TestProbes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/never" {
			<-r.Context().Done()
			return
		}
		if r.Header.Get("X-Token") != "" || r.Method == "POST" {
			w.WriteHeader(201)
			return
		}
		w.WriteHeader(503)
		fmt.Fprint(w, "loading")
	}))
	t.Cleanup(server.Close)
	url, refused := server.URL, networktest.RefusedAddr(t)
	failing := &probedContainers{exec: runtime.ExecResult{ExitCode: 2, Stdout: "out\n", Stderr: "first\nno response\n"}, log: "one\nlast line\n"}
	working := &probedContainers{healthy: true, log: "old\nready: yes\r\nmore"}
	absent := &probedContainers{err: errors.New(`service "app" has no container yet`)}

	for _, test := range []struct {
		expression string
		containers *probedContainers
		reason     string // "": ready
	}{
		{`probe.tcp("ADDRESS")`, nil, ""},
		{`probe.tcp("REFUSED")`, nil, "connect REFUSED: connection refused"},
		{`probe.http("URL/x")`, nil, "GET URL/x: status 503: loading"},
		{`probe.http(new URL("URL/x"))`, nil, "GET URL/x: status 503: loading"},
		{`probe.http("http://REFUSED/x")`, nil, "connect REFUSED: connection refused"},
		{`probe.http("URL/x", { status: 503 })`, nil, ""},
		{`probe.http("URL/x", { status: [200, 204] })`, nil, "GET URL/x: status 503, not 200 or 204: loading"},
		{`probe.http("URL/x", { method: "post", body: "x" })`, nil, ""},
		{`probe.http("URL/x", { headers: { "x-token": "1" } })`, nil, ""},
		{`probe.http("URL/x", { headers: new Headers({ "x-token": "1" }), status: 201 })`, nil, ""},
		{`probe.http("URL/never", { timeout: 30 })`, nil, "GET URL/never: no answer after 30ms"},
		{`probe.sql("postgres://u:p4ss@REFUSED/x")`, nil, "connect REFUSED: connection refused"},
		{`probe.sql("mysql://u:p4ss@REFUSED/x", "SELECT 2")`, nil, "connect REFUSED: connection refused"},
		{`probe.redis("redis://u:p4ss@REFUSED/0")`, nil, "connect REFUSED: connection refused"},
		{`probe.exec(this, "pg_isready -q")`, working, ""},
		{`probe.exec(App, ["pg_isready", "-q"])`, failing, "pg_isready: exit code 2: no response"},
		{`probe.exec("other-one", "true")`, failing, "true: exit code 2: no response"},
		{`probe.exec(this, "true")`, absent, `service "app" has no container yet`},
		{`probe.healthy(this)`, working, ""},
		{`probe.healthy("other-one")`, failing, `service "other-one" is not healthy yet`},
		{`probe.healthy(Other)`, absent, `service "app" has no container yet`},
		{`probe.log(this, /^ready: (yes|no)$/)`, working, ""},
		{`probe.log(this, /READY/gi)`, working, ""},
		{`probe.log(this, "ready:")`, working, ""},
		{`probe.log(this, /ready/)`, failing, "the log does not match /ready/ yet; its last line: last line"},
		{`probe.log(this, /ready/)`, absent, `service "app" has no container yet`},
		// The last reason is the one that counts, and a promise of a boolean is one.
		{`probe.tcp("ADDRESS").then(async (ok) => ok && await probe.http("URL/x"))`, nil, "GET URL/x: status 503: loading"},
	} {
		t.Run(test.expression, func(t *testing.T) {
			t.Parallel()
			fill := strings.NewReplacer("URL/", url+"/", "REFUSED", refused, "ADDRESS", strings.TrimPrefix(url, "http://"))
			var c runtime.Containers
			if test.containers != nil {
				c = test.containers
			}
			ready, reason, err := ping(t, c, fill.Replace(test.expression))
			if want := fill.Replace(test.reason); err != nil || ready != (want == "") || reason != want {
				t.Errorf("got %v %q %v, want %q", ready, reason, describeError(err), want)
			}
		})
	}
}

func TestProbeAsksTheEngine(t *testing.T) {
	t.Parallel()
	c := &probedContainers{healthy: true, log: "x"}
	f, _ := loadHook(t, `async ping() {
		return await probe.exec(Other, "a 'b c'") && await probe.healthy(this) && await probe.log("app", /x/);
	}`)
	f.Bind(c)
	if ready, reason, err := f.Services[0].Hooks.Ping(t.Context()); !ready || err != nil {
		t.Errorf("got %v %q %v", ready, reason, err)
	}
	wantLines(t, c.asked, "exec other-one[a b c]", "healthy app", "logs app since 2024-01-31T12:00:00.5Z")
}

func TestProbeMistakes(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`probe.tcp(8080)`:                                  `TypeError: probe.tcp: the address must be a string, "host:port", not 8080`,
		`probe.tcp("localhost")`:                           `TypeError: invalid address "localhost": it must be "host:port"`,
		`probe.http("localhost:8080")`:                     `TypeError: invalid URL "localhost:8080"`,
		`probe.http()`:                                     `TypeError: probe.http: the URL must be a string, not undefined`,
		`probe.http("http://h", { stats: 200 })`:           `TypeError: probe.http: unknown option "stats": did you mean "status"?`,
		`probe.http("http://h", { status: "200" })`:        `TypeError: probe.http: status must be a status from 100 to 599 or an array of them, not "200"`,
		`probe.http("http://h", { status: [] })`:           `TypeError: probe.http: status must be a status from 100 to 599 or an array of them, not []`,
		`probe.http("http://h", { timeout: 0 })`:           `TypeError: probe.http: timeout must be a number of milliseconds above 0, not 0`,
		`probe.http("http://h", { body: {} })`:             `TypeError: probe.http: body must be a string, not {}`,
		`probe.http("http://h", { headers: { "a b": 1 }})`: `TypeError: Headers.append: "a b" is an invalid header name.`,
		`probe.http("http://h", 5)`:                        `TypeError: probe.http: the options must be an object, not 5`,
		`probe.sql("sqlite://x")`:                          `TypeError: invalid URL "sqlite://x": unknown scheme "sqlite", use postgres:// or postgresql:// or mysql:// or mariadb://`,
		`probe.sql("postgres://h/x", 1)`:                   `TypeError: probe.sql: the query must be a string, not 1`,
		`probe.redis("localhost")`:                         `TypeError: invalid URL "localhost": it must begin with redis:// or rediss://`,
		`probe.exec("othr-one", "true")`:                   `TypeError: probe.exec: there is no service "othr-one": did you mean "other-one"?`,
		`probe.exec("zzz", "true")`:                        `TypeError: probe.exec: there is no service "zzz": the services are app, other-one`,
		`probe.exec(class X {}, "true")`:                   `TypeError: probe.exec: the service must be an exported class, a service name or this, not [class X]`,
		`probe.exec(this)`:                                 `TypeError: exec: the command must be a string or an array of strings, not undefined`,
		`probe.log(this)`:                                  `TypeError: probe.log: the pattern must be a regular expression or a string, not undefined`,
		`probe.healthy()`:                                  `TypeError: probe.healthy: the service must be an exported class, a service name or this, not undefined`,
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			ready, _, err := ping(t, &probedContainers{}, expression)
			if ready || err == nil || err.Error() != want {
				t.Errorf("\n got %v %v\nwant %s", ready, err, want)
			}
		})
	}
}

// TestProbeEndsWithThePing shows that a probe does not outlive its ping, and
// that what it was doing is told.
func TestProbeEndsWithThePing(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		close(gone)
	}))
	t.Cleanup(server.Close)
	f, _ := loadHook(t, "ping() { return probe.http("+`"`+server.URL+`"`+"); }")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-asked; cancel(errors.New("time is up")) }()
	if ready, _, err := f.Services[0].Hooks.Ping(ctx); ready || err == nil || !strings.Contains(err.Error(), "time is up") {
		t.Errorf("got %v %v", ready, err)
	}
	<-gone
}
