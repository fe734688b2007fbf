package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// explainMissing says of the context values that are not there which keys there
// are, and which service sets them.
func (r *Runner) explainMissing(s *spec.Service, problems []spec.Problem, values map[string]any) {
	for i := range problems {
		p := &problems[i]
		if p.Missing == nil || p.Missing.Source != spec.ContextSource {
			continue
		}
		reference := strings.HasPrefix(p.Found, "{")
		if !reference {
			if _, err := spec.LookUp(values, p.Missing.Path); err != nil {
				if there, ok := errors.AsType[*spec.NotThere](err); ok {
					p.Found += ": " + there.Keys
				}
			}
		}
		if !reference || len(r.setters(p.Missing.Root())) > 0 { // else it says what else may be meant
			p.Hint = r.missingHint(s, *p.Missing)
		}
	}
}

func (r *Runner) missingHint(s *spec.Service, m spec.Missing) string {
	setters := r.setters(m.Root())
	before := r.before(s)
	for _, name := range setters {
		if slices.Contains(before, name) {
			return fmt.Sprintf("%s, which %s depends on, sets %s in a hook, but the hook did not run or did not set it this time", name, s.Name, m.Name())
		}
	}
	for _, name := range setters {
		if name != s.Name {
			return fmt.Sprintf("%s reads %s, which %s sets: add %s to its dependencies", s.Name, m.Name(), name, name)
		}
	}
	if slices.Contains(setters, s.Name) {
		return fmt.Sprintf("%s sets %s itself, in a hook that runs after its fields are evaluated: set it in a service that %s depends on", s.Name, m.Name(), s.Name)
	}
	return fmt.Sprintf("set it in a hook of a service that %s depends on, or give it a default: %s ?? \"…\"", s.Name, m.Name())
}

// setters are the services whose hooks set a key of the context.
func (r *Runner) setters(key string) []string {
	var names []string
	for _, name := range r.Graph.Names() {
		if s := r.Graph.Service(name); s.Sets != nil && s.Sets(key) {
			names = append(names, name)
		}
	}
	return names
}

// before are the services that a service depends on, directly or not.
func (r *Runner) before(s *spec.Service) []string {
	var all []string
	var visit func(s *spec.Service)
	visit = func(s *spec.Service) {
		for _, name := range s.DependsOn {
			if next := r.Graph.Service(name); next != nil && !slices.Contains(all, name) {
				all = append(all, name)
				visit(next)
			}
		}
	}
	visit(s)
	return all
}

// unknownYet says on what it depends that the fields of a service cannot be told
// before its turn.
func (r *Runner) unknownYet(problems []spec.Problem) string {
	var after []string
	for _, p := range problems {
		if p.Missing == nil || p.Missing.Source != spec.ContextSource {
			return ""
		}
		for _, name := range r.setters(p.Missing.Root()) {
			if !slices.Contains(after, name) {
				after = append(after, name)
			}
		}
	}
	switch {
	case len(problems) == 0:
		return ""
	case len(after) == 0:
		return "depends on " + problems[0].Missing.Name() + ", which is not set yet"
	}
	return "depends on a context value that is only known after `" + strings.Join(after, "`, `") + "` starts"
}
