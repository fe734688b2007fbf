package spec

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a definition.
type Problem struct {
	Class    string
	Field    string   // "env.DB_URI"; "": the class as a whole
	Pos      Position // of the field where known, else of the class
	Found    string   // what the file has: `the string "yes"`
	Accepted string   // what is accepted: `true or false`
	Hint     string   // what to do, where that is more than the above
	// Message says what is wrong where Found and Accepted do not; "": they do.
	Message string
	// Missing is the value that the field needs and that is not there; nil: that is
	// not what is wrong.
	Missing *Missing
}

// String returns the problem in one line, without position and hint.
func (p Problem) String() string {
	where := "class " + p.Class
	if p.Message != "" {
		return where + ": " + p.Message
	}
	if p.Field != "" {
		where += ": " + p.Field
	}
	if p.Accepted == "" {
		return fmt.Sprintf("%s: %s", where, p.Found)
	}
	return fmt.Sprintf("%s: found %s, accepted: %s", where, p.Found, p.Accepted)
}

// DefinitionError holds every mistake found in the definitions of a file.
type DefinitionError struct {
	Problems []Problem
}

func (e *DefinitionError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Stage says when a definition is evaluated.
type Stage int

const (
	// AtLoad: values of the shared context may not be there yet.
	AtLoad Stage = iota
	// AtTurn: everything the definition needs must be there.
	AtTurn
)
