package js

import (
	"context"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
)

// bindRedis offers native.redis(url), an object with command(args) and close.
func bindRedis(h *host, native *goja.Object) {
	_ = native.Set("redis", func(call goja.FunctionCall) goja.Value {
		client, err := network.OpenRedis(call.Argument(0).String())
		if err != nil {
			h.throw(networkError(err))
		}
		handle := &handle{h: h, end: h.atEnd(client.Close)}
		o := h.rt.NewObject()
		_ = o.Set("command", func(call goja.FunctionCall) goja.Value {
			args := h.sqlParams(call.Argument(0))
			name, _ := args[0].(string) // the prelude checked it
			return handle.inTurn(func(ctx context.Context) (any, error) {
				reply, err := client.Command(ctx, name, args[1:]...)
				if err != nil {
					return nil, networkError(err)
				}
				return func(*goja.Runtime) (goja.Value, error) { return h.sqlValue(reply) }, nil
			})
		})
		_ = o.Set("close", handle.close)
		return o
	})
}
