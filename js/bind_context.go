package js

import "github.com/dop251/goja"

// bindContext offers what the prelude's context.js offers, for as long as the
// file has not used the context: then nothing is a placeholder, and the values
// stay as they were saved. Many files do not use it, and compiling its code is a
// large part of making the JavaScript world.
func bindContext(h *host, native *goja.Object) {
	for _, name := range []string{"placeholderPath", "touched", "everTouched", "untouch", "placeholderIn", "resolve", "lenient", "strict", "checkContext"} {
		_ = native.Set(name, func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	}
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
