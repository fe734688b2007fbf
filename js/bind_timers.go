package js

import (
	"time"

	"github.com/dop251/goja"
)

// bindTimers offers native.timer(callback, ms, repeat) and native.clear(id).
// The callback's error is reported: nobody else would see it.
func bindTimers(h *host, native *goja.Object) {
	_ = native.Set("timer", func(call goja.FunctionCall) goja.Value {
		f, _ := goja.AssertFunction(call.Argument(0))
		ms, repeat := delay(call.Argument(1)), call.Argument(2).ToBoolean()
		id := h.loop.timers.add(func() {
			s := h.loop.scope
			if _, err := h.call(f, goja.Undefined()); err != nil {
				h.report(err, s)
			}
		}, ms, repeat)
		return h.rt.ToValue(id)
	})
	_ = native.Set("clear", func(call goja.FunctionCall) goja.Value {
		h.loop.timers.clear(call.Argument(0).ToInteger())
		return goja.Undefined()
	})
	began := time.Now()
	_ = native.Set("now", func(goja.FunctionCall) goja.Value {
		return h.rt.ToValue(float64(time.Since(began)) / float64(time.Millisecond))
	})
}
