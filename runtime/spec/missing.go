package spec

import (
	"errors"
	"fmt"
	"strings"
)

// Missing stands for a value that a field needs and that is not there.
type Missing struct {
	Source string // "context", "process.env", `dotenv(".env")`
	Path   string // in it, as the file reads it: user.id
}

// ContextSource is the source of a value that hooks set.
const ContextSource = "context"

// Name is how the file reads the value.
func (m Missing) Name() string {
	if strings.HasPrefix(m.Path, "[") {
		return m.Source + m.Path
	}
	return m.Source + "." + m.Path
}

// Root is the key of the source that the path begins with.
func (m Missing) Root() string {
	if steps := pathSteps(m.Path); len(steps) > 0 {
		return steps[0]
	}
	return m.Path
}

func (m Missing) problem(field string) Problem {
	p := Problem{Field: field, Found: m.Name() + " is not set", Missing: &m}
	if m.Source != ContextSource {
		p.Hint = fmt.Sprintf("set %s in the environment or in a .env file beside the service file, or give it a default: %s ?? \"…\"", m.Path, m.Name())
		if m.Source != "process.env" {
			p.Hint = fmt.Sprintf("add %s to the file, or give it a default: %s ?? \"…\"", m.Path, m.Name())
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

func (e *MissingError) Error() string { return e.Missing.Name() + " is not set" }

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
		if p.stage == AtLoad && v.Source == ContextSource {
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

// MissingProblems returns what is wrong with fields that could not be evaluated, because
// a value is not there; nil where another error kept them from it.
func MissingProblems(err error) []Problem {
	missing, ok := errors.AsType[*MissingError](err)
	if !ok {
		return nil
	}
	return []Problem{missing.Problem()}
}
