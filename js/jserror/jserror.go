// Package jserror has what an error tells JavaScript beside its message.
package jserror

// Property is a property of the error in JavaScript.
type Property struct {
	Name  string
	Value any
}

// Coded is an error with a code, as Node's have.
type Coded struct {
	Err  error
	Code string // ENOENT
}

func (e *Coded) Error() string { return e.Err.Error() }

// JSError is the name and the code that the error has in JavaScript.
func (e *Coded) JSError() (name, code string) { return "Error", e.Code }
