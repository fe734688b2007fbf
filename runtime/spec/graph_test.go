package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// graphOf makes services of lines such as "app: db cache".
func graphOf(text string) []*Service {
	var services []*Service
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		name, deps, _ := strings.Cut(strings.TrimSpace(line), ":")
		services = append(services, &Service{Name: name, Class: strings.ToUpper(name[:1]) + name[1:], DependsOn: strings.Fields(deps)})
	}
	return services
}

func mustGraph(t testing.TB, text string) *Graph {
	t.Helper()
	g, problems := NewGraph(graphOf(text))
	if len(problems) > 0 {
		t.Fatalf("%q has problems: %v", text, problems)
	}
	return g
}

const shop = `
	web: api cache
	api: db
	cache:
	db:
	report: db
	mail:`

func TestGraph(t *testing.T) {
	t.Parallel()
	g := mustGraph(t, shop)
	for _, test := range []struct {
		what string
		got  []string
		want string
	}{
		{"names", g.Names(), "web api cache db report mail"},
		{"dependants of db", g.Dependants("db"), "api report"},
		{"dependants of web", g.Dependants("web"), ""},
		{"web with dependencies", g.WithDependencies("web"), "db api cache web"},
		{"two with dependencies, each once", g.WithDependencies("web", "report", "web"), "db api cache web report"},
		{"mail alone", g.WithDependencies("mail"), "mail"},
		{"db with dependants", g.WithDependants("db"), "web api report db"},
		{"all with dependants", g.WithDependants(g.Names()...), "web api cache report db mail"},
	} {
		if got := strings.Join(test.got, " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
	if s := g.Service("api"); s == nil || s.Name != "api" {
		t.Errorf("the service api is %v", s)
	}
	if s := g.Service("nobody"); s != nil {
		t.Errorf("the service nobody is %v", s)
	}
}

func TestGraphEmpty(t *testing.T) {
	t.Parallel()
	g, problems := NewGraph(nil)
	if g == nil || len(problems) > 0 || len(g.WithDependencies(g.Names()...)) > 0 {
		t.Errorf("no services: %v, %v", g, problems)
	}
}

// Each dependency comes before and each dependant after, whatever is asked.
func TestGraphOrder(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 30 {
		fmt.Fprintf(&text, "s%d:", i)
		for d := i + 3; d < 30; d += 4 {
			fmt.Fprintf(&text, " s%d", d)
		}
		text.WriteString("\n")
	}
	g := mustGraph(t, text.String())
	for _, name := range g.Names() {
		up, down := g.WithDependencies(name), g.WithDependants(name)
		if up[len(up)-1] != name || down[len(down)-1] != name {
			t.Errorf("%s is not the last of %v and of %v", name, up, down)
		}
		for i, n := range up {
			for _, d := range g.Service(n).DependsOn {
				if at := slices.Index(up, d); at < 0 || at > i {
					t.Errorf("with the dependencies of %s: %s does not come before %s in %v", name, d, n, up)
				}
			}
		}
		for i, n := range down {
			for _, d := range g.Dependants(n) {
				if at := slices.Index(down, d); at < 0 || at > i {
					t.Errorf("with the dependants of %s: %s does not come before %s in %v", name, d, n, down)
				}
			}
		}
	}
}

func problemTexts(problems []Problem) string {
	var all []string
	for _, p := range problems {
		text := p.String()
		if p.Hint != "" {
			text += " (" + p.Hint + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

func TestGraphProblems(t *testing.T) {
	t.Parallel()
	cycle := func(class, path string) string {
		return "class " + class + ": circular dependency: " + path
	}
	for _, test := range []struct{ name, graph, want string }{
		{"on itself", "a: a", cycle("A", "a → a")},
		{"two", "a: b\nb: a", cycle("A", "a → b → a")},
		{"behind the first", "a: b\nb: c\nc: d\nd: c\ne:", cycle("C", "c → d → c")},
		{"not reached from the first", "a:\nb: c\nc: d\nd: b", cycle("B", "b → c → d → b")},
		{"several", "a: b\nb: a\nc: d\nd: c\ne: e", cycle("A", "a → b → a") + "\n" + cycle("C", "c → d → c") + "\n" + cycle("E", "e → e")},
		{"two through one", "a: b c\nb: a\nc: a", cycle("A", "a → b → a") + "\n" + cycle("A", "a → c → a")},
		{"a diamond is none", "a: b c\nb: d\nc: d\nd:", ""},
		{"unknown", "web: databaes\ndatabase:\ndb:",
			`class Web: dependencies: found the string "databaes", which is not a service of the file, accepted: one of the services web, database, db (did you mean "database"?)`},
		{"unknown, near nothing", "web: x", `class Web: dependencies: found the string "x", which is not a service of the file, accepted: one of the services web`},
		{"name twice", "a:\nb: a\na: b", `class A: name: found the name "a", which class A already uses, accepted: a unique name for each service`},
		{"all at once", "a: a\nb: x\na:", `class A: name: found the name "a", which class A already uses, accepted: a unique name for each service` + "\n" +
			`class B: dependencies: found the string "x", which is not a service of the file, accepted: one of the services a, b, a` + "\n" + cycle("A", "a → a")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, problems := NewGraph(graphOf(test.graph))
			if got := problemTexts(problems); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
			if (g == nil) != (len(problems) > 0) {
				t.Errorf("the graph is %v with %d problems", g, len(problems))
			}
		})
	}
}

// A problem of the graph is shown where the file has the field.
func TestGraphProblemPosition(t *testing.T) {
	t.Parallel()
	services := graphOf("a: x\nb: y")
	services[0].Pos = Position{"miniboss.js", 3, 1}
	services[1].FieldPos = func(field string) Position { return Position{field + ".js", 7, 2} }
	_, problems := NewGraph(services)
	var got []string
	for _, p := range problems {
		got = append(got, p.Pos.String())
	}
	if want := []string{"miniboss.js:3:1", "dependencies.js:7:2"}; !slices.Equal(got, want) {
		t.Errorf("positions %v, want %v", got, want)
	}
}

func TestPortConflicts(t *testing.T) {
	t.Parallel()
	conflict := func(class, field, host, other, port string) string {
		return "class " + class + ": ports." + field + ": found the host port " + host + ", which service \"" + other + "\" uses too (for its port " + port +
			"), accepted: a different host port for each container port (use 0 for any free port)"
	}
	for _, test := range []struct {
		name string
		a, b []Port
		want string
	}{
		{"the same", []Port{{80, "tcp", "", 8080}}, []Port{{81, "tcp", "", 8080}}, conflict("B", "81", "8080", "a", "80")},
		{"others", []Port{{80, "tcp", "", 8080}}, []Port{{80, "tcp", "", 8081}}, ""},
		{"udp and tcp", []Port{{53, "tcp", "", 53}}, []Port{{53, "udp", "", 53}}, ""},
		{"udp twice", []Port{{53, "udp", "", 53}}, []Port{{54, "udp", "", 53}}, conflict("B", "54/udp", "53", "a", "53")},
		{"any free port", []Port{{80, "tcp", "", 0}}, []Port{{80, "tcp", "", 0}}, ""},
		{"two addresses", []Port{{80, "tcp", "127.0.0.1", 80}}, []Port{{80, "tcp", "127.0.0.2", 80}}, ""},
		{"one address", []Port{{80, "tcp", "127.0.0.1", 80}}, []Port{{81, "tcp", "127.0.0.1", 80}}, conflict("B", "81", "80", "a", "80")},
		{"one address and all", []Port{{80, "tcp", "127.0.0.1", 80}}, []Port{{81, "tcp", "", 80}}, conflict("B", "81", "80", "a", "80")},
		{"all as 0.0.0.0", []Port{{80, "tcp", "0.0.0.0", 80}}, []Port{{81, "tcp", "127.0.0.1", 80}}, conflict("B", "81", "80", "a", "80")},
		{"all as ::", []Port{{80, "tcp", "::1", 80}}, []Port{{81, "tcp", "::", 80}}, conflict("B", "81", "80", "a", "80")},
		{"one service", []Port{{80, "tcp", "", 80}, {81, "tcp", "", 80}}, nil, conflict("A", "81", "80", "a", "80")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			services := graphOf("a:\nb:")
			services[0].Loaded.Ports, services[1].Loaded.Ports = test.a, test.b
			_, problems := NewGraph(services)
			if got := problemTexts(problems); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

// An image is built once in a run, so there must be one way to build it.
func TestBuildConflicts(t *testing.T) {
	t.Parallel()
	base := Definition{Image: "web:dev", Build: &Build{Context: "/web", Dockerfile: "Dockerfile", Args: map[string]string{"A": "1"}, Target: "dev"}}
	conflict := func(field string) string {
		return "class B: " + field + `: found a build of image web:dev that differs from that of service "a", accepted: the same build in every service that uses the image (give one of them a different image name)`
	}
	for _, test := range []struct {
		name   string
		change func(d *Definition)
		want   string
	}{
		{"the same", func(*Definition) {}, ""},
		{"context", func(d *Definition) { d.Build.Context = "/other" }, conflict("buildFrom")},
		{"dockerfile", func(d *Definition) { d.Build.Dockerfile = "other" }, conflict("dockerfile")},
		{"arguments", func(d *Definition) { d.Build.Args["A"] = "2" }, conflict("buildArgs")},
		{"stage", func(d *Definition) { d.Build.Target = "" }, conflict("buildTarget")},
		{"platform", func(d *Definition) { d.Platform = "linux/arm64" }, conflict("platform")},
		{"all of them, told by the first", func(d *Definition) { d.Build = &Build{}; d.Platform = "linux/arm64" }, conflict("buildFrom")},
		{"another tag", func(d *Definition) { d.Image, d.Build.Target = "web:prod", "" }, ""},
		{"another spelling", func(d *Definition) { d.Image, d.Build.Target = "docker.io/library/web:dev", "" },
			strings.Replace(conflict("buildTarget"), "image web:dev", "image docker.io/library/web:dev", 1)},
		{"not built", func(d *Definition) { d.Build = nil }, ""},
		{"arguments not known yet", func(d *Definition) { d.Build.Args, d.Pending = nil, []string{"buildArgs.A"} }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			services := graphOf("a:\nb:")
			services[0].Loaded = base
			other := base
			build := *base.Build
			build.Args = map[string]string{"A": "1"}
			other.Build = &build
			test.change(&other)
			services[1].Loaded = other
			_, problems := NewGraph(services)
			if got := problemTexts(problems); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}
