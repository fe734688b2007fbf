package runtime

import (
	"slices"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

func TestRestartSelection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, running  string
		selection      spec.Selection
		again, missing string
	}{
		{"nothing runs: all", "", spec.Selection{}, "db app user", ""},
		{"what runs", "db app", spec.Selection{}, "db app", ""},
		{"named with dependants that run", "db app user", spec.Selection{Services: []string{"app"}}, "app user", ""},
		{"a dependant that does not run", "db app", spec.Selection{Services: []string{"app"}}, "app", ""},
		{"named ones that do not run", "", spec.Selection{Services: []string{"app"}}, "app", "db"},
		{"no deps", "user", spec.Selection{Services: []string{"app"}, NoDeps: true}, "app", ""},
		{"excluded", "db app user", spec.Selection{Exclude: []string{"db"}}, "app user", ""},
		{"an excluded dependency", "app", spec.Selection{Services: []string{"app"}, Exclude: []string{"db"}}, "app", ""},
	} {
		w := newWorld(t, "user: app\napp: db\ndb:", nil)
		have := map[string][]Container{}
		for name := range strings.FieldsSeq(test.running) {
			have[name] = []Container{{State: "running"}}
		}
		o := RestartOptions{Selection: test.selection}
		again, err := o.again(w.runner.Graph, func(name string) bool { return slices.ContainsFunc(have[name], runs) })
		if err != nil {
			t.Fatal(err)
		}
		same(t, test.name, strings.Join(again, " "), test.again)
		same(t, test.name+": missing", strings.Join(o.missing(w.runner.Graph, again, have), " "), test.missing)
	}
}
