package js

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
	"github.com/miniboss/miniboss/runtime/spec"
)

// Error is an error that came out of the user's file.
type Error struct {
	Name    string // "TypeError"; "" where something else than an Error was thrown
	Message string
	Hint    string // what to do, where that is known
	Pos     spec.Position
	Line    string  // the line of the source at Pos
	Frames  []Frame // the user's, innermost first; the first one is at Pos
	Service string  // in whose hook it happened; "": none
	Suite   string  // in whose method, the Hook, it happened; "": none
	Hook    string  // "": while the file was loaded
	Cause   *Error

	err     error            // what Go has to say about it
	waiting *network.Waiting // what it means to a ping; nil: it fails
}

// Frame is a call in the user's source.
type Frame struct {
	Func string // "": the file itself or a function without a name
	Pos  spec.Position
}

// Error returns the message with those of the causes, in one line where they
// have one, without the position; see Detail for that.
func (e *Error) Error() string {
	var b strings.Builder
	last := ""
	for ; e != nil; e = e.Cause {
		head := e.headline()
		if head == "" || last != "" && strings.HasSuffix(last, head) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(head)
		last = head
	}
	return b.String()
}

func (e *Error) headline() string {
	switch {
	case e.Name == "" || e.Name == "Error":
		return e.Message
	case e.Message == "":
		return e.Name
	default:
		return e.Name + ": " + e.Message
	}
}

// Unwrap returns the Go error behind it, if there is one.
func (e *Error) Unwrap() error { return e.err }

// errorOf makes an *Error of what came out of JavaScript: an exception, a
// rejection, or a Go error. On the loop only.
func (h *host) errorOf(err error, s *scope) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	e := &Error{err: err}
	if s != nil {
		e.Service, e.Suite, e.Hook = s.service, s.suite, s.hook
	}
	var ex *goja.Exception
	var interrupted *goja.InterruptedError
	var overflow *goja.StackOverflowError
	var rejection *thrown
	switch {
	case errors.As(err, &interrupted):
		e.Message = fmt.Sprint(interrupted.Value())
		e.err = interrupted.Unwrap()
		h.setFrames(e, interrupted.Stack())
		if isRunaway(err) {
			h.spinning(e, interrupted.Stack())
		}
	case errors.As(err, &overflow):
		e.Name, e.Message = "RangeError", "recursed too deeply: maximum call stack size exceeded"
		h.setFrames(e, overflow.Stack())
	case errors.As(err, &rejection):
		h.describe(e, rejection.reason, nil, 0)
		h.mayMeanNotYet(e, rejection.reason, s)
	case errors.As(err, &ex):
		h.describe(e, ex.Value(), ex.Stack(), 0)
		h.mayMeanNotYet(e, ex.Value(), s)
	default:
		e.Message = err.Error()
	}
	if e.Pos.Line == 0 && s != nil && s.hook != "" {
		h.nearest(e, err, s)
	}
	return e
}

// nearest points an error without frames (what was thrown is no Error) at the
// hook that it came out of.
func (h *host) nearest(e *Error, err error, s *scope) {
	classes, name := h.classes, s.service
	if s.suite != "" {
		classes, name = h.suites, s.suite
	}
	for _, c := range classes {
		if c.service != name {
			continue
		}
		var rejection *thrown
		if errors.As(err, &rejection) {
			c.classSource.throw(s.hook, rejection.reason.String(), e)
		} else {
			c.classSource.method(s.hook, e)
		}
	}
}

// maxFrames is how many frames of a deep recursion are kept.
const maxFrames = 100

// maxCauses keeps a chain of causes that runs in circles short.
const maxCauses = 8

// describe fills e with what a thrown value tells. stack is that of the throw,
// for values that have none themselves.
func (h *host) describe(e *Error, v goja.Value, stack []goja.StackFrame, depth int) {
	obj, ok := v.(*goja.Object)
	if !ok {
		e.Message = "threw " + h.inspect(v)
		h.setFrames(e, stack)
		return
	}
	if ex := h.rt.Try(func() { h.describeObject(e, obj, stack, depth) }); ex != nil {
		e.Message = "threw an object that cannot be read"
		h.setFrames(e, stack)
	}
}

func (h *host) describeObject(e *Error, obj *goja.Object, stack []goja.StackFrame, depth int) {
	own := h.stackOf(obj)
	if len(own) > 0 {
		stack = own
	}
	h.setFrames(e, stack)
	message := obj.Get("message")
	if message == nil || goja.IsUndefined(message) || len(own) == 0 && obj.ClassName() != "Error" {
		e.Message = "threw " + h.inspect(obj)
		return
	}
	e.Name, e.Message = text(obj.Get("name")), h.marks.plain(message.String())
	if e.Name == "GoError" {
		e.Name = ""
	}
	if e.Name == "ReferenceError" {
		e.Hint = absentGlobals()[strings.TrimSuffix(e.Message, " is not defined")]
	}
	if goErr, ok := obj.Get("value").(*goja.Object); ok {
		if err, ok := goErr.Export().(error); ok {
			e.err = err
		}
	}
	if e.Message == "" || e.Name == "AggregateError" {
		e.Message = strings.TrimPrefix(e.Message+h.reasons(obj, depth), ": ")
	}
	if cause := obj.Get("cause"); cause != nil && !goja.IsUndefined(cause) && !goja.IsNull(cause) && depth < maxCauses {
		e.Cause = &Error{Service: e.Service, Suite: e.Suite, Hook: e.Hook}
		h.describe(e.Cause, cause, nil, depth+1)
	}
}

// reasons tells the errors of an AggregateError, after its message.
func (h *host) reasons(aggregate *goja.Object, depth int) string {
	list, ok := aggregate.Get("errors").(*goja.Object)
	if !ok || depth >= maxCauses {
		return ""
	}
	var all []string
	h.rt.ForOf(list, func(v goja.Value) bool {
		one := &Error{}
		h.describe(one, v, nil, depth+1)
		all = append(all, one.Error())
		return true
	})
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, "; ")
}

// absentGlobals are names that Node, browsers or tests have and miniboss has
// not, with what there is instead.
func absentGlobals() map[string]string {
	const page, suite = "the file runs in miniboss, not in a browser", "write tests as classes that extend Suite from \"miniboss\", with node:assert"
	return map[string]string{
		"WebSocket": "miniboss has no WebSocket: use fetch for HTTP requests, or sh to run a command", "XMLHttpRequest": "use fetch",
		"Intl":        "miniboss has no Intl: use toFixed or toISOString",
		"EventTarget": "miniboss has no events: use hooks or AbortSignal", "Event": "miniboss has no events: use hooks or AbortSignal",
		"Worker": "miniboss has no threads: use sh to run a command", "SharedArrayBuffer": "miniboss has no threads: use sh to run a command",
		"window": page, "document": page, "localStorage": "to keep a value, set it on context from \"miniboss\"",
		"Deno": "use node:fs, node:path, or sh from \"miniboss\"", "Bun": "use node:fs, node:path, or sh from \"miniboss\"",
		"describe": suite, "it": suite, "test": suite, "expect": suite, "jest": suite, "$": "use sh from \"miniboss\"",
	}
}

func text(v goja.Value) string {
	if v == nil || goja.IsUndefined(v) {
		return ""
	}
	return v.String()
}

// stackOf returns the frames that an Error was made with. goja hands them out
// with an exception only, so it is thrown once more.
func (h *host) stackOf(obj *goja.Object) []goja.StackFrame {
	if obj.ClassName() != "Error" {
		return nil
	}
	obj = h.callOf(obj)
	if ex := h.rt.Try(func() { panic(obj) }); ex != nil && ex.Value() == goja.Value(obj) {
		return ex.Stack()
	}
	return nil
}

// callOf returns the error of the call that an abort has ended, or the error
// itself. There is nothing to ask before fetch was first used.
func (h *host) callOf(obj *goja.Object) *goja.Object {
	f, ok := goja.AssertFunction(h.native.Get("callOf"))
	if !ok {
		return obj
	}
	v, err := h.call(f, h.native, obj)
	if call, ok := v.(*goja.Object); ok && err == nil {
		return call
	}
	return obj
}

// setFrames keeps the frames in the user's files. Those in packages only count
// where there are no others.
func (h *host) setFrames(e *Error, stack []goja.StackFrame) {
	var all, inner []Frame
	var first *source
	for i := range stack {
		src, pos := h.sources.find(stack[i].Position())
		if src == nil {
			continue
		}
		f := Frame{Func: stack[i].FuncName(), Pos: pos}
		if strings.HasPrefix(f.Func, "<") { // <anonymous>, <instance_members_initializer>
			f.Func = ""
		}
		if len(all) >= maxFrames {
			break
		}
		if src.inner {
			inner = append(inner, f)
			continue
		}
		if first == nil {
			first = src
		}
		all = append(all, f)
	}
	if len(all) == 0 && len(inner) > 0 {
		all = inner
		first = h.sources.shownAs(inner[0].Pos.File)
	}
	if len(all) > 0 {
		e.Frames, e.Pos = all, all[0].Pos
		e.Line = first.line(e.Pos.Line)
	}
}

// thrown is a value that a promise was rejected with, on its way to errorOf.
type thrown struct{ reason goja.Value }

func (e *thrown) Error() string { return "rejected" }

// wrap makes an *Error of what came out of a call, and leaves alone what says
// that nobody waits any more.
func (h *host) wrap(err error, s *scope) error {
	if _, ok := errors.AsType[*noServices](err); ok {
		return err
	}
	if err == nil || errors.Is(err, context.Canceled) && !isException(err) {
		return err
	}
	return h.errorOf(err, s)
}

// report tells the user of an error that nobody waits for.
func (h *host) report(err error, s *scope) {
	if err == nil || isUncatchable(err) || h.loop.isDead() {
		return // the loop ends with it, and whoever waits is told
	}
	e := h.errorOf(err, s)
	// What fails again and again, beside a ping say, is told once.
	key := e.Service + e.Suite + e.Hook + e.Pos.String() + e.Error()
	if h.options.OnError == nil || h.reported[key] {
		return
	}
	if h.reported == nil {
		h.reported = map[string]bool{}
	}
	h.reported[key] = true
	h.options.OnError(e)
}

// fatal makes the error that ends the loop.
func (h *host) fatal(err error, s *scope) error {
	e := h.errorOf(err, s)
	if isUncatchable(err) || isRunaway(err) {
		return deadly(e, s, e.Message)
	}
	return e
}

// deadly makes e name who ended the loop, for all the others that wait for it.
func deadly(e *Error, s *scope, message string) *Error {
	if s != nil {
		e.Service, e.Suite, e.Hook = s.service, s.suite, s.hook
	}
	e.Name, e.Message = "", fmt.Sprintf("%s %s", s, message)
	if e.Pos.Line > 0 {
		e.Message += fmt.Sprintf(" (%s)", e.Pos)
	}
	return e
}

// stuck fails the load where the file awaits what will never come.
func (h *host) stuck() {
	e := h.newError("top-level await never finished")
	_ = h.guard(h.giveUpMain(e))
}

// setLoading begins or ends the load, during which values of the context that
// are not there are placeholders.
func (h *host) setLoading(loading bool) {
	if h.loading == loading {
		return
	}
	h.loading = loading
	name := "strict"
	if loading {
		name = "lenient"
	}
	_, _ = h.callNative(name)
}
