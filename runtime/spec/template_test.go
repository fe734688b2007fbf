package spec

import (
	"reflect"
	"strings"
	"testing"
)

// written makes templates of the strings that have braces, as of those that are
// written in a file.
func written(v any) any {
	switch v := v.(type) {
	case string:
		if strings.ContainsAny(v, "{}") {
			return ParseTemplate(v)
		}
	case []any:
		list := make(array, len(v))
		for i := range v {
			list[i] = written(v[i])
		}
		return list
	case map[string]any:
		return writtenFields(v)
	}
	return v
}

func writtenFields(fields map[string]any) map[string]any {
	out := object{}
	for key, v := range fields {
		out[key] = written(v)
		if strings.ContainsAny(key, "{}") {
			out[key] = Keyed{ParseTemplate(key), out[key]}
		}
	}
	return out
}

func extrapolate(s string, values map[string]any) (string, error) {
	return ParseTemplate(s).Replace(values)
}

func TestTemplateAsWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", "{a}", "x{{y}}{z}", `{"a":{"b":"{c}"}}`, "}}{{", "a}}b{c"} {
		if got := ParseTemplate(s).String(); got != s {
			t.Errorf("%q is written %q", s, got)
		}
	}
}

// A string that is no template is data, braces or not.
func TestDataInFields(t *testing.T) {
	t.Parallel()
	data := object{"image": "{a}", "cmd": array{"{a}", "k}}9{{x"}, "env": object{"A": "{a}", "{b}": "{{x}}"}, "volumes": object{"{a}": object{"bind": "/{a}"}}}
	got, problems := ExtrapolateFields(data, object{"a": "1"})
	if len(problems) > 0 || !reflect.DeepEqual(map[string]any(data), got) {
		t.Errorf("%v %v", got, problems)
	}
	d, problems := ParseDefinition(object{"name": "a", "image": "i", "env": data["env"], "cmd": data["cmd"]}, t.TempDir(), AtLoad)
	if len(problems) > 0 || len(d.Pending) > 0 || d.Env["A"] != "{a}" || d.Cmd[1] != "k}}9{{x" {
		t.Errorf("%+v %v", d, problems)
	}
}

// What is known at load is replaced there already.
func TestTemplatesAtLoad(t *testing.T) {
	t.Parallel()
	d, problems := ParseDefinition(writtenFields(object{
		"name": "a", "image": "i", "workingDir": "/{{x}}",
		"env": object{"A": "{{x}}", "B": "{a}", "{c}": "{d}"}, "volumes": object{"{v}": object{"bind": "/x"}},
	}), t.TempDir(), AtLoad)
	if len(problems) > 0 || d.Env["A"] != "{x}" || d.WorkingDir != "/{{x}}" || strings.Join(d.Pending, " ") != "env.B env.{c} volumes.{v}" {
		t.Errorf("%+v %v", d, problems)
	}
}
