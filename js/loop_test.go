package js

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testHost(t *testing.T) *host {
	t.Helper()
	h, err := newHost(t.Context(), Options{Limit: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.loop.close)
	return h
}

// run evaluates an async function body as a hook and returns what it came to.
func (h *host) testRun(ctx context.Context, body string) (any, error) {
	return await(ctx, h, "svc", "hook", func() (goja.Value, error) {
		return h.rt.RunScript("test.js", "(async function () {"+body+"\n})()")
	}, func(_ *scope, v goja.Value) (any, error) { return v.Export(), nil })
}

func TestAwait(t *testing.T) {
	t.Parallel()
	h := testHost(t)
	h.loop.do(t.Context(), func() error {
		return h.rt.Set("slow", func(call goja.FunctionCall) goja.Value {
			fail := call.Argument(0).ToBoolean()
			return h.async(func(ctx context.Context) (any, error) {
				if fail {
					return nil, errors.New("it broke")
				}
				return 42, nil
			})
		})
	})
	got, err := h.testRun(t.Context(), `
		const order = [];
		setTimeout(() => order.push("b"), 2); setTimeout(() => order.push("a"));
		await new Promise((r) => setTimeout(r, 5));
		return order.join() + await slow();`)
	if err != nil || got != "a,b42" {
		t.Fatalf("got %v, %v", got, err)
	}
	got, err = h.testRun(t.Context(), `
		try { await slow(true) } catch (e) { return e.stack }`)
	t.Log(got, err)
}
