package spec

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Suite is a suite of tests of the user's file.
type Suite struct {
	Name      string
	Class     string   // name of its JavaScript class, for messages
	Pos       Position // of the class
	Services  []string // names of the services it needs, sorted, without repetition
	DependsOn []string // names of suites, sorted, without repetition
	Tests     []string // names of its test methods, in the order of the source
	// Loaded is the definition found at load; see Service.Loaded.
	Loaded SuiteDefinition
	// Evaluate evaluates the class again, at the suite's turn, and returns its
	// fields, as ParseSuite takes them; braces are not replaced yet. From then
	// on the methods run on that instance.
	Evaluate func(ctx context.Context) (map[string]any, error)
	// Fields reads the fields of that instance again: setUp may have changed
	// them, or what their getters use.
	Fields func(ctx context.Context) (map[string]any, error)
	// FieldPos returns where the file defines a field or a method, or the
	// nearest place known.
	FieldPos func(field string) Position
	// The methods honour their context, as Hooks do. SetUp and TearDown are nil
	// where they are not defined.
	SetUp    func(ctx context.Context) error
	TearDown func(ctx context.Context) error
	Test     func(ctx context.Context, name string) error
}

// SuiteDefinition is what a suite's fields say. ParseSuite makes it.
type SuiteDefinition struct {
	// InContainer is set for a suite that is a container. Then Definition says
	// which; it has what concerns a container that ends by itself.
	InContainer bool
	Definition
	Timeout time.Duration // for each of its methods, or for its container; 0: the command's
}

// ContainerTest is the name of the only test of a suite that is a container.
const ContainerTest = "container"

// TestNames are the names under which the suite's results are reported.
func (s *Suite) TestNames() []string {
	if s.Loaded.InContainer {
		return []string{ContainerTest}
	}
	return s.Tests
}

// SuiteGraph is the suites of a file and who depends on whom.
type SuiteGraph struct {
	suites []*Suite // in the order of the file
	byName map[string]*Suite
	order  *Graph // the suites as if they were services
}

// NewSuiteGraph checks what concerns several suites and services at once:
// names that occur twice, unknown services, unknown and circular dependencies.
// services are the names of the file's services. The graph is nil where there
// are problems.
func NewSuiteGraph(suites []*Suite, services []string) (*SuiteGraph, []Problem) {
	g := &SuiteGraph{suites: suites, byName: map[string]*Suite{}}
	g.order = &Graph{byName: map[string]*Service{}, dependants: map[string][]string{}}
	var problems []Problem
	for _, s := range suites {
		if first, twice := g.byName[s.Name]; twice {
			problems = append(problems, suiteProblem(s, "name", fmt.Sprintf("the name %q, which class %s already uses", s.Name, first.Class),
				"a unique name for each suite", ""))
			continue
		}
		g.byName[s.Name] = s
		node := &Service{Name: s.Name, DependsOn: s.DependsOn}
		g.order.services = append(g.order.services, node)
		g.order.byName[s.Name] = node
	}
	for _, s := range suites {
		for _, name := range s.Services {
			if !slices.Contains(services, name) {
				problems = append(problems, suiteProblem(s, "services", fmt.Sprintf("the string %q, which is not a service of the file", name),
					"one of the services "+strings.Join(services, ", "), DidYouMean(name, services)))
			}
		}
		for _, name := range s.DependsOn {
			if g.byName[name] != nil {
				g.order.dependants[name] = append(g.order.dependants[name], s.Name)
				continue
			}
			hint := DidYouMean(name, g.Names())
			if slices.Contains(services, name) {
				hint = name + " is a service: list it in services"
			}
			problems = append(problems, suiteProblem(s, "dependencies", fmt.Sprintf("the string %q, which is not a suite of the file", name),
				"one of the suites "+strings.Join(g.Names(), ", "), hint))
		}
	}
	for _, cycle := range g.order.cycles() {
		problems = append(problems, circular(suiteProblem(g.byName[cycle[0]], "dependencies", "", "", ""), cycle))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return g, nil
}

func suiteProblem(s *Suite, field, found, accepted, hint string) Problem {
	return problemOf(&Service{Class: s.Class, Pos: s.Pos, FieldPos: s.FieldPos}, field, found, accepted, hint)
}

// DidYouMean is a question for a name that is like one that there is; "": none is.
func DidYouMean(name string, names []string) string {
	if near := NearestName(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// Names returns the names of all suites, in the order of the file.
func (g *SuiteGraph) Names() []string { return g.order.Names() }

// WithDependencies returns the named suites and all that they depend on,
// dependencies first.
func (g *SuiteGraph) WithDependencies(names ...string) []string {
	return g.order.WithDependencies(names...)
}

// Suite returns the suite of that name, or nil.
func (g *SuiteGraph) Suite(name string) *Suite { return g.byName[name] }
