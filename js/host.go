package js

import (
	"context"
	"errors"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/js/jserror"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// host is the JavaScript world of one file. Its fields and methods belong to
// the loop, where nothing else is said.
type host struct {
	rt      *goja.Runtime
	loop    *loop
	options Options
	native  *goja.Object // what the bindings offer to the prelude
	exports *goja.Object // the module "miniboss"
	global  *goja.Object

	marks       *marks
	misses      misses // of the class that is evaluated
	setters     setters
	fileMisses  []spec.Missing // that the file has read while it ran
	inFields    bool           // the fields of a class are evaluated
	loading     bool           // the file runs or its classes are checked
	mainPromise *goja.Promise  // of the file's top level
	giveUpMain  func(any) error
	namespace   goja.Value   // what the file exports
	group       string       // "": not set
	captured    *goja.Object // the last instance that was begun
	classes     []*class     // of services
	suites      []*class
	classSource map[*goja.Object]*classSource
	lastClass   int // where the last class was found in the bundle
	listeners   map[string][]goja.Callable
	containers  runtime.Containers // nil: not bound
	reported    map[string]bool    // errors that nobody waited for

	// These are set before the file runs and not changed any more.
	program    *program
	waitingKey *goja.Symbol // of errors that mean "not yet" in a ping
	sources    *sources
}

// newHost makes an empty world with the globals and the module. It may be
// called on any goroutine; from then on the loop owns the runtime.
func newHost(ctx context.Context, o Options) (*host, error) {
	rt := goja.New()
	rt.SetMaxCallStackSize(maxCallStack)
	h := &host{rt: rt, waitingKey: goja.NewSymbol("waiting"), options: o, native: rt.NewObject(), exports: rt.NewObject(), global: rt.GlobalObject(), marks: newMarks()}
	h.loop = newLoop(rt, h.fatal, h.idle)
	go h.loop.run() // which calls h back, so that h must know it
	if err := h.loop.do(ctx, h.start); err != nil {
		h.loop.close()
		return nil, err
	}
	h.loop.watch.allow(o.Limit, o.Memory)
	return h, nil
}

// idle runs on the loop when there is nothing to do.
func (h *host) idle() {
	h.loop.rejected.take(func(p *goja.Promise, s *scope) { h.report(&thrown{p.Result()}, s) })
	if p := h.mainPromise; p != nil && p.State() == goja.PromiseStatePending && h.loop.isQuiet() {
		h.mainPromise = nil
		h.stuck()
	}
}

// maxCallStack is the number of frames that a recursion may have. Where it goes
// through native functions, goja's time to unwind it grows with the square: half a
// second for this many.
const maxCallStack = 2500

// call calls a JavaScript function. Every call from Go goes through here: an
// error that goja does not let JavaScript catch may end the loop.
func (h *host) call(f goja.Callable, this goja.Value, args ...goja.Value) (goja.Value, error) {
	v, err := f(this, args...)
	return v, h.guardCall(err, v != nil)
}

// guard ends the loop where goja has given up, and passes the error on.
func (h *host) guard(err error) error { return h.guardCall(err, true) }

// guardCall is guard for a call, which returned or not. A recursion that is too
// deep in the call itself only fails the call: nobody else's promise jobs were
// waiting yet.
func (h *host) guardCall(err error, returned bool) error {
	var overflow *goja.StackOverflowError
	if err != nil && isUncatchable(err) && (returned || !errors.As(err, &overflow)) {
		h.loop.fatal(err)
	}
	return err
}

// async offers slow work to JavaScript: it returns a promise at once and runs
// work on a goroutine with the context of the current scope. The result is
// converted on the loop: a func(*goja.Runtime) (goja.Value, error) is called to
// make the value, anything else goes through ToValue. An error rejects the
// promise with an Error that was made here, so that it has the frames of the
// caller; see fill for what it tells.
func (h *host) async(work func(ctx context.Context) (any, error)) goja.Value {
	promise, resolve, reject := h.rt.NewPromise()
	failure := h.newError("")
	s := h.loop.scope
	ctx, finish := h.loop.begin(s)
	h.loop.active++
	h.loop.work.Go(func() {
		result, err := runWork(ctx, work)
		h.loop.post(func() {
			h.loop.active--
			h.loop.enter(s)
			var v goja.Value
			if err == nil {
				v, err = h.toValue(result)
			}
			if err != nil {
				h.noteFailure(err)
				_ = h.guard(reject(h.fill(failure, err)))
			} else {
				_ = h.guard(resolve(v))
			}
			finish()
		})
	})
	return h.rt.ToValue(promise)
}

func runWork(ctx context.Context, work func(context.Context) (any, error)) (result any, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = panicError(x)
		}
	}()
	return work(ctx)
}

func (h *host) toValue(result any) (v goja.Value, err error) {
	if f, ok := result.(func(*goja.Runtime) (goja.Value, error)); ok {
		if ex := h.rt.Try(func() { v, err = f(h.rt) }); ex != nil {
			return nil, ex
		}
		return v, err
	}
	return h.rt.ToValue(result), nil
}

// newError makes an Error with the stack of the JavaScript that is running.
func (h *host) newError(message string) *goja.Object {
	e, err := h.rt.New(h.rt.Get("Error"), h.rt.ToValue(message))
	if err != nil {
		panic(err)
	}
	return e
}

// fill makes an Error tell of a Go error: its message, its name and code where
// it has a method JSError() (name, code string), and its cause where that says
// more than the message. An exception that JavaScript threw is passed on as it
// is.
func (h *host) fill(e *goja.Object, err error) goja.Value {
	var ex *goja.Exception
	if errors.As(err, &ex) {
		return ex.Value()
	}
	hidden := func(key string, v goja.Value) {
		_ = e.DefineDataProperty(key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	hidden("message", h.rt.ToValue(err.Error()))
	h.carry(e, err)
	if named, ok := errors.AsType[jsError](err); ok {
		name, code := named.JSError()
		if class, ok := h.rt.Get(name).(*goja.Object); ok && strings.HasSuffix(name, "Error") {
			_ = e.SetPrototype(class.Get("prototype").(*goja.Object))
		} else if name != "" {
			hidden("name", h.rt.ToValue(name))
		}
		if code != "" {
			_ = e.Set("code", code)
		}
	}
	if detailed, ok := errors.AsType[jsProperties](err); ok {
		for _, d := range detailed.JSProperties() {
			_ = e.Set(d.Name, d.Value)
		}
	}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		if !strings.Contains(err.Error(), cause.Error()) {
			hidden("cause", h.fill(h.newError(""), cause))
			break
		}
	}
	return e
}

// jsError is an error that says how it is called in JavaScript.
type jsError interface {
	error
	JSError() (name, code string)
}

// jsProperties is an error that has more properties in JavaScript.
type jsProperties interface {
	error
	JSProperties() []jserror.Property
}

// throw throws a Go error in the JavaScript that is running.
func (h *host) throw(err error) {
	panic(h.fill(h.newError(""), err))
}
