package spec

import (
	"fmt"
	"slices"
	"strings"
)

// UsageError says that a command was called in a way that makes no sense for
// the file.
type UsageError struct {
	Message string
	Advice  string // what to do; may be ""
}

func (e *UsageError) Error() string { return e.Message }

// Hint says what to do.
func (e *UsageError) Hint() string { return e.Advice }

// Selection says which services a command is about.
type Selection struct {
	Services []string // as named; none: all
	Exclude  []string
	NoDeps   bool // just the named ones, without dependencies or dependants
}

// All reports whether the selection leaves nothing out.
func (s Selection) All() bool { return len(s.Services) == 0 && len(s.Exclude) == 0 }

// ForStart returns the services to start, dependencies first. Excluding a
// service that one of them depends on is an error.
func (s Selection) ForStart(g *Graph) ([]string, error) {
	return s.choose(g, g.WithDependencies, func(name string) error {
		for _, d := range g.Service(name).DependsOn {
			if slices.Contains(s.Exclude, d) {
				return &UsageError{
					Message: fmt.Sprintf("%s cannot be excluded: %s depends on it and would be started", d, name),
					Advice:  fmt.Sprintf("exclude %s too: --exclude %s", name, strings.Join(append(slices.Clone(s.Exclude), name), ",")),
				}
			}
		}
		return nil
	})
}

// ForStop returns the services to stop, dependants first. Excluding a service
// whose dependency would be stopped is an error.
func (s Selection) ForStop(g *Graph) ([]string, error) {
	return s.choose(g, g.WithDependants, func(name string) error {
		for _, d := range g.Dependants(name) {
			if slices.Contains(s.Exclude, d) {
				return &UsageError{
					Message: fmt.Sprintf("%s cannot be excluded: it depends on %s, which would be stopped", d, name),
					Advice:  fmt.Sprintf("exclude %s too: --exclude %s", name, strings.Join(append(slices.Clone(s.Exclude), name), ",")),
				}
			}
		}
		return nil
	})
}

func (s Selection) choose(g *Graph, reach func(...string) []string, check func(string) error) ([]string, error) {
	for _, name := range slices.Concat(s.Services, s.Exclude) {
		if g.Service(name) == nil {
			return nil, UnknownService(g, name)
		}
	}
	for _, name := range s.Services {
		if slices.Contains(s.Exclude, name) {
			return nil, &UsageError{Message: fmt.Sprintf("%s is both named and excluded", name)}
		}
	}
	chosen := s.Services
	if len(chosen) == 0 {
		chosen = g.Names()
	}
	order := reach(chosen...)
	if s.NoDeps {
		order = slices.DeleteFunc(order, func(name string) bool { return !slices.Contains(chosen, name) })
	}
	order = slices.DeleteFunc(order, func(name string) bool { return slices.Contains(s.Exclude, name) })
	if s.NoDeps {
		return order, nil
	}
	for _, name := range order {
		if err := check(name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// UnknownService is the error of a command that names a service which is not in the
// file.
func UnknownService(g *Graph, name string) error {
	advice := "the file's services: " + strings.Join(g.Names(), ", ")
	if near := NearestName(name, g.Names()); near != "" {
		advice = fmt.Sprintf("did you mean %q?", near)
	}
	return &UsageError{Message: fmt.Sprintf("there is no service %q", name), Advice: advice}
}
