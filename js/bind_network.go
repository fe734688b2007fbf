package js

import (
	"context"
	"errors"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
)

// bindNetwork offers what the prelude's fetch.js, sql.js and probe.js need. All
// of a file's requests share one client.
func bindNetwork(h *host, native *goja.Object) {
	client := network.NewHTTP()
	h.atEnd(client.Close)
	bindFetch(h, native, client)
	bindSQL(h, native)
	bindRedis(h, native)
	bindProbe(h, native, client)
	_ = native.Set("redact", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(network.Redact(call.Argument(0).String()))
	})
}

// atEnd has a function called when the file is closed, on a goroutine, or by
// the function returned, which does it at once; only the first call counts.
// Closing the file waits for it.
func (h *host) atEnd(end func()) (now func()) {
	h.loop.work.Add(1)
	stop := context.AfterFunc(h.loop.ctx, func() {
		defer h.loop.work.Done()
		end()
	})
	return func() {
		if stop() {
			defer h.loop.work.Done()
			end()
		}
	}
}

// failedError is an error of the network as JavaScript sees it.
type failedError struct {
	error
	name, code string
}

func (e *failedError) JSError() (name, code string) { return e.name, e.code }

// networkError gives an error the name and the code that JavaScript sees. A
// mistake is a TypeError. What the libraries below say is left out: the
// message says the same in our words.
func networkError(err error) error {
	var failed *network.Error
	var mistake *network.Mistake
	switch {
	case errors.As(err, &mistake):
		return &failedError{error: err, name: "TypeError"}
	case errors.As(err, &failed):
		return &failedError{error: err, name: "Error", code: failed.Code}
	}
	return err
}

// bytesOf returns the bytes of an ArrayBuffer or a view of one, and false for
// anything else. They belong to JavaScript.
func bytesOf(v goja.Value) ([]byte, bool) {
	if v == nil {
		return nil, false
	}
	switch b := v.Export().(type) {
	case []byte:
		return b, true
	case goja.ArrayBuffer:
		return b.Bytes(), true
	}
	return nil, false
}
