package js

import (
	"context"
	"fmt"
	"time"

	"github.com/dop251/goja"
	"github.com/kballard/go-shellquote"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// bindContainers offers what the methods of Service do.
func bindContainers(h *host, native *goja.Object) {
	_ = native.Set("exec", func(call goja.FunctionCall) goja.Value {
		service := call.Argument(0).String()
		containers, options := h.bound("exec"), h.execOptions(call.Argument(1), call.Argument(2))
		return h.async(func(ctx context.Context) (any, error) {
			r, err := containers.Exec(ctx, service, options)
			if err != nil {
				return nil, err
			}
			return func(rt *goja.Runtime) (goja.Value, error) {
				o := rt.NewObject()
				_ = o.Set("exitCode", r.ExitCode)
				_ = o.Set("stdout", r.Stdout)
				_ = o.Set("stderr", r.Stderr)
				return o, nil
			}, nil
		})
	})
	_ = native.Set("logs", func(call goja.FunctionCall) goja.Value {
		service := call.Argument(0).String()
		containers := h.bound("logs")
		options := h.logOptions(call.Argument(1), containers.Now)
		return h.async(func(ctx context.Context) (any, error) { return containers.Logs(ctx, service, options) })
	})
	_ = native.Set("hostPort", func(call goja.FunctionCall) goja.Value {
		service, port := call.Argument(0).String(), call.Argument(1).String()
		return h.rt.ToValue(h.hostPort(h.bound("hostPort"), service, port))
	})
	_ = native.Set("inspectContainer", func(call goja.FunctionCall) goja.Value {
		service, containers := call.Argument(0).String(), h.bound("inspect")
		return h.async(func(ctx context.Context) (any, error) {
			text, err := containers.Inspect(ctx, service)
			if err != nil {
				return nil, err
			}
			return func(*goja.Runtime) (goja.Value, error) { return h.callNative("parse", h.rt.ToValue(string(text))) }, nil
		})
	})
}

// hostPortLimit bounds how long hooks stand still while one asks for a port.
const hostPortLimit = 5 * time.Second

// hostPort asks the engine for a port and waits, unlike the other methods: a
// port is used in the middle of a string, where an await is easily forgotten,
// and the engine answers within a millisecond or two.
func (h *host) hostPort(containers runtime.Containers, service, port string) int {
	ctx := h.loop.ctx
	if h.loop.scope != nil {
		ctx = h.loop.scope.ctx
	}
	ctx, cancel := context.WithTimeout(ctx, hostPortLimit)
	defer cancel()
	found, err := containers.HostPort(ctx, service, port)
	if err != nil {
		h.throw(err)
	}
	return found
}

// execOptions reads the arguments of exec: a string is split as a shell splits
// words, and not given to one.
func (h *host) execOptions(cmd, options goja.Value) runtime.ExecOptions {
	var out runtime.ExecOptions
	switch v := (&reader{h: h}).read(cmd).(type) {
	case string:
		words, err := shellquote.Split(v)
		if err != nil {
			h.throw(fmt.Errorf("exec: the command %q: %w", v, err))
		}
		out.Cmd = words
	case []any:
		for _, word := range v {
			s, ok := word.(string)
			if !ok {
				h.throwType(fmt.Sprintf("exec: the words of a command must be strings, not %s", h.inspectGo(word)))
			}
			out.Cmd = append(out.Cmd, s)
		}
	default:
		h.throwType("exec: the command must be a string or an array of strings, not " + h.inspectGo(v))
	}
	if len(out.Cmd) == 0 {
		h.throwType("exec: the command is empty")
	}
	given := h.optionsOf("exec", options, "env", "user", "workingDir", "stdin")
	for key, value := range given {
		if key == "env" {
			env, ok := value.(map[string]any)
			if !ok {
				h.throwType("exec: env must be an object, not " + h.inspectGo(value))
			}
			out.Env = map[string]string{}
			for k, v := range env {
				switch v.(type) {
				case string, float64, bool:
					out.Env[k] = scalar(v)
				default:
					h.throwType(fmt.Sprintf("exec: env.%s must be a string, a number or a boolean, not %s", k, h.inspectGo(v)))
				}
			}
			continue
		}
		s, ok := value.(string)
		if !ok {
			h.throwType(fmt.Sprintf("exec: %s must be a string, not %s", key, h.inspectGo(value)))
		}
		switch key {
		case "user":
			out.User = s
		case "workingDir":
			out.WorkingDir = s
		case "stdin":
			out.Stdin = s
		}
	}
	return out
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return fmt.Sprint(v)
	case float64:
		return number(v)
	default:
		return fmt.Sprint(v)
	}
}

func (h *host) logOptions(options goja.Value, engineNow func() time.Time) runtime.LogOptions {
	var out runtime.LogOptions
	for key, value := range h.optionsOf("logs", options, "tail", "since", "timestamps") {
		switch key {
		case "tail":
			n, ok := value.(float64)
			if !ok || n < 0 || n != float64(int(n)) {
				h.throwType("logs: tail must be a whole number, not " + h.inspectGo(value))
			}
			out.Tail = int(n)
		case "timestamps":
			out.Timestamps, _ = value.(bool)
		case "since":
			since, ok := sinceTime(value, engineNow())
			if !ok {
				h.throwType(`logs: since must be a Date, a time such as "2026-01-31T12:00:00Z", seconds ago or a span such as "5m", not ` + h.inspectGo(value))
			}
			out.Since = since
		}
	}
	return out
}

// sinceTime reads a point in time: of a Date, text, or so many seconds ago. now is
// the engine's, by whose clock the times in a log are; a Date is by ours.
func sinceTime(v any, now time.Time) (time.Time, bool) {
	switch v := v.(type) {
	case float64:
		return now.Add(-time.Duration(v * float64(time.Second))), v >= 0
	case time.Time:
		return now.Add(-time.Since(v)), true
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t, true
		}
		if d, err := time.ParseDuration(v); err == nil {
			return now.Add(-d), true
		}
	}
	return time.Time{}, false
}

// optionsOf reads an object of options and refuses names that there are not.
// Dates become time.Time.
func (h *host) optionsOf(what string, v goja.Value, names ...string) map[string]any {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	o, ok := v.(*goja.Object)
	if !ok {
		h.throwType(fmt.Sprintf("%s: the options must be an object, not %s", what, h.inspect(v)))
	}
	out := map[string]any{}
	for _, key := range o.Keys() {
		known := false
		for _, name := range names {
			known = known || name == key
		}
		if !known {
			hint := ""
			if near := spec.Nearest(key, names); near != "" {
				hint = fmt.Sprintf(": did you mean %q?", near)
			}
			h.throwType(fmt.Sprintf("%s: unknown option %q%s", what, key, hint))
		}
		value := o.Get(key)
		if goja.IsUndefined(value) {
			continue
		}
		if date, ok := value.Export().(time.Time); ok {
			out[key] = date
			continue
		}
		out[key] = (&reader{h: h}).read(value)
	}
	return out
}
