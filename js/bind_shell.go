package js

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/joho/godotenv"
	"github.com/miniboss/miniboss/runtime"
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
		c := command{
			shell:   call.Argument(1).String(),
			dir:     h.besideFile(call.Argument(2).String()),
			timeout: time.Duration(call.Argument(4).ToFloat() * float64(time.Millisecond)),
			check:   call.Argument(5).ToBoolean(),
		}
		_ = h.rt.ExportTo(call.Argument(0), &c.words)
		_ = h.rt.ExportTo(call.Argument(3), &c.env)
		if b, ok := bytesOf(call.Argument(6)); ok {
			c.input = slices.Clone(b)
		} else if !goja.IsUndefined(call.Argument(6)) {
			c.input = utf8Text(call.Argument(6).String())
		}
		return h.async(func(ctx context.Context) (any, error) {
			result, err := c.run(ctx)
			if err != nil {
				return nil, err
			}
			return func(rt *goja.Runtime) (goja.Value, error) {
				o := rt.NewObject()
				_ = o.Set("exitCode", result.exitCode)
				_ = o.Set("stdout", result.stdout)
				_ = o.Set("stderr", result.stderr)
				return o, nil
			}, nil
		})
	})
	_ = native.Set("dotenv", func(call goja.FunctionCall) goja.Value {
		values, err := h.dotenv(call.Argument(0).String())
		if err != nil {
			h.throw(err)
		}
		o := h.rt.NewObject()
		for _, name := range slices.Sorted(maps.Keys(values)) {
			_ = o.Set(name, values[name])
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
		if near := runtime.Nearest(key, names); near != "" {
			hint = fmt.Sprintf(": did you mean %q?", near)
		}
		h.throwType(fmt.Sprintf("%s: there is no option %q%s", what, key, hint))
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

// codedError is an error with a code.
type codedError struct {
	error
	code string
}

func (e *codedError) JSError() (name, code string) { return "Error", e.code }

func (h *host) dotenv(path string) (map[string]string, error) {
	full := h.besideFile(path)
	text, err := os.ReadFile(full)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &codedError{fmt.Errorf("dotenv: there is no file %s", full), "ENOENT"}
	}
	if err != nil {
		if p, ok := errors.AsType[*os.PathError](err); ok {
			err = p.Err
		}
		return nil, fmt.Errorf("dotenv: %s: %w", full, err)
	}
	values, err := godotenv.Unmarshal(strings.TrimPrefix(string(text), "\ufeff"))
	if err != nil {
		return nil, fmt.Errorf("dotenv: %s: %s", full, dotenvMistake(string(text), err))
	}
	return values, nil
}

// dotenvMistake tells what is wrong in a file, and in which line. The parser's
// own words quote the file, and so the secrets in it.
func dotenvMistake(text string, err error) string {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	says := err.Error()
	if _, near, found := strings.Cut(says, " in variable name near "); found {
		rest, quoteErr := strconv.Unquote(near)
		if at := len(text) - len(rest); quoteErr == nil && at >= 0 {
			return fmt.Sprintf("line %d: a line must be NAME=value, a comment, or empty", lineAt(text, at))
		}
	}
	if value, found := strings.CutPrefix(says, "unterminated quoted value "); found {
		return fmt.Sprintf("line %d: the quotation mark is not closed", lineAt(text, max(0, strings.Index(text, value))))
	}
	return "it is not understood"
}

// lineAt returns the number of the line, from 1, that an offset is in.
func lineAt(text string, offset int) int { return 1 + strings.Count(text[:offset], "\n") }
