package js

import (
	"context"
	"os"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/js/nodefs"
)

// bindFS offers native.fs(name, sync, ...args), which does what fsCalls has
// under that name: at once, or on a goroutine behind a promise. What the
// arguments must be is the prelude's business, fs.js.
func bindFS(h *host, native *goja.Object) {
	calls := nodefs.Calls()
	_ = native.Set("fs", func(call goja.FunctionCall) goja.Value {
		work := calls[call.Argument(0).String()]
		sync := call.Argument(1).ToBoolean()
		args := &nodefs.Args{Dir: h.options.WorkDir}
		for _, v := range call.Arguments[2:] {
			args.List = append(args.List, fsArg(v, sync))
		}
		if !sync {
			return h.async(func(ctx context.Context) (any, error) {
				result, err := work(ctx, args)
				return fsResult(result), err
			})
		}
		result, err := work(h.loop.ctx, args)
		if err != nil {
			h.throw(err)
		}
		v, err := h.toValue(fsResult(result))
		if err != nil {
			panic(err)
		}
		return v
	})
	// A file that is written piece by piece: write(bytes) and close().
	_ = native.Set("fsOpen", func(call goja.FunctionCall) goja.Value {
		args := &nodefs.Args{Dir: h.options.WorkDir, List: []any{
			call.Argument(0).String(), call.Argument(1).String(), call.Argument(2).ToInteger(),
		}}
		return h.async(func(context.Context) (any, error) {
			f, err := nodefs.Open(args)
			if err != nil {
				return nil, err
			}
			return func(*goja.Runtime) (goja.Value, error) { return h.writer(f), nil }, nil
		})
	})
}

// fsResult is what toValue makes a value of.
func fsResult(result any) any {
	return func(rt *goja.Runtime) (goja.Value, error) {
		switch result := result.(type) {
		case nil:
			return goja.Undefined(), nil
		case nodefs.Bytes:
			return rt.ToValue(rt.NewArrayBuffer(result)), nil
		case []nodefs.Entry:
			out := make([]any, len(result))
			for i, e := range result {
				out[i] = rt.NewArray(e.Dir, e.Name, e.Kind)
			}
			return rt.NewArray(out...), nil
		}
		return rt.ToValue(result), nil
	}
}

func (h *host) writer(f *os.File) goja.Value {
	file := &handle{h: h, end: h.atEnd(func() { f.Close() })}
	o := h.rt.NewObject()
	_ = o.Set("write", func(call goja.FunctionCall) goja.Value {
		data := fsArg(call.Argument(0), false)
		return file.inTurn(func(context.Context) (any, error) { return goja.Undefined(), nodefs.WriteTo(f, data) })
	})
	_ = o.Set("close", file.close)
	return o
}

// fsArg makes a plain value of an argument. Bytes are copied where JavaScript
// goes on meanwhile and may change them.
func fsArg(v goja.Value, sync bool) any {
	if b, ok := bytesOf(v); ok {
		if sync {
			return b
		}
		return append([]byte{}, b...)
	}
	return v.Export()
}
