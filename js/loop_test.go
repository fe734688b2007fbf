package js

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/miniboss/miniboss/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a host without a file. Its functions slow(what) and hang() are work
// in Go: slow gives what it was given, or an error for an Error; hang waits for
// the end of its context and tells the test of it.
type world struct {
	*host
	hanging chan struct{}
	ended   chan error
	tr      transcript
}

func newWorld(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{hanging: make(chan struct{}, 16), ended: make(chan error, 16)}
	o.Console = func(l Line) { w.tr.printf("%s: %s", l.Service, l.Text) }
	o.OnError = func(e *Error) { w.tr.printf("uncaught in %s %s: %s", e.Service, e.Hook, e) }
	h, err := newHost(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	w.host = h
	t.Cleanup(h.loop.close)
	w.bind(t, "slow", func(call goja.FunctionCall) goja.Value {
		what := call.Argument(0).String()
		return h.async(func(context.Context) (any, error) {
			if strings.HasPrefix(what, "fail") {
				return nil, errors.New(what)
			}
			return what, nil
		})
	})
	w.bind(t, "hang", func(goja.FunctionCall) goja.Value {
		return h.async(func(ctx context.Context) (any, error) {
			w.hanging <- struct{}{}
			<-ctx.Done()
			w.ended <- context.Cause(ctx)
			return nil, ctx.Err()
		})
	})
	return w
}

func (w *world) bind(t *testing.T, name string, f func(goja.FunctionCall) goja.Value) {
	t.Helper()
	if err := w.loop.do(t.Context(), func() error { return w.rt.Set(name, f) }); err != nil {
		t.Fatal(err)
	}
}

// hook runs the body of an async function as a hook of a service.
func (w *world) hook(ctx context.Context, service, body string) (any, error) {
	return await(ctx, w.host, service, "ping", func() (goja.Value, error) {
		return w.rt.RunScript("test.js", "(async function () {\n"+body+"\n})()")
	}, func(_ *scope, v goja.Value) (any, error) { return v.Export(), nil })
}

func TestHookGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	cause := errors.New("timed out after 1 s")
	ctx, cancel := context.WithCancelCause(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := w.hook(ctx, "a", `setInterval(() => console.log("tick"), 1); await hang()`)
		result <- err
	}()
	<-w.hanging
	cancel(cause)
	if err := <-result; !errors.Is(err, cause) {
		t.Errorf("the hook: %v", err)
	}
	if err := <-w.ended; !errors.Is(err, cause) {
		t.Errorf("what it waited for: %v", err)
	}
	// Timers of a hook whose time is up end too: the loop comes to rest.
	for quiet := false; !quiet; {
		_ = w.loop.do(t.Context(), func() error { quiet = len(w.loop.timers.queue) == 0; return nil })
	}
}

func TestWorkOutlivesItsHook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := w.hook(ctx, "a", `hang().catch(() => {}); await slow("x")`); err != nil {
		t.Fatal(err)
	}
	<-w.hanging
	cancel() // as callers do when they have the result
	select {
	case err := <-w.ended:
		t.Fatalf("work that the hook left behind ended with its caller: %v", err)
	default:
	}
	w.loop.close()
	if err := <-w.ended; !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

func TestScopeEndsWithItsWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	var s *scope
	_, err := await(t.Context(), w.host, "a", "ping", func() (goja.Value, error) {
		s = w.loop.scope
		return w.rt.RunString(`(async () => { slow("left behind"); return slow("x") })()`)
	}, func(*scope, goja.Value) (any, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ctx.Done():
	case <-time.After(5 * time.Second):
		t.Error("the scope of a hook that is done goes on")
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := w.hook(ctx, "a", `await hang()`)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := <-w.ended; !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestAttribution interleaves hooks of two services: whatever they do, output
// and errors are theirs.
func TestAttribution(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	const body = `
		const me = %q, check = (where) => console.log(me, where);
		const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
		check("start");
		await null; check("await null");
		await sleep(2); check("timer");
		await slow("x"); check("async");
		await { then(ok) { check("then of a thenable"); slow("y").then(ok); } }; check("thenable");
		await Promise.all([1, 2].map(async (i) => { await slow(i); check("all " + i); }));
		queueMicrotask(() => check("microtask"));
		for await (const x of [slow(1), sleep(1)]) check("for await");
		await new Promise((r) => { const t = setInterval(() => { check("interval"); clearInterval(t); r(); }, 1); });
		await new Promise((done) => setTimeout(async () => {
			await slow("z"); check("in a timer");
			setTimeout(() => { setTimeout(done, 1); throw new Error(me); }, 1);
		}, 1));`
	code := strings.Replace(body, "for await (const x of [slow(1), sleep(1)]) check", `for (const x of [slow(1), sleep(1)]) await x, check`, 1)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			name := fmt.Sprintf("s%d", i)
			if _, err := w.hook(t.Context(), name, fmt.Sprintf(code, name)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for line := range strings.Lines(w.tr.out.String()) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "uncaught in ")
		who, rest, _ := strings.Cut(strings.Replace(line, " ping", "", 1), ": ")
		if said, _, _ := strings.Cut(rest, " "); said != who {
			t.Errorf("service %q: %s", who, line)
		}
	}
	if n := strings.Count(w.tr.out.String(), "\n"); n < 20*13 {
		t.Errorf("only %d lines", n)
	}
}

type namedError struct{ cause error }

func (e *namedError) Error() string             { return "fetch failed" }
func (e *namedError) Unwrap() error             { return e.cause }
func (e *namedError) JSError() (string, string) { return "TypeError", "ECONNREFUSED" }

func TestErrorsOfWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.bind(t, "fetch_", func(goja.FunctionCall) goja.Value {
		return w.async(func(context.Context) (any, error) {
			return nil, fmt.Errorf("%w", &namedError{errors.New("connect 127.0.0.1:1: connection refused")})
		})
	})
	w.bind(t, "made", func(goja.FunctionCall) goja.Value {
		return w.async(func(context.Context) (any, error) {
			return func(rt *goja.Runtime) (goja.Value, error) { return rt.ToValue([]any{1, "x"}), nil }, nil
		})
	})
	w.bind(t, "panics", func(goja.FunctionCall) goja.Value {
		return w.async(func(context.Context) (any, error) { panic("oops") })
	})
	got, err := w.hook(t.Context(), "a", `
		try {
			await fetch_();
		} catch (e) {
			return [e instanceof TypeError, e.name, e.message, e.code, e.cause.message, Object.keys(e).join(), /test\.js:4:/.test(e.stack)].join("|") + JSON.stringify(await made());
		}`)
	want := `true|TypeError|fetch failed|ECONNREFUSED|connect 127.0.0.1:1: connection refused|code|true[1,"x"]`
	if err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := w.hook(t.Context(), "a", `await panics()`); err == nil || !strings.Contains(err.Error(), "oops") {
		t.Error(err)
	}
}

func TestEndlessLoopEndsTheLoop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Limit: 50 * time.Millisecond})
	waiting := make(chan error, 1)
	go func() {
		_, err := w.hook(context.Background(), "b", `await hang()`)
		waiting <- err
	}()
	<-w.hanging
	_, err := w.hook(t.Context(), "a", `await null; while (true) {}`)
	for _, err := range []error{err, <-waiting, w.loop.do(t.Context(), func() error { return nil })} {
		if err == nil || err.Error() != `the ping of service "a" ran for 50ms without giving way: an endless loop?` {
			t.Error(err)
		}
	}
	if w.loop.post(func() {}) {
		t.Error("a dead loop takes jobs")
	}
}

// TestInterruptedHook is a hook that does not give way when the user has
// interrupted it: those who need the script then do not wait for the watchdog.
func TestInterruptedHook(t *testing.T) {
	t.Parallel()
	for name, spin := range map[string]string{
		"running":   `begin(); for (;;);`,
		"given up":  `begin(); try { await hang() } finally { for (;;); }`,
		"in a test": `begin(); for (const end = Date.now() + 1500; Date.now() < end;);`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, Options{Limit: 5 * time.Minute})
			begun := make(chan struct{})
			w.bind(t, "begin", func(goja.FunctionCall) goja.Value { close(begun); return nil })
			ctx, interrupt := context.WithCancelCause(t.Context())
			s, stop := w.loop.newScope(ctx, "a", "ping")
			defer stop()
			if name == "in a test" {
				s.suite = "s"
			}
			result := make(chan error, 1)
			go func() {
				_, err := awaitIn(ctx, w.host, s, func() (goja.Value, error) {
					return w.rt.RunScript("test.js", "(async () => { "+spin+" })()")
				}, func(*scope, goja.Value) (any, error) { return nil, nil })
				result <- err
			}()
			<-begun
			interrupt(runtime.ErrInterrupted)
			if err := <-result; !errors.Is(err, runtime.ErrInterrupted) {
				t.Errorf("the hook: %v", err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if name == "in a test" { // its tearDown comes after it
				if err := w.loop.do(soon, func() error { return nil }); err != nil {
					t.Error(err)
				}
				return
			}
			select {
			case <-w.loop.dead:
			case <-soon.Done():
				t.Fatal("it goes on")
			}
			err := w.loop.do(soon, func() error { return nil })
			if !errors.Is(err, runtime.ErrInterrupted) || err.Error() != `the ping of service "a" was interrupted and did not give way` {
				t.Errorf("who comes after it: %v", err)
			}
		})
	}
}

func TestStuckInNativeCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Limit: 20 * time.Millisecond})
	release := make(chan struct{})
	w.bind(t, "block", func(goja.FunctionCall) goja.Value { <-release; return nil })
	_, err := w.hook(t.Context(), "a", `block()`)
	if err == nil || !strings.HasPrefix(err.Error(), `the ping of service "a" ran for 20ms`) {
		t.Error(err)
	}
	close(release)
}

func TestAllocatesWithoutEnd(t *testing.T) {
	// The time limit is out of the way: a slow machine may need more than it.
	w := newWorld(t, Options{Memory: allocated() + 32<<20, Limit: 5 * time.Minute})
	_, err := w.hook(t.Context(), "a", `const all = []; for (;;) all.push("x".repeat(1 << 20) + all.length)`)
	if err == nil || !strings.Contains(err.Error(), `the ping of service "a" allocated more than`) {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	results := make(chan error, 3)
	for _, body := range []string{`await hang()`, `await new Promise(() => setInterval(() => {}, 1))`} {
		go func() {
			_, err := w.hook(context.Background(), "a", body)
			results <- err
		}()
	}
	<-w.hanging
	spinning := make(chan struct{})
	w.bind(t, "spinning", func(goja.FunctionCall) goja.Value { close(spinning); return nil })
	go func() {
		_, err := w.hook(context.Background(), "a", `spinning(); for (;;);`)
		results <- err
	}()
	<-spinning
	began := time.Now()
	w.loop.close()
	if d := time.Since(began); d > closeGrace {
		t.Errorf("close took %s", d)
	}
	for range cap(results) {
		if err := <-results; !errors.Is(err, errClosed) {
			t.Error(err)
		}
	}
	w.loop.close() // again does no harm
	if err := w.loop.do(t.Context(), func() error { return nil }); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

func TestContextThatHasEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.hook(ctx, "a", `console.log("ran")`); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := w.loop.do(ctx, func() error { t.Error("ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, _ = w.hook(t.Context(), "a", ``)
	if out := w.tr.out.String(); out != "" {
		t.Error(out)
	}
}

// BenchmarkPings is how long a ping takes while so many others wait.
func BenchmarkPings(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, err := newHost(b.Context(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer h.loop.close()
			w := &world{host: h}
			ctx, cancel := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			for range n - 1 {
				wg.Go(func() {
					_, _ = w.hook(ctx, "w", `for (;;) await new Promise((r) => setTimeout(r, 10))`)
				})
			}
			for b.Loop() {
				if _, err := w.hook(ctx, "a", `await null; return true`); err != nil {
					b.Fatal(err)
				}
			}
			cancel()
			wg.Wait()
		})
	}
}
