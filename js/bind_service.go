package js

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
)

// groupPattern is what containers, networks and volumes can be named after.
var groupPattern = lazyregexp.New(`^[a-z0-9][a-z0-9_.-]*$`)

// bindService offers what the prelude's service.js needs.
func bindService(h *host, native *goja.Object) {
	_ = native.Set("capture", func(call goja.FunctionCall) goja.Value {
		h.captured, _ = call.Argument(0).(*goja.Object)
		return goja.Undefined()
	})
	_ = native.Set("loading", func(goja.FunctionCall) goja.Value { return h.rt.ToValue(h.loading) })
	_ = native.Set("hook", func(goja.FunctionCall) goja.Value { return h.rt.ToValue(h.loop.scope) })
	// otherRuns reports whether owner is another hook, which still runs.
	_ = native.Set("otherRuns", func(call goja.FunctionCall) goja.Value {
		hook, _ := call.Argument(0).Export().(*scope)
		owner, _ := call.Argument(1).Export().(*scope)
		return h.rt.ToValue(owner != nil && owner != hook && owner.runs())
	})
	_ = native.Set("groupName", func(call goja.FunctionCall) goja.Value {
		name := call.Argument(0).String()
		switch {
		case !groupPattern.MatchString(name):
			h.throw(fmt.Errorf("groupName: %q is not a valid group name: use lower-case letters and digits, and _ . - after the first", name))
		case h.group != "":
			h.throw(fmt.Errorf("groupName was already called with %q; call it only once", h.group))
		case !h.loading:
			h.throw(errors.New("groupName can only be called while the file is loaded"))
		}
		h.group = name
		return goja.Undefined()
	})
	_ = native.Set("listen", func(call goja.FunctionCall) goja.Value {
		f, _ := goja.AssertFunction(call.Argument(1))
		if h.listeners == nil {
			h.listeners = map[string][]goja.Callable{}
		}
		list := call.Argument(0).String()
		h.listeners[list] = append(h.listeners[list], f)
		return goja.Undefined()
	})
}

// bound returns the containers that hooks can reach.
func (h *host) bound(what string) runtime.Containers {
	if h.containers == nil {
		h.throw(fmt.Errorf("%s can only be called in a hook: there are no containers now", what))
	}
	return h.containers
}
