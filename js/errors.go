package js

import "github.com/dop251/goja"

// thrown is a value that a promise was rejected with, on its way to wrap.
type thrown struct{ reason goja.Value }

func (e *thrown) Error() string { return "rejected" }

// wrap makes an *Error of what came out of JavaScript.
func (h *host) wrap(err error, s *scope) error { return err }

// report tells the user of an error that nobody waits for.
func (h *host) report(err error, s *scope) {}
