package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Graph is the services of a file and who depends on whom.
type Graph struct {
	services   []*Service // in the order of the file
	byName     map[string]*Service
	dependants map[string][]string // direct ones, in the order of the file
}

// NewGraph checks what concerns several services at once (names that occur
// twice, unknown and circular dependencies, host ports wanted twice, one image
// built in two ways) and makes their graph, which is nil where there are problems.
func NewGraph(services []*Service) (*Graph, []Problem) {
	g := &Graph{services: services, byName: map[string]*Service{}, dependants: map[string][]string{}}
	var problems []Problem
	for _, s := range services {
		if first, twice := g.byName[s.Name]; twice {
			problems = append(problems, problemOf(s, "name", fmt.Sprintf("the name %q, which class %s already uses", s.Name, first.Class),
				"a unique name for each service", ""))
			continue
		}
		g.byName[s.Name] = s
	}
	for _, s := range services {
		for _, d := range s.DependsOn {
			if g.byName[d] == nil {
				problems = append(problems, g.unknownDependency(s, d))
				continue
			}
			g.dependants[d] = append(g.dependants[d], s.Name)
		}
	}
	for _, cycle := range g.cycles() {
		s := g.byName[cycle[0]]
		problems = append(problems, circular(problemOf(s, "dependencies", "", "", ""), cycle))
	}
	problems = append(problems, portConflicts(services)...)
	problems = append(problems, buildConflicts(services)...)
	if len(problems) > 0 {
		return nil, problems
	}
	return g, nil
}

func problemOf(s *Service, field, found, accepted, hint string) Problem {
	pos := s.Pos
	if s.FieldPos != nil {
		pos = s.FieldPos(field)
	}
	return Problem{Class: s.Class, Field: field, Pos: pos, Found: found, Accepted: accepted, Hint: hint}
}

// circular is the problem of a circular dependency, as a path.
func circular(p Problem, cycle []string) Problem {
	p.Message = "circular dependency: " + strings.Join(cycle, " → ")
	return p
}

func (g *Graph) unknownDependency(s *Service, name string) Problem {
	hint := ""
	if near := NearestName(name, g.Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return problemOf(s, "dependencies", fmt.Sprintf("the string %q, which is not a service of the file", name),
		"one of the services "+strings.Join(g.Names(), ", "), hint)
}

// LooseGraph makes the graph of services that no file has: of what containers say.
// Nothing is checked, and a dependency that is not among them is left out.
func LooseGraph(services []*Service) *Graph {
	g := &Graph{services: services, byName: map[string]*Service{}, dependants: map[string][]string{}}
	for _, s := range services {
		g.byName[s.Name] = s
	}
	for _, s := range services {
		s.DependsOn = slices.DeleteFunc(s.DependsOn, func(d string) bool { return g.byName[d] == nil || d == s.Name })
		for _, d := range s.DependsOn {
			g.dependants[d] = append(g.dependants[d], s.Name)
		}
	}
	return g
}

// Services returns all services, in the order of the file.
func (g *Graph) Services() []*Service { return g.services }

// Names returns the names of all services, in the order of the file.
func (g *Graph) Names() []string {
	names := make([]string, len(g.services))
	for i, s := range g.services {
		names[i] = s.Name
	}
	return names
}

// Service returns the service of that name, or nil.
func (g *Graph) Service(name string) *Service { return g.byName[name] }

// Dependants returns the names of the services that directly depend on one.
func (g *Graph) Dependants(name string) []string { return g.dependants[name] }

// WithDependencies returns the named services and all that they depend on,
// dependencies first.
func (g *Graph) WithDependencies(names ...string) []string {
	return g.reach(names, func(name string) []string { return g.byName[name].DependsOn })
}

// WithDependants returns the named services and all that depend on them,
// dependants first.
func (g *Graph) WithDependants(names ...string) []string {
	return g.reach(names, g.Dependants)
}

// reach returns what can be reached from some services, the farthest first.
func (g *Graph) reach(from []string, next func(string) []string) []string {
	var order []string
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, n := range next(name) {
			visit(n)
		}
		order = append(order, name)
	}
	for _, name := range from {
		visit(name)
	}
	return order
}

// cycles returns circular dependencies, each as a path that ends where it
// begins.
func (g *Graph) cycles() [][]string {
	const (
		unseen = iota
		onPath
		done
	)
	var cycles [][]string
	state := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		state[name] = onPath
		path = append(path, name)
		for _, d := range g.byName[name].DependsOn {
			switch {
			case g.byName[d] == nil:
			case state[d] == onPath:
				cycle := append(slices.Clone(path[slices.Index(path, d):]), d)
				cycles = append(cycles, cycle)
			case state[d] == unseen:
				visit(d)
			}
		}
		path = path[:len(path)-1]
		state[name] = done
	}
	for _, s := range g.services {
		if state[s.Name] == unseen {
			visit(s.Name)
		}
	}
	return cycles
}

// portConflicts finds host ports that are wanted twice.
func portConflicts(services []*Service) []Problem {
	type wanted struct {
		service *Service
		port    Port
	}
	var all []wanted
	var problems []Problem
	for _, s := range services {
		for _, p := range s.Loaded.Ports {
			if p.Host == 0 {
				continue
			}
			for _, other := range all {
				if !SameHostPort(p, other.port) {
					continue
				}
				field := fmt.Sprintf("ports.%d", p.Container)
				if p.Protocol != "tcp" {
					field += "/" + p.Protocol
				}
				problems = append(problems, problemOf(s, field,
					fmt.Sprintf("the host port %d, which service %q uses too (for its port %d)", p.Host, other.service.Name, other.port.Container),
					"a different host port for each container port", "use 0 for any free port"))
				break
			}
			all = append(all, wanted{s, p})
		}
	}
	return problems
}

// SameHostPort reports whether two ports cannot be published on one host.
func SameHostPort(a, b Port) bool {
	anywhere := func(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
	return a.Host == b.Host && a.Protocol == b.Protocol && (a.HostIP == b.HostIP || anywhere(a.HostIP) || anywhere(b.HostIP))
}

// buildConflicts finds images that two services build in different ways: an
// image is built once in a run, and would be the one or the other by chance.
func buildConflicts(services []*Service) []Problem {
	first := map[string]*Service{}
	var problems []Problem
	for _, s := range services {
		d := s.Loaded
		if d.Build == nil || ImagePending(d) {
			continue
		}
		image := FullReference(d.Image)
		other := first[image]
		if other == nil {
			first[image] = s
			continue
		}
		if field := buildDifference(d, other.Loaded); field != "" {
			problems = append(problems, problemOf(s, field,
				fmt.Sprintf("a build of image %s that differs from that of service %q", d.Image, other.Name),
				"the same build in every service that uses the image", "give one of them a different image name"))
		}
	}
	return problems
}

// buildDifference returns the first field in which two builds differ, or "".
func buildDifference(a, b Definition) string {
	switch {
	case a.Build.Context != b.Build.Context:
		return "buildFrom"
	case a.Build.Dockerfile != b.Build.Dockerfile:
		return "dockerfile"
	case !maps.Equal(a.Build.Args, b.Build.Args):
		return "buildArgs"
	case a.Build.Target != b.Build.Target:
		return "buildTarget"
	case a.Platform != b.Platform:
		return "platform"
	}
	return ""
}

// WorksOn returns the services that a service depends on directly or through
// one-shot services, sorted.
func (g *Graph) WorksOn(name string) []string {
	var found []string
	for _, d := range g.byName[name].DependsOn {
		found = append(found, d)
		if g.byName[d].Loaded.OneShot {
			found = append(found, g.WorksOn(d)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
