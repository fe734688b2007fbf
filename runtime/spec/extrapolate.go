package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// LookUp finds the value at a path and gives it as a string.
func LookUp(values map[string]any, path string) (string, error) {
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
	return &NotThere{path: path, Keys: where + " has " + there}
}

// NotThere says that the context has no value at a path.
type NotThere struct {
	path string
	Keys string // what there is instead
}

func (e *NotThere) Error() string {
	return fmt.Sprintf("{%s} is not in the context: %s (write {{%s}} for literal braces)", e.path, e.Keys, e.path)
}

// extrapolatedFields are the fields in which templates are replaced.
func extrapolatedFields() []string {
	return []string{"image", "cmd", "entrypoint", "user", "env", "labels", "volumes", "buildArgs"}
}

// isExtrapolated reports whether templates are replaced in a field, or a part of
// one such as env.ID or cmd[0].
func isExtrapolated(field string) bool {
	if end := strings.IndexAny(field, ".["); end >= 0 {
		field = field[:end]
	}
	return slices.Contains(extrapolatedFields(), field)
}

// ExtrapolateFields replaces the templates in the fields that allow it and
// returns new fields. The keys of volumes are replaced too: they are sources.
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
	text := func(field string, t Template) (string, bool) {
		replaced, err := t.Replace(values)
		if err != nil {
			p := Problem{Field: field, Found: err.Error()}
			if there, ok := errors.AsType[*NotThere](err); ok {
				p.Missing = &Missing{Source: ContextSource, Path: there.path}
			}
			*problems = append(*problems, p)
		}
		return replaced, err == nil
	}
	switch v := v.(type) {
	case Template:
		replaced, ok := text(field, v)
		if !ok {
			return unknown{}
		}
		return replaced
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = extrapolateValue(fmt.Sprintf("%s[%d]", field, i), item, values, problems)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			newKey, item, known := key, v[key], true
			if keyed, ok := item.(Keyed); ok {
				item = keyed.Value
				if field == "volumes" {
					if newKey, known = text(field, keyed.Key); !known {
						newKey = key
					}
				}
			}
			object[newKey] = extrapolateValue(field+"."+key, item, values, problems)
			if !known {
				object[newKey] = unknown{}
			}
		}
		return object
	}
	return v
}
