package spec

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSelection(t *testing.T) {
	t.Parallel()
	g := mustGraph(t, shop)
	named := func(services, exclude string) Selection {
		return Selection{Services: strings.Fields(services), Exclude: strings.Fields(exclude)}
	}
	alone := func(services, exclude string) Selection {
		s := named(services, exclude)
		s.NoDeps = true
		return s
	}
	for _, test := range []struct {
		name        string
		selection   Selection
		start, stop string // the services, or "error; hint"
	}{
		{"all", named("", ""), "db api cache web report mail", "web api cache report db mail"},
		{"one at the top", named("web", ""), "db api cache web", "web"},
		{"one at the bottom", named("db", ""), "db", "web api report db"},
		{"in the middle", named("api", ""), "db api", "web api"},
		{"several, repeated", named("report cache report", ""), "db report cache", "report web cache"},
		{"just one", alone("api", ""), "api", "api"},
		{"just some, in order", alone("db web", ""), "db web", "web db"},
		{"all without others", alone("", ""), "db api cache web report mail", "web api cache report db mail"},
		{"without mail", named("", "mail"), "db api cache web report", "web api cache report db"},
		{"without web", named("", "web"), "db api cache report mail",
			"error: web cannot be excluded: it depends on api, which would be stopped; exclude api too: --exclude web,api"},
		{"without db", named("", "db"), "error: db cannot be excluded: api depends on it and would be started; exclude api too: --exclude db,api",
			"web api cache report mail"},
		{"without web and api", named("", "web api"), "db cache report mail",
			"error: web cannot be excluded: it depends on cache, which would be stopped; exclude cache too: --exclude web,api,cache"},
		{"without the whole chain", named("", "web api report db cache"), "mail", "mail"},
		{"named, without what it needs", named("web", "cache"), "error: cache cannot be excluded: web depends on it and would be started; exclude web too: --exclude cache,web", "web"},
		{"just one, without what it needs", alone("web", "cache"), "web", "web"},
		{"excluded and never meant", named("mail", "db"), "mail", "mail"},
		{"all without others, less one", alone("", "db"), "api cache web report mail", "web api cache report mail"},
		{"everything excluded", named("", "web api cache db report mail"), "", ""},
		{"unknown", named("dbb", ""), `error: there is no service "dbb"; the file's services: web, api, cache, db, report, mail`, `error: there is no service "dbb"; the file's services: web, api, cache, db, report, mail`},
		{"unknown, near one", named("web reprot", ""), `error: there is no service "reprot"; did you mean "report"?`, `error: there is no service "reprot"; did you mean "report"?`},
		{"unknown excluded", named("", "cahce"), `error: there is no service "cahce"; did you mean "cache"?`, `error: there is no service "cahce"; did you mean "cache"?`},
		{"named and excluded", named("web", "web"), "error: web is both named and excluded; ", "error: web is both named and excluded; "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			show := func(names []string, err error) string {
				var usage *UsageError
				if errors.As(err, &usage) {
					return fmt.Sprintf("error: %v; %s", err, usage.Hint())
				}
				return strings.Join(names, " ")
			}
			if got := show(test.selection.ForStart(g)); got != test.start {
				t.Errorf("start: %s\n want: %s", got, test.start)
			}
			if got := show(test.selection.ForStop(g)); got != test.stop {
				t.Errorf("stop: %s\nwant: %s", got, test.stop)
			}
		})
	}
}

func TestSelectionAll(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		s    Selection
		want bool
	}{{Selection{}, true}, {Selection{NoDeps: true}, true}, {Selection{Services: []string{"a"}}, false}, {Selection{Exclude: []string{"a"}}, false}} {
		if got := test.s.All(); got != test.want {
			t.Errorf("%+v: %v", test.s, got)
		}
	}
}
