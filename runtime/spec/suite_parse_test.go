package spec

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestParseSuite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		fields object
		stage  Stage
		want   string
	}{
		{"fine", object{"user": object{"name": "mia"}, "env": "own", "ports": 1.0, "service": "a", "tests": array{}}, AtLoad, ""},
		{"seconds", object{"timeout": 0.0}, AtLoad, "timeout | the number 0"},
		{"other names", object{"beforeEach": Opaque{"a function"}, "needs": array{}}, AtLoad, `beforeEach | unknown field "beforeEach": did you mean "setUp"? (if it is your own field, give it a more distinct name)
needs | unknown field "needs": did you mean "services"? (if it is your own field, give it a more distinct name)`},
		{"without image", object{"cmd": "x", "volumes": array{}, "workingDir": "/"}, AtLoad,
			"cmd | the string \"x\" without image\nvolumes | an array without image\nworkingDir | the string \"/\" without image"},
		{"a container with tests", object{"image": "a"}, AtLoad, "testA | a test method in a suite with an image"},
		{"names are needed at load", object{"services": array{Placeholder{"x"}}, "dependencies": Placeholder{"x"}}, AtLoad,
			"dependencies | a context value that is not set yet (x)\nservices | a context value that is not set yet (x)"},
	} {
		fields := object{"name": "a", "testA": Opaque{"a function"}}
		maps.Copy(fields, test.fields)
		_, problems := ParseSuite(fields, []string{"testA"}, t.TempDir(), test.stage)
		var got []string
		for _, p := range problems {
			got = append(got, p.Field+" | "+p.Found+p.Message)
		}
		same(t, test.name, strings.Join(got, "\n"), test.want)
	}
	d, problems := ParseSuite(object{"name": "a", "image": Placeholder{"x"}, "env": object{"A": 1.0}}, nil, t.TempDir(), AtLoad)
	if len(problems) > 0 || !d.InContainer || d.Env["A"] != "1" || !slices.Equal(d.Pending, []string{"image"}) {
		t.Errorf("%+v %v", d, problems)
	}
}
