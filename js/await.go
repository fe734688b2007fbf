package js

import (
	"context"
	"errors"

	"github.com/dop251/goja"
)

// outcome is what a call of JavaScript came to.
type outcome[T any] struct {
	value T
	err   error
	early bool // nobody waits any more, but it goes on
}

// await calls JavaScript on the loop in a scope of its own and waits until the
// promise that it returns is settled; it is not to be called on the loop. start
// makes the call, finish turns the value that it came to into Go; both run on
// the loop. Where ctx ends first, what the call has under way is given up.
func await[T any](ctx context.Context, h *host, service, hook string,
	start func() (goja.Value, error), finish func(*scope, goja.Value) (T, error),
) (T, error) {
	s, stop := h.loop.newScope(ctx, service, hook)
	defer stop()
	return awaitIn(ctx, h, s, start, finish)
}

// awaitIn is await in a scope that the caller has made.
func awaitIn[T any](ctx context.Context, h *host, s *scope,
	start func() (goja.Value, error), finish func(*scope, goja.Value) (T, error),
) (T, error) {
	l := h.loop
	result := make(chan outcome[T], 1)
	fail := func(err error) {
		if l.isDead() { // the error that ended it says more
			err = l.deadErr()
		}
		err = h.wrap(err, s)
		if left := h.checkContext(s); left != nil {
			err = errors.Join(err, left)
		}
		result <- outcome[T]{err: err}
	}
	done := func(v goja.Value) {
		value, err := finish(s, v)
		if err != nil {
			fail(err)
			return
		}
		result <- outcome[T]{value: value, err: h.checkContext(s)}
	}
	posted := l.post(func() {
		if ctx.Err() != nil {
			fail(context.Cause(ctx))
			return
		}
		l.enter(s)
		v, err := start()
		if h.guardCall(err, v != nil) != nil {
			fail(err)
			return
		}
		h.settled(v, done, func(reason goja.Value) { fail(&thrown{reason}) })
	})
	if !posted {
		return *new(T), l.deadErr()
	}
	o := receive(ctx, l, result, func(err error) outcome[T] { return outcome[T]{err: err, early: true} })
	if o.early {
		s.giveUp(o.err)
		l.post(func() { h.report(h.checkContext(s), s) }) // or others would have to answer for it
	} else {
		s.settle()
	}
	if o.err != nil && ctx.Err() != nil && !l.isDead() {
		return o.value, context.Cause(ctx) // which made it fail
	}
	return o.value, o.err
}

// checkContext is called at the end of a hook, on the loop, and returns what it
// has put on the shared context that JSON cannot hold, where that could not be
// refused when it did so.
func (h *host) checkContext(s *scope) error {
	if s.hook == "" || h.loop.isDead() {
		return nil
	}
	if _, err := h.callNative("checkContext", h.rt.ToValue(s)); err != nil {
		return h.errorOf(err, s)
	}
	return nil
}

// settled calls done or fail, on the loop, with what v comes to: at once where
// it is no promise.
func (h *host) settled(v goja.Value, done, fail func(goja.Value)) {
	obj, ok := v.(*goja.Object)
	if !ok {
		done(v)
		return
	}
	var then goja.Callable
	if ex := h.rt.Try(func() { then, ok = goja.AssertFunction(obj.Get("then")) }); ex != nil {
		fail(ex.Value())
		return
	}
	if !ok {
		done(v)
		return
	}
	if _, native := obj.Export().(*goja.Promise); !native {
		// Something else with a method then: a promise makes it behave.
		promise, resolve, _ := h.rt.NewPromise()
		if h.guard(resolve(obj)) != nil {
			return
		}
		h.settled(h.rt.ToValue(promise), done, fail)
		return
	}
	react := func(f func(goja.Value)) goja.Value {
		return h.rt.ToValue(func(call goja.FunctionCall) goja.Value {
			f(call.Argument(0))
			return goja.Undefined()
		})
	}
	if _, err := h.call(then, obj, react(done), react(fail)); err != nil {
		fail(h.rt.ToValue(err.Error()))
	}
}
