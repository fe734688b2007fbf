package js

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
)

// bindFetch offers native.fetch(method, url, headers, body, redirect), which
// returns { response, abort() }: response is a promise of what was received, as
// soon as its header is there. headers is an array of pairs.
func bindFetch(h *host, native *goja.Object, client *network.HTTP) {
	_ = native.Set("fetch", func(call goja.FunctionCall) goja.Value {
		request := network.Request{
			Method: call.Argument(0).String(),
			URL:    call.Argument(1).String(),
			Header: h.headerOf(call.Argument(2)),
		}
		if b, ok := bytesOf(call.Argument(3)); ok {
			request.Body = append([]byte{}, b...) // JavaScript may go on changing it
		}
		request.Redirect = network.Redirect(call.Argument(4).String())
		aborted, abort := context.WithCancel(context.Background())
		response := h.async(func(ctx context.Context) (any, error) {
			// Lives as long as the body, which the scope's context or abort end.
			ctx, cancel := context.WithCancelCause(ctx)
			context.AfterFunc(aborted, func() { cancel(context.Canceled) })
			response, err := client.Do(ctx, request)
			if err != nil {
				cancel(context.Canceled)
				return nil, networkError(err)
			}
			return func(*goja.Runtime) (goja.Value, error) {
				h.noteStatus(request, response)
				return h.received(response), nil
			}, nil
		})
		sent := h.rt.NewObject()
		_ = sent.Set("response", response)
		_ = sent.Set("abort", func(goja.FunctionCall) goja.Value { abort(); return goja.Undefined() })
		return sent
	})
}

// headerOf reads an array of pairs.
func (h *host) headerOf(v goja.Value) http.Header {
	header := http.Header{}
	pairs, ok := v.(*goja.Object)
	if !ok {
		return header
	}
	h.rt.ForOf(pairs, func(v goja.Value) bool {
		pair := v.ToObject(h.rt)
		header.Add(pair.Get("0").String(), fromLatin1(pair.Get("1").String()))
		return true
	})
	return header
}

// received makes an object of a response: next() is a promise of the next piece
// of the body and of null at its end, all() one of all that is left.
func (h *host) received(r *network.Response) goja.Value {
	o := h.rt.NewObject()
	_ = o.Set("status", r.Status)
	_ = o.Set("statusText", r.StatusText)
	_ = o.Set("url", r.URL)
	_ = o.Set("redirected", r.Redirected)
	var pairs []any
	for name, values := range r.Header {
		for _, value := range values {
			pairs = append(pairs, h.rt.NewArray(name, latin1(value)))
		}
	}
	_ = o.Set("headers", h.rt.NewArray(pairs...))
	_ = o.Set("next", func(goja.FunctionCall) goja.Value {
		return h.async(func(context.Context) (any, error) {
			piece, err := r.Body.Next()
			if errors.Is(err, io.EOF) {
				return func(*goja.Runtime) (goja.Value, error) { return goja.Null(), nil }, nil
			}
			return h.uint8Array(piece), networkError(err)
		})
	})
	_ = o.Set("all", func(goja.FunctionCall) goja.Value {
		return h.async(func(context.Context) (any, error) {
			all, err := r.Body.All()
			return h.uint8Array(all), networkError(err)
		})
	})
	_ = o.Set("cancel", func(goja.FunctionCall) goja.Value {
		r.Body.Close()
		return goja.Undefined()
	})
	return o
}

// uint8Array makes a Uint8Array of bytes, which belong to it from then on.
func (h *host) uint8Array(b []byte) func(*goja.Runtime) (goja.Value, error) {
	return func(rt *goja.Runtime) (goja.Value, error) {
		return rt.New(rt.Get("Uint8Array"), rt.ToValue(rt.NewArrayBuffer(b)))
	}
}

// latin1 is what a header's bytes are in JavaScript: one character each.
func latin1(value string) string {
	runes := make([]rune, len(value))
	for i := range len(value) {
		runes[i] = rune(value[i])
	}
	return string(runes)
}

func fromLatin1(value string) string {
	b := make([]byte, 0, len(value))
	for _, r := range value {
		b = append(b, byte(r))
	}
	return string(b)
}
