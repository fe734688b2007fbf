package js

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/dop251/goja"
)

// bindFS offers native.fs(name, sync, ...args), which does what fsCalls has
// under that name: at once, or on a goroutine behind a promise. What the
// arguments must be is the prelude's business, fs.js.
func bindFS(h *host, native *goja.Object) {
	calls := fsCalls()
	_ = native.Set("fs", func(call goja.FunctionCall) goja.Value {
		work := calls[call.Argument(0).String()]
		sync := call.Argument(1).ToBoolean()
		args := &fsArgs{dir: h.options.WorkDir}
		for _, v := range call.Arguments[2:] {
			args.list = append(args.list, fsArg(v, sync))
		}
		if !sync {
			return h.async(func(ctx context.Context) (any, error) { return work(ctx, args) })
		}
		result, err := work(h.loop.ctx, args)
		if err != nil {
			h.throw(err)
		}
		v, err := h.toValue(result)
		if err != nil {
			panic(err)
		}
		return v
	})
	// A file that is written piece by piece: write(bytes) and close().
	_ = native.Set("fsOpen", func(call goja.FunctionCall) goja.Value {
		args := &fsArgs{dir: h.options.WorkDir, list: []any{
			call.Argument(0).String(), call.Argument(1).String(), call.Argument(2).ToInteger(),
		}}
		return h.async(func(context.Context) (any, error) {
			f, err := openFile(args)
			if err != nil {
				return nil, err
			}
			return func(*goja.Runtime) (goja.Value, error) { return h.writer(f), nil }, nil
		})
	})
}

func (h *host) writer(f *os.File) goja.Value {
	file := &handle{h: h, end: h.atEnd(func() { f.Close() })}
	o := h.rt.NewObject()
	_ = o.Set("write", func(call goja.FunctionCall) goja.Value {
		data := fsArg(call.Argument(0), false)
		return file.inTurn(func(context.Context) (any, error) { return goja.Undefined(), writeTo(f, data) })
	})
	_ = o.Set("close", file.close)
	return o
}

// fsArg makes a plain value of an argument. Bytes are copied where JavaScript
// goes on meanwhile and may change them.
func fsArg(v goja.Value, sync bool) any {
	if b, ok := bytesOf(v); ok {
		if sync {
			return b
		}
		return append([]byte{}, b...)
	}
	return v.Export()
}

// fsArgs are the arguments of a call.
type fsArgs struct {
	dir  string // what relative paths are relative to, as process.cwd() says
	list []any
}

func (a *fsArgs) at(i int) any {
	if i < len(a.list) {
		return a.list[i]
	}
	return nil
}

func (a *fsArgs) text(i int) string { s, _ := a.at(i).(string); return s }

func (a *fsArgs) flag(i int) bool { b, _ := a.at(i).(bool); return b }

func (a *fsArgs) number(i int) int64 { n, _ := a.at(i).(int64); return n }

// path is where the path in an argument leads.
func (a *fsArgs) path(i int) string {
	p := a.text(i)
	if p == "" || filepath.IsAbs(p) || a.dir == "" {
		return p
	}
	// Not Join, which would drop a slash at the end, and what follows links.
	return a.dir + string(filepath.Separator) + p
}

// fail makes an error of a call with one path.
func (a *fsArgs) fail(err error, call string) error {
	if err == nil {
		return nil
	}
	return &fsError{err: err, call: call, path: a.text(0)}
}

// fail2 makes an error of a call from one path to another.
func (a *fsArgs) fail2(err error, call string) error {
	if err == nil {
		return nil
	}
	return &fsError{err: err, call: call, path: a.text(0), dest: a.text(1)}
}

// utf8Text is text as it is written: what is no character becomes U+FFFD.
func utf8Text(s string) []byte { return []byte(strings.ToValidUTF8(s, "\ufffd")) }
