package js

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
)

// bindSQL offers native.sql(url), an object with query, exec and close.
func bindSQL(h *host, native *goja.Object) {
	_ = native.Set("sql", func(call goja.FunctionCall) goja.Value {
		db, err := network.OpenSQL(call.Argument(0).String())
		if err != nil {
			h.throw(networkError(err))
		}
		handle := &handle{h: h, end: h.atEnd(db.Close)}
		o := h.rt.NewObject()
		_ = o.Set("query", func(call goja.FunctionCall) goja.Value {
			text, params := call.Argument(0).String(), h.sqlParams(call.Argument(1))
			return handle.inTurn(func(ctx context.Context) (any, error) {
				result, err := db.Query(ctx, text, params...)
				if err != nil {
					return nil, networkError(err)
				}
				return func(*goja.Runtime) (goja.Value, error) { return h.rows(result) }, nil
			})
		})
		_ = o.Set("exec", func(call goja.FunctionCall) goja.Value {
			text, params := call.Argument(0).String(), h.sqlParams(call.Argument(1))
			return handle.inTurn(func(ctx context.Context) (any, error) {
				count, err := db.Exec(ctx, text, params...)
				return map[string]any{"rowCount": count}, networkError(err)
			})
		})
		_ = o.Set("close", handle.close)
		return o
	})
}

// handle is a connection that JavaScript has opened. What it is asked for is
// done in the order in which it was asked.
type handle struct {
	h    *host
	end  func()
	last chan struct{} // closed when all before is done; nil: nothing yet
}

// inTurn is h.async after everything that was asked for before.
func (c *handle) inTurn(work func(ctx context.Context) (any, error)) goja.Value {
	before, done := c.last, make(chan struct{})
	c.last = done
	return c.h.async(func(ctx context.Context) (any, error) {
		defer close(done)
		if before != nil {
			select {
			case <-before:
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
		return work(ctx)
	})
}

func (c *handle) close(goja.FunctionCall) goja.Value {
	return c.inTurn(func(context.Context) (any, error) {
		c.end()
		return goja.Undefined(), nil
	})
}

// sqlParams reads the array of parameters that the prelude has made.
func (h *host) sqlParams(v goja.Value) []any {
	list, _ := v.Export().([]any)
	for i := range list {
		list[i] = sqlParam(list[i])
	}
	return list
}

func sqlParam(v any) any {
	switch v := v.(type) {
	case []byte:
		return append([]byte{}, v...) // JavaScript may go on changing it
	case []any:
		for i := range v {
			v[i] = sqlParam(v[i])
		}
		return v
	case *big.Int:
		return v.String()
	case nil, bool, int64, float64, string, time.Time:
		return v
	}
	return fmt.Sprint(v)
}

// rows makes an array of objects, with the columns in their order.
func (h *host) rows(result network.Result) (goja.Value, error) {
	rows := make([]any, len(result.Rows))
	for i, values := range result.Rows {
		row := h.rt.NewObject()
		for k, value := range values {
			v, err := h.sqlValue(value)
			if err != nil {
				return nil, err
			}
			if err := row.DefineDataProperty(result.Columns[k], v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
				return nil, err
			}
		}
		rows[i] = row
	}
	return h.rt.NewArray(rows...), nil
}

func (h *host) sqlValue(value any) (goja.Value, error) {
	switch value := value.(type) {
	case nil:
		return goja.Null(), nil
	case network.JSON:
		return h.callNative("parse", h.rt.ToValue(string(value)))
	case []byte:
		return h.buffer(value)
	case time.Time:
		return h.rt.New(h.rt.Get("Date"), h.rt.ToValue(value.UnixMilli()))
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			v, err := h.sqlValue(element)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return h.rt.NewArray(list...), nil
	}
	return h.rt.ToValue(value), nil
}

// buffer makes a Buffer of bytes, which belong to it from then on.
func (h *host) buffer(b []byte) (goja.Value, error) {
	class := h.global.Get("Buffer").ToObject(h.rt)
	from, ok := goja.AssertFunction(class.Get("from"))
	if !ok {
		return nil, fmt.Errorf("internal error: there is no Buffer.from")
	}
	return h.call(from, class, h.rt.ToValue(h.rt.NewArrayBuffer(b)))
}
