package js

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime/spec"
)

// misses are the values that were read and not there while the fields of a class
// were evaluated. They were undefined, so that ??, ||, if and defaults do what they
// always do. Whether a field needs one shows when the class is evaluated again
// with something else in its place: see explain.
type misses struct {
	list  []spec.Missing
	probe *spec.Missing // whose place something else takes
	value goja.Value    // null; nil: what stands for itself, as at load
}

// maxMisses is how many values that are not there are looked at.
const maxMisses = 100

// bindMissing offers what tells the prelude what a value is that is not there.
func bindMissing(h *host, native *goja.Object) {
	_ = native.Set("missing", func(call goja.FunctionCall) goja.Value {
		one := spec.Missing{Source: call.Argument(0).String(), Path: call.Argument(1).String()}
		if !h.inFields {
			if h.loading && len(h.fileMisses) < maxMisses {
				h.fileMisses = append(h.fileMisses, one)
			}
			return goja.Undefined()
		}
		m := &h.misses
		if m.probe != nil && *m.probe == one {
			if m.value != nil {
				return m.value
			}
			h.exports.Get("context") // whose prelude has it
			stand, err := h.callNative("placeholder", h.rt.ToValue(one.Path))
			if err != nil {
				return goja.Undefined()
			}
			return stand
		}
		if len(m.list) < maxMisses && !slices.Contains(m.list, one) {
			m.list = append(m.list, one)
		}
		return goja.Undefined()
	})
	_ = native.Set("setBy", func(call goja.FunctionCall) goja.Value {
		if s := h.loop.scope; s != nil && s.service != "" {
			h.setters.note(call.Argument(0).String(), s.service)
		}
		return goja.Undefined()
	})
}

// explain replaces what a field made of a value that is not there by that value,
// runtime.Missing. A field of which that is not true is left as it is.
func (c *class) explain(fields map[string]any) {
	found := slices.Clone(c.h.misses.list)
	for i := len(found) - 1; i >= 0 && suspicious(fields); i-- {
		for _, value := range []goja.Value{goja.Null(), nil, c.h.rt.ToValue("1")} {
			again, err := c.again(found[i], value)
			if err != nil {
				continue
			}
			for name := range fields {
				if isFixed(name) {
					continue
				}
				other, there := again[name]
				if !there {
					other = spec.Undefined{}
				}
				fields[name] = blame(found[i], name, fields[name], other, value != goja.Null())
			}
		}
	}
}

// isFixed reports whether a field is that of the load.
func isFixed(name string) bool {
	return name == "name" || name == "dependencies" || name == "services"
}

// again evaluates the class with something in the place of a value that is not
// there. Nothing of that is seen.
func (c *class) again(missing spec.Missing, value goja.Value) (fields map[string]any, err error) {
	h := c.h
	before, captured, console := h.misses, h.captured, h.options.Console
	h.misses.probe, h.misses.value, h.options.Console = &missing, value, nil
	defer func() { h.misses, h.captured, h.options.Console = before, captured, console }()
	instance, partial, err := c.constructOnce()
	if err != nil || partial {
		return nil, cmp.Or(err, errIncomplete)
	}
	return c.readFields(instance), nil
}

var errIncomplete = errors.New("internal error: the instance is not complete")

// culprit is the value that is not there without which evaluating the class does
// not throw; nil: there is none, or the file has thrown for reasons of its own.
func (c *class) culprit(thrown error) *spec.MissingError {
	e, ok := errors.AsType[*Error](thrown)
	if !ok || !slices.Contains([]string{"TypeError", "SyntaxError", "RangeError", "URIError"}, e.Name) {
		return nil
	}
	found := slices.Clone(c.h.misses.list)
	for _, missing := range slices.Backward(found) {
		for _, value := range []goja.Value{nil, c.h.rt.ToValue("http://localhost")} {
			if _, err := c.again(missing, value); err == nil {
				return &spec.MissingError{Missing: missing, Field: c.classSource.fieldAt(e.Pos)}
			}
		}
	}
	return nil
}

// suspicious reports whether there is a value that could have been made of one that
// is not there.
func suspicious(v any) bool {
	switch v := v.(type) {
	case spec.Undefined:
		return true
	case float64:
		return math.IsNaN(v)
	case string:
		return strings.Contains(v, "undefined") || strings.Contains(v, "NaN") || strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[")
	case spec.Template:
		return suspicious(v.String())
	case spec.Keyed:
		return suspicious(v.Value)
	case spec.Opaque:
		return strings.HasPrefix(v.Kind, throwsWhenRead)
	case []any:
		return slices.ContainsFunc(v, suspicious)
	case map[string]any:
		for key, item := range v {
			if suspicious(item) || suspicious(key) {
				return true
			}
		}
	}
	return false
}

// blame compares a value with what it is where something takes the place of a
// value that is not there: null, or, with stands, what could be a value.
func blame(missing spec.Missing, field string, v, other any, stands bool) any {
	switch v := v.(type) {
	case spec.Undefined:
		// An optional field that is undefined in either case is one that is not set.
		if other != (spec.Undefined{}) && (!stands || strings.HasPrefix(field, "env.")) {
			return missing
		}
	case float64:
		if n, isNumber := other.(float64); math.IsNaN(v) && !(isNumber && math.IsNaN(n)) {
			return missing
		}
	case string:
		if tells(v, other, stands) {
			return missing
		}
	case spec.Template:
		if tells(v.String(), other, stands) {
			return missing
		}
	case spec.Opaque:
		if o, same := other.(spec.Opaque); suspicious(v) && !(same && o.Kind[:min(len(o.Kind), len(throwsWhenRead))] == throwsWhenRead) {
			return missing
		}
	case spec.Keyed:
		if o, ok := other.(spec.Keyed); ok {
			v.Value = blame(missing, field, v.Value, o.Value, stands)
		}
		return v
	case []any:
		list, _ := other.([]any)
		for i := range v {
			if i < len(list) {
				v[i] = blame(missing, fmt.Sprintf("%s[%d]", field, i), v[i], list[i], stands)
			}
		}
	case map[string]any:
		object, _ := other.(map[string]any)
		for key, item := range v {
			o, there := object[key]
			switch {
			case there:
				v[key] = blame(missing, field+"."+key, item, o, stands)
			case strings.Contains(key, "undefined") && object != nil:
				v[key] = missing // the key was made of it
			}
		}
	}
	return v
}

// tells reports whether a text has the traces of a value that is not there, and has
// fewer where something takes its place.
func tells(text string, other any, stands bool) bool {
	if t, ok := other.(spec.Template); ok {
		other = t.String()
	}
	if _, ok := other.(spec.Placeholder); ok {
		return strings.Contains(text, "undefined") || strings.Contains(text, "NaN")
	}
	o, ok := other.(string)
	if !ok {
		return false
	}
	if stands {
		return strings.Count(o, "NaN") < strings.Count(text, "NaN") || strings.Count(o, "undefined") < strings.Count(text, "undefined") && strings.Contains(o, "{")
	}
	if strings.Count(o, "undefined") < strings.Count(text, "undefined") && strings.Count(o, "null") > strings.Count(text, "null") {
		return true
	}
	if strings.Count(o, "NaN") < strings.Count(text, "NaN") {
		return true
	}
	var mine, its any
	if o == text || json.Unmarshal([]byte(text), &mine) != nil || json.Unmarshal([]byte(o), &its) != nil {
		return false
	}
	// JSON.stringify leaves out what is undefined, and writes null.
	return reflect.DeepEqual(withoutNull(mine), withoutNull(its))
}

func withoutNull(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutNull(v[i])
		}
	case map[string]any:
		for key, item := range v {
			if item == nil {
				delete(v, key)
			} else {
				v[key] = withoutNull(item)
			}
		}
	}
	return v
}
