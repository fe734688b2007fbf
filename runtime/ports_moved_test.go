package runtime

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// A host port goes from a to b: b's new container can have it only when a's old
// one is gone, and a takes its time.
func TestStartPortMoves(t *testing.T) {
	t.Parallel()
	bubble(t, "it waits for the old container", func(t *testing.T) {
		w := newWorld(t, "a:\nb:", nil)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		w.fields["a"]["env"], w.fields["b"]["env"] = object{"PORT": "2"}, object{"PORT": "1"}
		w.runner.Graph.Service("a").Hooks.PreStop = func(ctx context.Context) error { return pass(ctx, time.Second) }
		var tries atomic.Int32
		var retired atomic.Bool
		w.engine.before = func(_ context.Context, operation string) error {
			switch operation {
			case "remove a":
				retired.Store(true)
			case "start b":
				if tries.Add(1); !retired.Load() {
					return &PortTakenError{Port: 1, Protocol: "tcp", Holder: &PortHolder{Container: "shop_a"}}
				}
			}
			return nil
		}
		if err := w.start(t.Context()); err != nil {
			t.Error(err)
		}
		if n := tries.Load(); n != 2 {
			t.Errorf("b was started %d times, not twice", n)
		}
		same(t, "containers", w.engine.list(), "shop_a running, shop_b running")
	})
	bubble(t, "a port that stays taken is the service's failure", func(t *testing.T) {
		w := newWorld(t, "a:\nb:\nc: a", nil)
		w.engine.before = func(_ context.Context, operation string) error {
			if operation == "start a" || operation == "start b" {
				return &PortTakenError{Port: 1, Protocol: "tcp", Holder: &PortHolder{PID: 7, Process: "node"}}
			}
			return nil
		}
		_ = w.start(t.Context())
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": host port 1/tcp is already in use by process 7 (node)
b: failed: service "b": host port 1/tcp is already in use by process 7 (node)
c: skipped: a failed`)
	})
}
