package js

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/js/jserror"
	"github.com/miniboss/miniboss/js/shell"
	"github.com/miniboss/miniboss/runtime/spec"
)

// bindShell offers what the prelude's shell.js and fs.js need.
func bindShell(h *host, native *goja.Object) {
	_ = native.Set("fsInstead", memberInstead())
	_ = native.Set("checkOptions", func(call goja.FunctionCall) goja.Value {
		var names []string
		_ = h.rt.ExportTo(call.Argument(2), &names)
		h.checkOptions(call.Argument(0).String(), call.Argument(1), names)
		return goja.Undefined()
	})
	_ = native.Set("sh", func(call goja.FunctionCall) goja.Value {
		c := shell.Command{
			Shell:   call.Argument(1).String(),
			Dir:     h.besideFile(call.Argument(2).String()),
			Timeout: time.Duration(call.Argument(4).ToFloat() * float64(time.Millisecond)),
			Check:   call.Argument(5).ToBoolean(),
		}
		_ = h.rt.ExportTo(call.Argument(0), &c.Words)
		_ = h.rt.ExportTo(call.Argument(3), &c.Env)
		if b, ok := bytesOf(call.Argument(6)); ok {
			c.Input = slices.Clone(b)
		} else if !goja.IsUndefined(call.Argument(6)) {
			c.Input = []byte(strings.ToValidUTF8(call.Argument(6).String(), "\ufffd"))
		}
		return h.async(func(ctx context.Context) (any, error) {
			result, err := c.Run(ctx)
			if err != nil {
				return nil, err
			}
			return func(rt *goja.Runtime) (goja.Value, error) {
				o := rt.NewObject()
				_ = o.Set("exitCode", result.ExitCode)
				_ = o.Set("stdout", result.Stdout)
				_ = o.Set("stderr", result.Stderr)
				return o, nil
			}, nil
		})
	})
	_ = native.Set("dotenv", func(call goja.FunctionCall) goja.Value {
		var paths []string
		_ = h.rt.ExportTo(call.Argument(0), &paths)
		list, err := h.dotenv(paths, call.Argument(1).ToBoolean(), call.Argument(2).ToBoolean())
		if err != nil {
			h.throw(err)
		}
		o := h.rt.NewObject()
		for _, v := range list {
			_ = o.Set(v.name, v.value)
			h.marks.outside(v.value)
		}
		return o
	})
}

// checkOptions refuses what is no object of options, and names that there are
// not.
func (h *host) checkOptions(what string, v goja.Value, names []string) {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return
	}
	o, ok := v.(*goja.Object)
	if !ok {
		h.throwType(fmt.Sprintf("%s: the options must be an object, not %s", what, h.inspect(v)))
	}
	for _, key := range o.Keys() {
		if slices.Contains(names, key) {
			continue
		}
		hint := ""
		if near := spec.Nearest(key, names); near != "" {
			hint = fmt.Sprintf(": did you mean %q?", near)
		}
		h.throwType(fmt.Sprintf("%s: unknown option %q%s", what, key, hint))
	}
}

// besideFile is where a path leads that is relative to the user's file.
func (h *host) besideFile(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	file, err := filepath.Abs(h.options.File)
	if err != nil {
		file = h.options.File
	}
	return filepath.Join(filepath.Dir(file), path)
}

// dotenv reads files of variables; those that come later win.
func (h *host) dotenv(paths []string, optional, expand bool) ([]variable, error) {
	var all []variable
	for _, path := range paths {
		full := h.besideFile(path)
		list, found, err := readDotenv(full)
		switch {
		case err != nil:
			return nil, fmt.Errorf("dotenv: %w", err)
		case !found && !optional:
			return nil, &jserror.Coded{Err: fmt.Errorf("dotenv: there is no file %s", full), Code: "ENOENT"}
		}
		for _, v := range list {
			all = setVariable(all, v.name, v.value)
		}
	}
	if expand {
		all = expandDotenv(all, h.options.environment.given, h.fromEnvFiles)
	}
	return all, nil
}

// fromEnvFiles is the value of a variable that the files of variables beside the
// service file have given, or "".
func (h *host) fromEnvFiles(name string) string {
	for _, entry := range h.options.environment.all {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
