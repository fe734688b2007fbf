package runtime

import (
	"encoding/json"
	"fmt"
	"github.com/miniboss/miniboss/internal/lazyregexp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// reference is {key} or {key.path[0]}.
var contextReference = lazyregexp.New(`^\{([A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*|\[[0-9]+\])*)\}`)

// HasReference reports whether a string holds a {key.path} that is replaced
// from the shared context.
func HasReference(s string) bool {
	if !strings.Contains(s, "{") {
		return false
	}
	found := false
	_, _ = extrapolate(s, func(string) (string, error) {
		found = true
		return "", nil
	})
	return found
}

// Extrapolate replaces {key} and {key.path[0]} in a string by the values of
// the shared context. {{ and }} are literal braces. Braces that hold no such
// path stay as they are. A key that is missing is an error that lists the keys
// there are.
func Extrapolate(s string, values map[string]any) (string, error) {
	if !strings.ContainsAny(s, "{}") {
		return s, nil
	}
	return extrapolate(s, func(path string) (string, error) { return lookUp(values, path) })
}

// extrapolate keeps a stack of the braces that are open, so that the }} which
// ends nested JSON is told from the }} that closes a {{.
func extrapolate(s string, value func(path string) (string, error)) (string, error) {
	var out strings.Builder
	var open []bool // true: opened by {{
	top := func() (escaped, any bool) {
		if len(open) == 0 {
			return false, false
		}
		return open[len(open)-1], true
	}
	for i := 0; i < len(s); {
		rest := s[i:]
		escaped, inside := top()
		switch {
		case strings.HasPrefix(rest, "{{"):
			open = append(open, true)
			out.WriteByte('{')
			i += 2
		case rest[0] == '{':
			if m := contextReference.FindStringSubmatch(rest); m != nil {
				v, err := value(m[1])
				if err != nil {
					return "", err
				}
				out.WriteString(v)
				i += len(m[0])
				continue
			}
			open = append(open, false)
			out.WriteByte('{')
			i++
		case strings.HasPrefix(rest, "}}") && (escaped || !inside):
			if inside {
				open = open[:len(open)-1]
			}
			out.WriteByte('}')
			i += 2
		case rest[0] == '}':
			if inside {
				open = open[:len(open)-1]
			}
			out.WriteByte('}')
			i++
		default:
			out.WriteByte(rest[0])
			i++
		}
	}
	return out.String(), nil
}

// lookUp finds the value at a path and gives it as a string.
func lookUp(values map[string]any, path string) (string, error) {
	var at any = values
	done := ""
	for _, step := range pathSteps(path) {
		var next any
		there := false
		further := "." + step
		switch v := at.(type) {
		case map[string]any:
			next, there = v[step]
		case []any:
			further = "[" + step + "]"
			if i, err := strconv.Atoi(step); err == nil && i < len(v) {
				next, there = v[i], true
			}
		}
		if !there {
			return "", missingError(path, done, at)
		}
		at = next
		done += further
	}
	if s, ok := scalar(at); ok {
		return s, nil
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // as JSON.stringify
	err := encoder.Encode(at)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// pathSteps takes a.b[0] apart.
func pathSteps(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

func missingError(path, done string, at any) error {
	where := "the context"
	if done != "" {
		where = "context" + done
	}
	there := "no keys"
	switch v := at.(type) {
	case map[string]any:
		if keys := slices.Sorted(maps.Keys(v)); len(keys) > 0 {
			there = "the keys " + strings.Join(keys, ", ")
		}
	case []any:
		there = fmt.Sprintf("%d items", len(v))
	case string:
		there = "no keys: it is a string" // which may be a secret
	default:
		there = "no keys: it is " + describe(at)
	}
	return fmt.Errorf("{%s} is not in the context: %s has %s (write {{%s}} for literal braces)", path, where, there, path)
}

// extrapolatedFields are the fields whose strings Extrapolate is applied to.
func extrapolatedFields() []string {
	return []string{"image", "cmd", "entrypoint", "user", "env", "labels", "volumes", "buildArgs"}
}

// isExtrapolated reports whether Extrapolate is applied to a field, or a part
// of one such as env.ID or cmd[0].
func isExtrapolated(field string) bool {
	if end := strings.IndexAny(field, ".["); end >= 0 {
		field = field[:end]
	}
	return slices.Contains(extrapolatedFields(), field)
}

// ExtrapolateFields replaces the braces in the fields that allow it and
// returns new fields. Keys of objects are replaced too: a volume's source is
// one.
func ExtrapolateFields(fields map[string]any, values map[string]any) (map[string]any, []Problem) {
	out := maps.Clone(fields)
	var problems []Problem
	for _, field := range extrapolatedFields() {
		v, there := fields[field]
		if !there {
			continue
		}
		out[field] = extrapolateValue(field, v, values, &problems)
	}
	return out, problems
}

func extrapolateValue(field string, v any, values map[string]any, problems *[]Problem) any {
	text := func(field, s string) string {
		replaced, err := Extrapolate(s, values)
		if err != nil {
			*problems = append(*problems, Problem{Field: field, Found: err.Error()})
		}
		return replaced
	}
	switch v := v.(type) {
	case string:
		return text(field, v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = extrapolateValue(fmt.Sprintf("%s[%d]", field, i), item, values, problems)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			newKey := key
			if field == "volumes" {
				newKey = text(field, key)
			}
			object[newKey] = extrapolateValue(field+"."+key, v[key], values, problems)
		}
		return object
	}
	return v
}
