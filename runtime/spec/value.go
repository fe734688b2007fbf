package spec

// The values of a definition's fields, as JavaScript hands them over, are nil
// (null), bool, float64, string, []any, map[string]any, Template, and the three
// types below for what JSON does not have.

// Undefined is JavaScript's undefined.
type Undefined struct{}

// Placeholder stands for a value of the shared context that is not there yet
// while the file is loaded. Its string form is "{path}".
type Placeholder struct {
	// Path is how the file reads the value, without "context.": user.id.
	Path string
}

// unknown is a value of which is said already what is wrong with it.
type unknown struct{}

// Opaque is a value that cannot be part of a definition.
type Opaque struct {
	// Kind says what it is, for messages: "a function", "a symbol", "a class".
	Kind string
}
