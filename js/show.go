package js

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime/spec"
)

// inspect shows a value in a message, in one line where it is short.
func (h *host) inspect(v goja.Value) string {
	if v == nil {
		return "undefined"
	}
	if s, ok := v.Export().(string); ok {
		return strconv.Quote(s)
	}
	var out string
	if ex := h.rt.Try(func() {
		shown, err := h.callNative("inspect", v)
		if err != nil {
			panic(err)
		}
		out = shown.String()
	}); ex != nil {
		return "an object that cannot be shown"
	}
	return out
}

// inspectGo shows a value that reader has read.
func (h *host) inspectGo(v any) string {
	switch v := v.(type) {
	case spec.Undefined:
		return "undefined"
	case spec.Opaque:
		return v.Kind
	case spec.Template:
		return strconv.Quote(v.String())
	case spec.Placeholder:
		return "context." + v.Path
	case classValue:
		return v.kind()
	case float64:
		return number(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "a value that cannot be shown"
	}
	return string(text)
}

// number writes a number as JavaScript does, but for very large ones.
func number(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func itoa(i int) string { return strconv.Itoa(i) }

// throwType throws a TypeError in the JavaScript that is running.
func (h *host) throwType(message string) {
	panic(h.rt.NewTypeError("%s", message))
}
