package spec

import (
	"reflect"
	"testing"
)

func contextForTests() map[string]any {
	return object{
		"host": "db", "port": 5432.0, "ok": true, "nothing": nil, "pi": 3.25, "big": 1e21, "empty": "",
		"user": object{"id": 7.0, "tags": array{"a", object{"b": "c"}}, "0": "zero"},
		"sly":  "{host}", "braces": "{{x}}", "none": object{}, "$x_1": "dollar", "html": object{"a": "<b>&"},
	}
}

func TestExtrapolate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"{host}", "db"},
		{"postgres://{host}:{port}/x", "postgres://db:5432/x"},
		{"{user.id}{user.tags[0]}{user.tags[1].b}", "7ac"},
		{"{user[0]}", "zero"},
		{"{ok} {nothing} {pi} {big} {empty}.", "true null 3.25 1e+21 ."},
		{"{user.tags}", `["a",{"b":"c"}]`},
		{"{user.tags[1]} {none}", `{"b":"c"} {}`},
		{"{html}", `{"a":"<b>&"}`},
		{"{$x_1}", "dollar"},

		// Literal braces.
		{"{{host}}", "{host}"},
		{"{{", "{"},
		{"}}", "}"},
		{"a}}b", "a}b"},
		{"{{{host}}}", "{db}"},
		{"{{ {host} }}", "{ db }"},
		{"{{.Names}}", "{.Names}"},
		{"${{HOME}}", "${HOME}"},

		// What holds no path stays.
		{"{", "{"},
		{"}", "}"},
		{"{}", "{}"},
		{"{ host }", "{ host }"},
		{"{host", "{host"},
		{"host}", "host}"},
		{"{first-todo}", "{first-todo}"},
		{"{1}", "{1}"},
		{`^a{2,3}\d{4}$`, `^a{2,3}\d{4}$`},
		{"${HOME:-/root}", "${HOME:-/root}"},
		{"$HOME", "$HOME"},
		{"{user.}", "{user.}"},
		{"{user[x]}", "{user[x]}"},
		{"{user.tags[-1]}", "{user.tags[-1]}"},
		{"awk '{print $1}'", "awk '{print $1}'"},

		// JSON.
		{`{"a": 1}`, `{"a": 1}`},
		{`{"a":{"b":{"c":[{},{}]}}}`, `{"a":{"b":{"c":[{},{}]}}}`},
		{`{"a":{"b":"{host}"}}`, `{"a":{"b":"db"}}`},
		{`{"a":{host}}`, `{"a":db}`},
		{`{"a":{"b":{user.tags}}}`, `{"a":{"b":["a",{"b":"c"}]}}`},
		{`[{"a":1},{"b":{}}]`, `[{"a":1},{"b":{}}]`},

		// Nothing is replaced twice.
		{"{sly}", "{host}"},
		{"{braces}", "{{x}}"},
		{"{{sly}}", "{sly}"},
	} {
		got, err := extrapolate(test.in, contextForTests())
		if err != nil || got != test.want {
			t.Errorf("%q gives %q (%v), want %q", test.in, got, err, test.want)
		}
	}
}

func TestExtrapolateMissing(t *testing.T) {
	t.Parallel()
	values := object{"b": object{"x": 1.0}, "a": array{object{}, 5.0}, "s": "text"}
	for _, test := range []struct {
		in     string
		values map[string]any
		want   string
	}{
		{"{c}", values, "{c} is not in the context: the context has the keys a, b, s (write {{c}} for literal braces)"},
		{"{c}", object{}, "{c} is not in the context: the context has no keys (write {{c}} for literal braces)"},
		{"{c.d}", values, "{c.d} is not in the context: the context has the keys a, b, s (write {{c.d}} for literal braces)"},
		{"{b.y}", values, "{b.y} is not in the context: context.b has the keys x (write {{b.y}} for literal braces)"},
		{"{b.x.z}", values, "{b.x.z} is not in the context: context.b.x has no keys: it is the number 1 (write {{b.x.z}} for literal braces)"},
		{"{a[2]}", values, "{a[2]} is not in the context: context.a has 2 items (write {{a[2]}} for literal braces)"},
		{"{a[0].k}", values, "{a[0].k} is not in the context: context.a[0] has no keys (write {{a[0].k}} for literal braces)"},
		{"{a.k}", values, "{a.k} is not in the context: context.a has 2 items (write {{a.k}} for literal braces)"},
		{"{a[99999999999999999999]}", values, "{a[99999999999999999999]} is not in the context: context.a has 2 items (write {{a[99999999999999999999]}} for literal braces)"},
		{"{s.length}", values, `{s.length} is not in the context: context.s has no keys: it is a string (write {{s.length}} for literal braces)`},
		{"echo ${HOME}", object{"home": 1.0}, "{HOME} is not in the context: the context has the keys home (write {{HOME}} for literal braces)"},
	} {
		got, err := extrapolate(test.in, test.values)
		if err == nil || err.Error() != test.want || got != "" {
			t.Errorf("%q gives %q and\n%v\nwant\n%v", test.in, got, err, test.want)
		}
	}
}

func TestHasReference(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"": false, "{a}": true, "{{a}}": false, "{{{a}}}": true, `{"a":{b}}`: true, `{"a":1}`: false, "{": false, "${X}": true} {
		if got := HasReference(in); got != want {
			t.Errorf("HasReference(%q) = %v", in, got)
		}
	}
}

func TestExtrapolateFields(t *testing.T) {
	t.Parallel()
	in := object{
		"name": "{host}", "image": "web:{user.id}", "cmd": array{"-h", "{host}", 80.0, nil}, "entrypoint": "run {port}", "user": "{user.id}",
		"env":       object{"{host}": "{host}", "N": 1.0, "U": Undefined{}, "L": array{"{host}"}},
		"labels":    object{"l": "{ok}"},
		"volumes":   object{"./{host}": object{"bind": "/{host}", "mode": "ro"}},
		"buildArgs": object{"A": "{pi}"},
		// These are taken as they are.
		"workingDir": "/{host}", "buildFrom": "{host}", "platform": "{host}", "ports": object{"1": "{port}"}, "mine": "{gone}",
	}
	want := object{
		"image": "web:7", "cmd": array{"-h", "db", 80.0, nil}, "entrypoint": "run 5432", "user": "7",
		"env":        object{"{host}": "db", "N": 1.0, "U": Undefined{}, "L": array{"db"}},
		"labels":     object{"l": "true"},
		"volumes":    object{"./db": object{"bind": "/db", "mode": "ro"}},
		"buildArgs":  object{"A": "3.25"},
		"workingDir": ParseTemplate("/{host}"), "buildFrom": ParseTemplate("{host}"), "platform": ParseTemplate("{host}"),
		"ports": object{"1": ParseTemplate("{port}")}, "mine": ParseTemplate("{gone}"), "name": ParseTemplate("{host}"),
	}
	got, problems := ExtrapolateFields(writtenFields(in), contextForTests())
	if len(problems) > 0 || !reflect.DeepEqual(got, map[string]any(want)) {
		t.Errorf("got %v, %v\nwant %v", got, problems, want)
	}
	if in["image"] != "web:{user.id}" || in["cmd"].(array)[1] != "{host}" {
		t.Error("the fields that were given have changed")
	}
}

func TestExtrapolateFieldsProblems(t *testing.T) {
	t.Parallel()
	_, problems := ExtrapolateFields(writtenFields(object{
		"image": "{a}", "cmd": array{"x", "{b}"}, "env": object{"K": "{c}"}, "volumes": object{"{d}": object{"bind": "{e}"}},
	}), object{"key": 1.0})
	tail := func(path string) string {
		return "{" + path + "} is not in the context: the context has the keys key (write {{" + path + "}} for literal braces) |  | "
	}
	want := []string{"image | " + tail("a"), "cmd[1] | " + tail("b"), "env.K | " + tail("c"), "volumes | " + tail("d"), "volumes.{d}.bind | " + tail("e")}
	if got := problemLines(problems, "\x00"); got != lines(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, lines(want))
	}
}
