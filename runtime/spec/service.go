package spec

import (
	"context"
	"fmt"
)

// Position is a place in the user's source.
type Position struct {
	File   string // as shown to the user: relative to the working directory where that is shorter
	Line   int    // from 1; 0 where the place is not known
	Column int    // from 1
}

// String returns file:line:column, or what is known of it.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Service is one service of the user's file.
type Service struct {
	Name      string
	Class     string   // name of its JavaScript class, for messages
	Pos       Position // of the class
	DependsOn []string // names of services, sorted, without repetition
	// Loaded is the definition found at load. Values that depend on the shared
	// context may be missing in it (see Definition.Pending).
	Loaded Definition
	// Evaluate evaluates the class again, at the service's turn, with the
	// values that the hooks of its dependencies have set, and returns its
	// fields, as ParseDefinition takes them; braces are not replaced yet. From
	// then on the hooks run on that instance.
	Evaluate func(ctx context.Context) (map[string]any, error)
	// FieldPos returns where the file defines a field ("env", "env.DB_URI"),
	// or the nearest place known.
	FieldPos func(field string) Position
	// Sets reports whether a hook of the service sets a key of the shared context,
	// as far as its source or what has run so far tells; nil: none does.
	Sets  func(key string) bool
	Hooks Hooks
}

// Hooks are the functions of a service that run on the host. A nil one is not
// defined. They honour their context: after it ends they return soon, and what
// they were waiting for is given up.
type Hooks struct {
	PreStart  func(ctx context.Context) error
	PostStart func(ctx context.Context) error
	PreStop   func(ctx context.Context) error
	PostStop  func(ctx context.Context) error
	// Ping reports whether the service answers. Where it does not, reason says
	// why if that is known ("connect 127.0.0.1:8080: connection refused"). An
	// error fails the service, but for a *NotYetError, which says more of why.
	Ping func(ctx context.Context) (ready bool, reason string, err error)
	// Configure receives the engine's create request as JSON and returns it
	// with the user's changes.
	Configure func(ctx context.Context, request []byte) ([]byte, error)
}

// NotYetError says why a service does not answer a ping yet.
type NotYetError struct {
	Reason string
	// Lasting says that waiting seldom heals it: a wrong password, say.
	Lasting bool
	Address string // the host and port that were asked; "": not known
}

func (e *NotYetError) Error() string { return e.Reason }
