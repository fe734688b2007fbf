package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Missing stands for a value that a field needs and that is not there.
type Missing struct {
	Source string // "context", "process.env", `dotenv(".env")`
	Path   string // in it, as the file reads it: user.id
}

// contextSource is the source of a value that hooks set.
const contextSource = "context"

// name is how the file reads the value.
func (m Missing) name() string {
	if strings.HasPrefix(m.Path, "[") {
		return m.Source + m.Path
	}
	return m.Source + "." + m.Path
}

// root is the key of the source that the path begins with.
func (m Missing) root() string {
	if steps := pathSteps(m.Path); len(steps) > 0 {
		return steps[0]
	}
	return m.Path
}

func (m Missing) problem(field string) Problem {
	p := Problem{Field: field, Found: m.name() + " is not set", Missing: &m}
	if m.Source != contextSource {
		p.Hint = fmt.Sprintf("set %s in the environment or in a .env file beside the service file, or give it a default: %s ?? \"…\"", m.Path, m.name())
		if m.Source != "process.env" {
			p.Hint = fmt.Sprintf("add %s to the file, or give it a default: %s ?? \"…\"", m.Path, m.name())
		}
	}
	return p
}

// MissingError says that the fields of a service could not be evaluated, because
// a value is not there.
type MissingError struct {
	Missing Missing
	Field   string // that threw; "": it is not known
}

func (e *MissingError) Error() string { return e.Missing.name() + " is not set" }

// Problem is the error among the mistakes of a definition.
func (e *MissingError) Problem() Problem { return e.Missing.problem(e.Field) }

// missing notes the values that are not there in fields that miniboss knows.
func (p *parser) missing() {
	for _, field := range fieldNames() {
		p.missingIn(field, p.fields[field])
	}
}

func (p *parser) missingIn(field string, v any) {
	switch v := v.(type) {
	case Missing:
		if p.stage == AtLoad && v.Source == contextSource {
			return // a hook may set it: the setUp of a suite that is a container
		}
		p.problems = append(p.problems, v.problem(field))
	case []any:
		for i, item := range v {
			p.missingIn(fmt.Sprintf("%s[%d]", field, i), item)
		}
	case map[string]any:
		for key, item := range v {
			p.missingIn(field+"."+key, item)
		}
	}
}

// evaluated returns what is wrong with fields that could not be evaluated, because
// a value is not there; nil where another error kept them from it.
func evaluated(err error) []Problem {
	missing, ok := errors.AsType[*MissingError](err)
	if !ok {
		return nil
	}
	return []Problem{missing.Problem()}
}

// explainMissing says of the context values that are not there which keys there
// are, and which service sets them.
func (r *Runner) explainMissing(s *Service, problems []Problem, values map[string]any) {
	for i := range problems {
		p := &problems[i]
		if p.Missing == nil || p.Missing.Source != contextSource {
			continue
		}
		reference := strings.HasPrefix(p.Found, "{")
		if !reference {
			if _, err := lookUp(values, p.Missing.Path); err != nil {
				if there, ok := errors.AsType[*notThere](err); ok {
					p.Found += ": " + there.keys
				}
			}
		}
		if !reference || len(r.setters(p.Missing.root())) > 0 { // else it says what else may be meant
			p.Hint = r.missingHint(s, *p.Missing)
		}
	}
}

func (r *Runner) missingHint(s *Service, m Missing) string {
	setters := r.setters(m.root())
	before := r.before(s)
	for _, name := range setters {
		if slices.Contains(before, name) {
			return fmt.Sprintf("%s, which %s depends on, sets %s, but has not done so: its hooks that run for a new container did not run, or took another path", name, s.Name, m.name())
		}
	}
	for _, name := range setters {
		if name != s.Name {
			return fmt.Sprintf("%s reads %s, which %s sets: add %s to its dependencies", s.Name, m.name(), name, name)
		}
	}
	if slices.Contains(setters, s.Name) {
		return fmt.Sprintf("%s sets %s itself, in a hook that runs after its fields are evaluated: set it in a service that %s depends on", s.Name, m.name(), s.Name)
	}
	return fmt.Sprintf("set it in a hook of a service that %s depends on, or give it a default: %s ?? \"…\"", s.Name, m.name())
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
func (r *Runner) before(s *Service) []string {
	var all []string
	var visit func(s *Service)
	visit = func(s *Service) {
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
func (r *Runner) unknownYet(problems []Problem) string {
	var after []string
	for _, p := range problems {
		if p.Missing == nil || p.Missing.Source != contextSource {
			return ""
		}
		for _, name := range r.setters(p.Missing.root()) {
			if !slices.Contains(after, name) {
				after = append(after, name)
			}
		}
	}
	switch {
	case len(problems) == 0:
		return ""
	case len(after) == 0:
		return "depends on " + problems[0].Missing.name() + ", which is not set yet"
	}
	return "depends on a context value that is only known after `" + strings.Join(after, "`, `") + "` starts"
}
