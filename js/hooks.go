package js

import (
	"context"
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
	"github.com/miniboss/miniboss/runtime/spec"
)

// hookNames are the methods that miniboss calls.
func hookNames() []string {
	return []string{"preStart", "ping", "postStart", "preStop", "postStop", "configure"}
}

// hooks makes Go functions of the hooks that the instance has.
func (c *class) hooks() spec.Hooks {
	var hooks spec.Hooks
	if c.has("ping") {
		hooks.Ping = c.ping
	}
	if c.has("configure") {
		hooks.Configure = c.configure
	}
	for name, hook := range map[string]*func(context.Context) error{
		"preStart": &hooks.PreStart, "postStart": &hooks.PostStart,
		"preStop": &hooks.PreStop, "postStop": &hooks.PostStop,
	} {
		if c.has(name) {
			*hook = func(ctx context.Context) error {
				_, err := await(ctx, c.h, c.service, name, c.start(name),
					func(*scope, goja.Value) (struct{}, error) { return struct{}{}, nil })
				return err
			}
		}
	}
	return hooks
}

// has reports whether the current instance has a hook. A getter that throws
// says so again when the hook is called.
func (c *class) has(hook string) (has bool) {
	ex := c.h.rt.Try(func() { _, has = goja.AssertFunction(c.current.Get(hook)) })
	return has || ex != nil
}

// notMethods finds hooks that are no functions.
func (c *class) notMethods(fields map[string]any, hooks ...string) []spec.Problem {
	var problems []spec.Problem
	for _, name := range hooks {
		v, ok := fields[name]
		if !ok || c.has(name) {
			continue
		}
		problems = append(problems, spec.Problem{
			Field: name, Found: c.h.inspectGo(v), Accepted: fmt.Sprintf("a method: %s() { … }", name),
		})
	}
	return problems
}

// start calls a hook of the current instance.
func (c *class) start(name string, args ...func() goja.Value) func() (goja.Value, error) {
	return func() (v goja.Value, err error) {
		var f goja.Callable
		ex := c.h.rt.Try(func() { f, _ = goja.AssertFunction(c.current.Get(name)) })
		if ex != nil {
			return nil, ex
		}
		if f == nil {
			return goja.Undefined(), nil
		}
		values := make([]goja.Value, len(args))
		for i, arg := range args {
			values[i] = arg()
		}
		return c.h.call(f, c.current, values...)
	}
}

// ping calls the hook. Where it does not say true, the reason is the last answer
// that was no, or what it threw.
func (c *class) ping(ctx context.Context) (bool, string, error) {
	answer, err := await(ctx, c.h, c.service, "ping", c.start("ping"), func(s *scope, v goja.Value) (network.Readiness, error) {
		no := s.last
		no.Ready = false
		switch {
		case v == nil || goja.IsUndefined(v):
			if no.Reason == "" {
				no.Reason = "ping returned nothing: is a return missing?"
			}
			return no, nil
		case goja.IsNull(v):
			return no, nil
		}
		if ready, ok := v.Export().(bool); ok {
			if ready {
				return network.Readiness{Ready: true}, nil
			}
			return no, nil
		}
		e := &Error{
			Message: fmt.Sprintf("ping returned %s, it must return true or false", c.h.inspect(v)),
			Service: c.service, Hook: "ping",
		}
		c.classSource.method("ping", e)
		return network.Readiness{}, e
	})
	// A context that cannot be saved is joined to it, and fails the service.
	if thrown, ok := err.(*Error); ok && thrown.waiting != nil { //nolint:errorlint // see above
		answer, err = network.Readiness{Reason: reasonOf(thrown), Lasting: thrown.waiting.Lasting, Address: thrown.waiting.Address}, nil
	}
	if err == nil && (answer.Lasting || answer.Address != "") {
		err = &spec.NotYetError{Reason: answer.Reason, Lasting: answer.Lasting, Address: answer.Address}
	}
	return answer.Ready, answer.Reason, err
}

// configure lets the hook change the engine's create request: what it returns,
// or else the request that it was given.
func (c *class) configure(ctx context.Context, request []byte) ([]byte, error) {
	var given goja.Value
	parse := func() goja.Value {
		v, err := c.h.callNative("parse", c.h.rt.ToValue(string(request)))
		if err != nil {
			panic(err)
		}
		given = v
		return v
	}
	return await(ctx, c.h, c.service, "configure", c.start("configure", parse), func(_ *scope, v goja.Value) ([]byte, error) {
		if v == nil || goja.IsUndefined(v) {
			v = given
		}
		if _, ok := v.(*goja.Object); !ok {
			e := &Error{
				Message: fmt.Sprintf("configure returned %s, it must return the request or nothing", c.h.inspect(v)),
				Service: c.service, Hook: "configure",
			}
			c.classSource.method("configure", e)
			return nil, e
		}
		out, err := c.h.callNative("stringify", v)
		if err != nil {
			return nil, err
		}
		if goja.IsUndefined(out) {
			return nil, errors.New("configure returned a value that is not JSON")
		}
		return []byte(out.String()), nil
	})
}
