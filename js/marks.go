package js

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"unsafe"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime/spec"
)

// braceMark stands for a brace with a meaning in a string.
type braceMark rune

const (
	markOpen        braceMark = 0xfdd1 + iota // { of a reference
	markClose                                 // }
	markDoubleOpen                            // {{
	markDoubleClose                           // }}
	markAwait                                 // before the path of a context value that is not there yet
	markAwaitEnd                              // behind it
)

// brace is how a mark is written in the file.
func (m braceMark) brace() string {
	switch m {
	case markOpen, markAwait:
		return "{"
	case markClose, markAwaitEnd:
		return "}"
	case markDoubleOpen:
		return "{{"
	case markDoubleClose:
		return "}}"
	}
	return ""
}

// marks makes strings in which the braces with a meaning can be told from others:
// while a class's fields are evaluated, the strings of the file have marks in the
// place of such braces. What the fields hold then is read, and gets its braces
// back before hooks can see it.
type marks struct {
	prefix   string // of a mark, which no string from outside has
	literals []literal
	// made are the strings that the file made with such braces while it ran, where
	// its code would have seen marks: as they are written, with their marks.
	made map[string]string
	// origins are the same by where they are in memory: a field that has one as it
	// was made is told from data of the same text.
	origins map[*byte]string
	data    []string // from outside, with braces, which none of these may be found in
}

func newMarks() *marks {
	// Noncharacters, which text has no use for, and which ones no data knows.
	prefix := []rune{0xfdd0}
	for range 6 {
		prefix = append(prefix, 0xfde0+rune(rand.IntN(15)))
	}
	return &marks{prefix: string(prefix), made: map[string]string{}, origins: map[*byte]string{}}
}

func (m *marks) of(kind braceMark) string { return m.prefix + string(rune(kind)) }

// text returns a literal, with marks or as it is written.
func (m *marks) text(l literal, marked bool) string {
	var b strings.Builder
	for _, p := range l.pieces {
		switch {
		case p.mark == 0:
			b.WriteString(p.text)
		case marked:
			b.WriteString(m.of(p.mark))
		default:
			b.WriteString(p.mark.brace())
		}
	}
	return b.String()
}

// split takes a string apart at its marks.
func (m *marks) split(s string) []piece {
	var pieces []piece
	for i, part := range strings.Split(s, m.prefix) {
		if i > 0 {
			r := []rune(part)
			if len(r) == 0 || braceMark(r[0]).brace() == "" {
				continue // somebody has cut it
			}
			pieces = append(pieces, piece{mark: braceMark(r[0])})
			part = string(r[1:])
		}
		if part != "" {
			pieces = append(pieces, piece{text: part})
		}
	}
	return pieces
}

// plain returns a string as it is written, without marks.
func (m *marks) plain(s string) string {
	if !strings.Contains(s, m.prefix) {
		return s
	}
	var b strings.Builder
	for _, p := range m.split(s) {
		b.WriteString(p.text + p.mark.brace())
	}
	return b.String()
}

// remember keeps a string with marks for who reads it without them.
func (m *marks) remember(marked string) (plain string) {
	plain = m.plain(marked)
	if plain != marked {
		m.made[plain] = marked
		m.origins[unsafe.StringData(plain)] = marked
	}
	return plain
}

// outside notes data that has braces.
func (m *marks) outside(data string) {
	if strings.ContainsAny(data, "{}") {
		m.data = append(m.data, data)
	}
}

// recall puts marks into a string that is, or holds, one that was made without,
// unless it is data. A string that refers to nothing must be the whole: it may be
// a mere {{.
func (m *marks) recall(s string, more func() []string) string {
	if len(m.made) == 0 || !strings.ContainsAny(s, "{}") {
		return s
	}
	if marked, ok := m.origins[unsafe.StringData(s)]; ok && m.plain(marked) == s {
		return marked
	}
	var known []string
	for plain, marked := range m.made {
		if plain == s || strings.Contains(s, plain) && (strings.Contains(marked, m.of(markOpen)) || strings.Contains(marked, m.of(markAwait))) {
			known = append(known, plain)
		}
	}
	if len(known) == 0 {
		return s
	}
	slices.SortFunc(known, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	data := append(more(), m.data...)
	var b strings.Builder
	for i := 0; i < len(s); {
		length := 1
		found := slices.IndexFunc(known, func(plain string) bool {
			return strings.HasPrefix(s[i:], plain) && !slices.ContainsFunc(data, func(d string) bool { return covers(s, d, i, i+len(plain)) })
		})
		if found >= 0 {
			length = len(known[found])
			b.WriteString(m.made[known[found]])
		} else {
			b.WriteByte(s[i])
		}
		i += length
	}
	return b.String()
}

// covers reports whether a part of a string that is the data has the bytes from
// start to end in it.
func covers(s, data string, start, end int) bool {
	for at := max(0, end-len(data)); at <= start && at+len(data) <= len(s); at++ {
		if s[at:at+len(data)] == data {
			return true
		}
	}
	return false
}

// template returns what a string of a field is: a Go string, or a template.
func (m *marks) template(s string) any {
	if !strings.Contains(s, m.prefix) {
		return s
	}
	var t spec.Template
	pieces := m.split(s)
	text := func(s string) { t = append(t, spec.TemplatePart{Written: s, Text: s}) }
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		switch p.mark {
		case 0:
			text(p.text)
		case markOpen:
			reference := ""
			if i+2 < len(pieces) && pieces[i+1].mark == 0 && pieces[i+2].mark == markClose {
				reference = "{" + pieces[i+1].text + "}"
			}
			if path := spec.ContextPath(reference); path != "" {
				t = append(t, spec.TemplatePart{Written: reference, Text: reference, Path: path})
				i += 2
			} else {
				text("{")
			}
		case markDoubleOpen, markDoubleClose:
			written := p.mark.brace()
			t = append(t, spec.TemplatePart{Written: written, Text: written[:1]})
		default:
			text(p.mark.brace())
		}
	}
	if !slices.ContainsFunc(t, func(p spec.TemplatePart) bool { return p.Written != p.Text || p.Path != "" }) {
		return t.String()
	}
	return t
}

// awaited is the path of the first context value that is not there yet of which a
// string was made, or "".
func (m *marks) awaited(s string) string {
	if !strings.Contains(s, m.of(markAwait)) {
		return ""
	}
	pieces := m.split(s)
	for i, p := range pieces {
		if p.mark == markAwait && i+1 < len(pieces) && pieces[i+1].mark == 0 {
			return pieces[i+1].text
		}
	}
	return ""
}

// bindMarks adds to the importer what strings with braces are replaced by.
func (h *host) bindMarks(importer *goja.Object) {
	_ = importer.Set("mark", func(call goja.FunctionCall) goja.Value {
		l := h.marks.literals[call.Argument(0).ToInteger()]
		return h.rt.ToValue(h.marks.text(l, h.inFields || h.remembers() && !l.inner))
	})
	written := func(remember func() bool) func(goja.FunctionCall) goja.Value {
		return func(call goja.FunctionCall) goja.Value {
			v := call.Argument(0)
			if s, ok := v.(goja.String); ok && remember() {
				return h.rt.ToValue(h.marks.remember(s.String()))
			}
			return v
		}
	}
	_ = importer.Set("written", written(func() bool { return h.remembers() && !h.inFields }))
	_ = importer.Set("writtenHidden", written(func() bool { return h.remembers() || h.inFields }))
}

// remembers reports whether a string that is made now may come to be in a field:
// while the file is loaded, and in the methods of a suite, whose setUp may set the
// fields of its container.
func (h *host) remembers() bool {
	return h.loading || h.loop.scope != nil && h.loop.scope.suite != ""
}

// contextTexts are the strings on the shared context that have braces.
func (h *host) contextTexts() (texts []string) {
	if list, err := h.callNative("texts"); err == nil && !goja.IsUndefined(list) {
		_ = h.rt.ExportTo(list, &texts)
	}
	return texts
}

// fillIn puts the values into a string that the file made of context values while
// it was loaded. What is not there is read as a reference, which fails the field.
func (h *host) fillIn(s string) string {
	if !strings.Contains(s, h.marks.of(markAwait)) {
		return s
	}
	var b strings.Builder
	pieces := h.marks.split(s)
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		switch {
		case p.mark == markAwait && i+1 < len(pieces) && pieces[i+1].mark == 0:
			b.WriteString(h.valueAt(pieces[i+1].text))
			i++
		case p.mark == markAwait || p.mark == markAwaitEnd:
		case p.mark != 0:
			b.WriteString(h.marks.of(p.mark))
		default:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// valueAt is the text of the context value at a path.
func (h *host) valueAt(path string) string {
	v, err := h.callNative("resolve", h.rt.ToValue(path))
	if err != nil || goja.IsUndefined(v) {
		return h.marks.of(markOpen) + path + h.marks.of(markClose)
	}
	if _, ok := v.(*goja.Object); ok {
		if text, err := h.callNative("stringify", v); err == nil {
			v = text
		}
	}
	return v.String()
}
