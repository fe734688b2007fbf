package js

import (
	neturl "net/url"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"
	"github.com/dop251/goja_nodejs/require"
	"github.com/dop251/goja_nodejs/url"
)

// bindNode puts the parts of Node on global that goja_nodejs has, each made
// when it is first used. They know each other through its registry.
func bindNode(h *host, native *goja.Object) {
	var registry *require.RequireModule
	load := func(module string) *goja.Object {
		if registry == nil {
			registry = require.NewRegistry().Enable(h.rt)
			_ = h.global.Delete("require") // imports are esbuild's
		}
		v, err := registry.Require(module)
		if err != nil {
			panic(err)
		}
		return v.(*goja.Object)
	}
	take := func(module, name string, define func(string, goja.Value)) {
		v, err := h.callNative("complete"+name, load(module).Get(name))
		if err != nil {
			panic(err)
		}
		define(name, v)
	}
	_ = native.Set("joinURL", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(joinURL(call.Argument(0).String(), call.Argument(1).String()))
	})
	h.lazily(h.global, []string{"URL", "URLSearchParams"}, func(define func(string, goja.Value)) {
		take(url.ModuleName, "URL", define)
		take(url.ModuleName, "URLSearchParams", define)
	})
	h.lazily(h.global, []string{"Buffer"}, func(define func(string, goja.Value)) {
		take(buffer.ModuleName, "Buffer", define)
	})
}

// joinURL makes a relative URL absolute. What it cannot read it returns as it
// is: whoever parses it says what is wrong.
func joinURL(ref, base string) string {
	b, err := neturl.Parse(base)
	if err != nil {
		return ref
	}
	r, err := neturl.Parse(strings.TrimSpace(ref))
	if err != nil || r.Scheme != "" || b.Opaque != "" {
		return ref
	}
	out := b.ResolveReference(r)
	out.Fragment, out.RawFragment = r.Fragment, r.RawFragment // the base's is never kept
	return out.String()
}

// lazily defines names as accessors that make their values when one of them is
// first used.
func (h *host) lazily(on *goja.Object, names []string, make func(define func(string, goja.Value))) {
	define := func(name string, v goja.Value) {
		_ = on.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	for _, name := range names {
		get := func(goja.FunctionCall) goja.Value {
			make(define)
			return on.Get(name)
		}
		set := func(call goja.FunctionCall) goja.Value {
			define(name, call.Argument(0))
			return goja.Undefined()
		}
		_ = on.DefineAccessorProperty(name, h.rt.ToValue(get), h.rt.ToValue(set), goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
}
