package spec

import (
	"strings"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// Template is a string of a definition in which braces have a meaning, because
// they are written in the file: {key} and {key.path[0]} stand for values of the
// shared context, {{ and }} for braces. A string in which they have none, such
// as one that came from outside, is a Go string.
type Template []TemplatePart

// TemplatePart is a part of a template.
type TemplatePart struct {
	Written string // as the file has it
	Text    string // what it becomes; a reference becomes a value instead
	Path    string // of a reference, such as key.path[0]; "": it is none
}

// Keyed is the value of an object's key that is a template. The object has it
// under the key as it is written.
type Keyed struct {
	Key   Template
	Value any
}

// reference is {key} or {key.path[0]}.
var contextReference = lazyregexp.New(`^\{([A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*|\[[0-9]+\])*)\}`)

// ContextPath returns the path of a reference that stands alone, or "".
func ContextPath(reference string) string {
	if m := contextReference.FindStringSubmatch(reference); m != nil && len(m[0]) == len(reference) {
		return m[1]
	}
	return ""
}

// ParseTemplate reads a string that is written in the file. Braces that hold no
// path stay as they are. It keeps a stack of the braces that are open, so that
// the }} which ends nested JSON is told from the }} that closes a {{.
func ParseTemplate(s string) Template {
	var t Template
	var open []bool // true: opened by {{
	plain := 0      // where the text begins that is not in t yet
	add := func(at, length int, part TemplatePart) {
		if at > plain {
			t = append(t, TemplatePart{Written: s[plain:at], Text: s[plain:at]})
		}
		part.Written = s[at : at+length]
		t = append(t, part)
		plain = at + length
	}
	for i := 0; i < len(s); {
		rest := s[i:]
		inside := len(open) > 0
		escaped := inside && open[len(open)-1]
		switch {
		case strings.HasPrefix(rest, "{{"):
			open = append(open, true)
			add(i, 2, TemplatePart{Text: "{"})
			i += 2
		case rest[0] == '{':
			if m := contextReference.FindStringSubmatch(rest); m != nil {
				add(i, len(m[0]), TemplatePart{Text: m[0], Path: m[1]})
				i += len(m[0])
				continue
			}
			open = append(open, false)
			i++
		case strings.HasPrefix(rest, "}}") && (escaped || !inside):
			if inside {
				open = open[:len(open)-1]
			}
			add(i, 2, TemplatePart{Text: "}"})
			i += 2
		case rest[0] == '}' && inside:
			open = open[:len(open)-1]
			i++
		default:
			i++
		}
	}
	if plain < len(s) {
		t = append(t, TemplatePart{Written: s[plain:], Text: s[plain:]})
	}
	return t
}

// String returns the template as it is written.
func (t Template) String() string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.Written)
	}
	return b.String()
}

// Reference returns the path of the first reference, or "".
func (t Template) Reference() string {
	for _, p := range t {
		if p.Path != "" {
			return p.Path
		}
	}
	return ""
}

// Replace returns what the template stands for. A key that is missing is an
// error that lists the keys there are.
func (t Template) Replace(values map[string]any) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.Path == "" {
			b.WriteString(p.Text)
			continue
		}
		value, err := LookUp(values, p.Path)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

// HasReference reports whether a string, as it is written in the file, refers to
// the shared context.
func HasReference(s string) bool {
	return strings.Contains(s, "{") && ParseTemplate(s).Reference() != ""
}

// settleTemplates returns fields without templates, for the parser: at load, one
// that refers to the context is a placeholder where references are replaced, and
// elsewhere a template is the text that is written.
func settleTemplates(fields map[string]any, stage Stage) map[string]any {
	out := make(map[string]any, len(fields))
	for field, v := range fields {
		out[field] = settleTemplate(v, isExtrapolated(field) && stage == AtLoad)
	}
	return out
}

func settleTemplate(v any, replaced bool) any {
	switch v := v.(type) {
	case Template:
		if !replaced {
			return v.String()
		}
		if path := v.Reference(); path != "" {
			return Placeholder{Path: path}
		}
		text, _ := v.Replace(nil)
		return text
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = settleTemplate(v[i], replaced)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			keyed, ok := item.(Keyed)
			switch {
			case !ok:
				object[key] = settleTemplate(item, replaced)
			case replaced && keyed.Key.Reference() != "":
				object[key] = Placeholder{Path: keyed.Key.Reference()}
			default:
				object[key] = settleTemplate(keyed.Value, replaced)
			}
		}
		return object
	}
	return v
}
