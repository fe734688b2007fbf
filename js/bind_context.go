package js

import "github.com/dop251/goja"

// bindContext offers what the prelude's context.js offers, for as long as the
// file has not used the context: then nothing is a placeholder, and the values
// stay as they were saved. Many files do not use it, and compiling its code is a
// large part of making the JavaScript world.
func bindContext(h *host, native *goja.Object) {
	for _, name := range []string{"placeholderPath", "texts", "touched", "everTouched", "untouch", "resolve", "lenient", "strict", "checkContext"} {
		_ = native.Set(name, func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	}
	_ = native.Set("awaited", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(h.marks.of(markAwait) + call.Argument(0).String() + h.marks.of(markAwaitEnd))
	})
	_ = native.Set("isAwaited", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(h.marks.awaited(call.Argument(0).String()) != "")
	})
	saved := h.rt.ToValue("{}")
	_ = native.Set("restore", func(call goja.FunctionCall) goja.Value {
		saved = call.Argument(0)
		if _, err := h.callNative("parse", saved); err != nil {
			panic(err)
		}
		return goja.Undefined()
	})
	_ = native.Set("snapshot", func(goja.FunctionCall) goja.Value { return saved })
}
