package js

import (
	"math"
	"math/big"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime/spec"
)

// What is read of a value; no honest definition comes near.
const (
	maxDepth = 32
	maxNodes = 100_000
)

// classValue is a class in a field, until it is known what that means there.
type classValue struct {
	object *goja.Object
	name   string
}

func (c classValue) kind() string {
	if c.name == "" {
		return "a class"
	}
	return "the class " + c.name
}

// fields reads what an instance has: its own properties, the getters of its
// classes, and the names of their methods.
func (c *class) fields(instance *goja.Object) map[string]any {
	fields := c.readFields(instance)
	if len(c.h.misses.list) > 0 && suspicious(fields) {
		c.explain(fields)
	}
	if c.h.loading && len(c.h.fileMisses) > 0 && suspicious(fields) {
		c.explainByName(fields)
	}
	if c.h.loading && c.h.everTouched() != "" {
		fields, _ = c.h.await(fields).(map[string]any)
	}
	return fields
}

// await replaces what was made at load of a context value that is not there yet by
// a placeholder: what was calculated with one is NaN, and what was looked for in one
// is undefined.
func (h *host) await(v any) any {
	switch v := v.(type) {
	case string:
		if path := h.marks.awaited(v); path != "" {
			return spec.Placeholder{Path: path}
		}
		if strings.Contains(v, "NaN") || strings.Contains(v, "undefined") {
			return spec.Placeholder{Path: h.everTouched()}
		}
	case float64:
		if math.IsNaN(v) {
			return spec.Placeholder{Path: h.everTouched()}
		}
	case []any:
		for i := range v {
			v[i] = h.await(v[i])
		}
	case map[string]any:
		for key, item := range v {
			v[key] = h.await(item)
		}
	}
	return v
}

// throwsWhenRead begins what is said of a field whose getter throws.
const throwsWhenRead = "a value that throws when it is read: "

func (c *class) readFields(instance *goja.Object) map[string]any {
	h := c.h
	fields := map[string]any{}
	h.inFields = true
	defer func() { h.inFields = false }()
	list, err := h.callNative("fields", instance)
	if err != nil {
		return fields
	}
	h.rt.ForOf(list, func(v goja.Value) bool {
		entry := v.(*goja.Object)
		key := entry.Get("0").String()
		if entry.Get("1").ToBoolean() {
			fields[key] = spec.Opaque{Kind: "a function"}
			return true
		}
		h.loop.scope.evaluate(c.part(key, fields))
		reader := &reader{h: h, unmarked: c.unmarked}
		var value any
		ex := h.rt.Try(func() { value = reader.member(instance, key) })
		switch {
		case ex == nil:
			fields[key] = h.plain(key, value)
		case h.loading && h.touched() != "":
			fields[key] = spec.Placeholder{Path: h.touched()}
		default:
			e := &Error{}
			h.describe(e, ex.Value(), ex.Stack(), 0)
			fields[key] = spec.Opaque{Kind: throwsWhenRead + e.Error()}
		}
		return true
	})
	h.loop.scope.evaluate("")
	return fields
}

// plain keeps classes where they mean something and makes all others opaque.
func (h *host) plain(key string, value any) any {
	if key == "dependencies" || key == "services" {
		return value
	}
	switch v := value.(type) {
	case classValue:
		return spec.Opaque{Kind: v.kind()}
	case []any:
		for i := range v {
			v[i] = h.plain("", v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = h.plain("", v[k])
		}
	case spec.Keyed:
		v.Value = h.plain("", v.Value)
		return v
	}
	return value
}

// reader turns a value of JavaScript into one that runtime.ParseDefinition
// takes. It may panic with what a getter or a proxy throws.
type reader struct {
	h     *host
	nodes int
	above []*goja.Object
	// unmarked has the strings that marks were taken out of, with their marks,
	// where the same instance is read again.
	unmarked map[member]string
}

// member is a place in an object: the value under a key, or the key itself.
type member struct {
	object *goja.Object
	key    string
	isKey  bool
}

func (r *reader) read(v goja.Value) any {
	r.nodes++
	if r.nodes > maxNodes {
		return spec.Opaque{Kind: "part of a value that is too large"}
	}
	switch {
	case v == nil || goja.IsUndefined(v):
		return spec.Undefined{}
	case goja.IsNull(v):
		return nil
	}
	if o, ok := v.(*goja.Object); ok {
		return r.object(o)
	}
	if _, ok := v.(*goja.Symbol); ok {
		return spec.Opaque{Kind: "a symbol"}
	}
	switch x := v.Export().(type) {
	case bool:
		return x
	case string:
		return r.text(v.String())
	case int64:
		return float64(x)
	case float64:
		return x
	case *big.Int:
		return spec.Opaque{Kind: "a BigInt"}
	default:
		return spec.Opaque{Kind: "a " + strings.ToLower(v.ExportType().String())}
	}
}

func (r *reader) object(o *goja.Object) any {
	if len(r.above) > maxDepth {
		return spec.Opaque{Kind: "an object that is nested too deeply"}
	}
	for _, a := range r.above {
		if a == o {
			return spec.Opaque{Kind: "an object that contains itself"}
		}
	}
	kind := r.h.must("kind", o)
	switch what := kind.Get("0").String(); what {
	case "placeholder":
		path := kind.Get("1").String()
		if r.h.loading {
			return spec.Placeholder{Path: path}
		}
		// The file has kept it since the load; the value may be there by now.
		v, err := r.h.callNative("resolve", kind.Get("1"))
		switch {
		case r.h.misses.probe != nil && path == r.h.misses.probe.Path:
			return spec.Placeholder{Path: path}
		case err != nil || goja.IsUndefined(v):
			return spec.Missing{Source: "context", Path: path}
		}
		return r.read(v)
	case "class":
		return classValue{object: o, name: kind.Get("1").String()}
	case "array":
		r.above = append(r.above, o)
		defer func() { r.above = r.above[:len(r.above)-1] }()
		n := o.Get("length").ToInteger()
		if n > maxNodes {
			return spec.Opaque{Kind: "an array that is too large"}
		}
		list := make([]any, 0, n)
		for i := range n {
			list = append(list, r.member(o, itoa(int(i))))
		}
		return list
	case "object":
		r.above = append(r.above, o)
		defer func() { r.above = r.above[:len(r.above)-1] }()
		m := map[string]any{}
		for _, key := range o.Keys() {
			r.property(m, o, key)
		}
		return m
	default:
		return spec.Opaque{Kind: what}
	}
}

// text reads a string. At load, one that was made with a context value that is
// not there yet is a placeholder: `127.0.0.1:${context.port}`.
func (r *reader) text(s string) any {
	if r.h.loading {
		if path := r.h.marks.awaited(s); path != "" {
			if len(r.h.misses.list) > 0 && suspicious(s) {
				return s // which waits for more than one value
			}
			return spec.Placeholder{Path: path}
		}
	}
	return r.h.marks.template(r.h.fillIn(r.h.marks.recall(s, r.h.contextTexts)))
}

// member reads what an object has under a key, and takes the marks out of it: a
// hook reads it as it is written.
func (r *reader) member(o *goja.Object, key string) any {
	v := o.Get(key)
	s, ok := v.(goja.String)
	if !ok {
		return r.read(v)
	}
	at := member{object: o, key: r.h.marks.plain(key)}
	text := s.String()
	if !strings.Contains(text, r.h.marks.prefix) {
		return r.read(r.marked(at, v))
	}
	read := r.read(v)
	plain := r.h.marks.plain(text)
	_ = o.Set(key, plain)
	r.unmark(at, text)
	return read
}

// unmark keeps a string for the next time.
func (r *reader) unmark(at member, text string) {
	if r.unmarked != nil {
		r.unmarked[at] = text
	}
}

// marked returns the string that was at a place before its marks were taken out,
// unless it is another one by now.
func (r *reader) marked(at member, v goja.Value) goja.Value {
	if text, ok := r.unmarked[at]; ok && r.h.marks.plain(text) == v.String() {
		return r.h.rt.ToValue(text)
	}
	return v
}

// property reads a property of an object into m.
func (r *reader) property(m map[string]any, o *goja.Object, key string) {
	value := r.member(o, key)
	read := r.text(r.marked(member{o, key, true}, r.h.rt.ToValue(key)).String())
	if plain := r.h.marks.plain(key); plain != key {
		r.unmark(member{o, plain, true}, key)
		v := o.Get(key)
		_ = o.Delete(key)
		_ = o.Set(plain, v)
		key = plain
	}
	switch read := read.(type) {
	case spec.Placeholder:
		value = read
	case spec.Template:
		value = spec.Keyed{Key: read, Value: value}
	case string:
		key = read
	}
	m[key] = value
}

// must calls a function of native that returns an array.
func (h *host) must(name string, args ...goja.Value) *goja.Object {
	v, err := h.callNative(name, args...)
	if err != nil {
		panic(err)
	}
	return v.(*goja.Object)
}

// callNative calls a function that the prelude or a binding put on native.
func (h *host) callNative(name string, args ...goja.Value) (goja.Value, error) {
	f, ok := goja.AssertFunction(h.native.Get(name))
	if !ok {
		panic("internal error: no native." + name)
	}
	return h.call(f, h.native, args...)
}

// touched is the path of the placeholder that was last used since untouch.
func (h *host) touched() string {
	v, err := h.callNative("touched")
	if err != nil {
		return ""
	}
	return text(v)
}

// everTouched is touched, or the path of the one last used while the file ran.
func (h *host) everTouched() string {
	v, err := h.callNative("everTouched")
	if err != nil {
		return ""
	}
	return text(v)
}
