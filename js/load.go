package js

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/go-sourcemap/sourcemap"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Options says what to load and how.
type Options struct {
	File    string   // the user's file
	WorkDir string   // paths are shown relative to it; "": the current directory
	Env     []string // the environment; nil: that of the process
	// EnvFiles are read into process.env.
	EnvFiles EnvFiles
	// CacheDir is where bundles are kept for later loads of the same file, which
	// then need not make them again; "": nowhere. It is made where it is missing.
	CacheDir string

	// Console gets what the file writes with console and log. Called from one
	// goroutine; it must not block.
	Console func(Line)
	// OnError gets the errors that nobody waits for: of timers and of promises
	// without a handler. Called as Console.
	OnError func(*Error)
	// LoadContext returns the saved context of a group as JSON; empty: none.
	LoadContext func(group string) ([]byte, error)
	// NamesOnly is for who wants to know only what there is: mistakes in the
	// definitions are no errors, and there are no graphs.
	NamesOnly bool
	// Limit is how long a piece of JavaScript may run without giving way
	// before it is interrupted; 0: 10 seconds.
	Limit time.Duration
	// Memory is how many bytes the process may have allocated before what runs
	// is interrupted; 0: 2 GiB.
	Memory uint64

	environment environment // Env with what EnvFiles add; Load makes it
}

// Line is output of the file.
type Line struct {
	Level   string // debug, info, warn or error
	Service string // in whose hook it was written; "": none
	Suite   string // in whose method it was written; "": none
	Text    string // may have several lines
}

const defaultLimit = 10 * time.Second

// Load bundles the file, runs it and checks its services. The errors are
// *BuildError where it cannot be read, *Error where it throws, and
// *runtime.DefinitionError with every mistake in the definitions.
func Load(ctx context.Context, o Options) (*File, error) {
	path, err := filepath.Abs(o.File)
	if err != nil {
		return nil, err
	}
	if o.WorkDir == "" {
		o.WorkDir, _ = os.Getwd()
	}
	if o.Env == nil {
		o.Env = os.Environ()
	}
	if _, err := os.Stat(path); err != nil {
		reason := err
		if p, ok := errors.AsType[*os.PathError](err); ok {
			reason = p.Err
		}
		return nil, fmt.Errorf("%s: %w", shown(path, o.WorkDir), reason)
	}
	f := &File{Path: path, options: o}
	if f.options.environment, err = o.EnvFiles.read(filepath.Dir(path), o.Env); err != nil {
		return nil, err
	}
	if err := f.load(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *File) load(ctx context.Context) error {
	// The bundle and the world for it do not need each other. The world takes
	// longer where the bundle is in the cache, so it does not wait for a thread.
	b := &bundler{file: f.Path, workDir: f.options.WorkDir, cache: newBundleCache(f.options.CacheDir, f.Path)}
	type compiled struct {
		prg *program
		err error
	}
	programs := make(chan compiled, 1)
	go func() {
		prg, err := compile(b)
		programs <- compiled{prg, err}
	}()
	host, err := newHost(ctx, f.options)
	f.host = host
	made := <-programs
	if err := cmp.Or(err, made.err); err != nil {
		return err
	}
	prg := made.prg
	if b.bundleDeps != nil {
		f.keeping = make(chan struct{})
		go func() {
			defer close(f.keeping)
			b.cache.keep(b.bundleDeps, prg.bundle, b.rawMap)
		}()
	}
	warnings := make(chan []Warning, 1)
	go func() { warnings <- unexportedServices(prg.bundle, filepath.Dir(f.Path), f.options.WorkDir) }()
	err = f.evaluate(ctx, prg)
	if err == nil {
		err = f.define(ctx)
	}
	unexported := <-warnings
	f.Warnings = append(unexported, f.Warnings...)
	if none, ok := errors.AsType[*noServices](err); ok {
		return none.because(unexported)
	}
	return err
}

// noServices says that the file exports none.
type noServices struct{ about *Error }

func (e *noServices) Error() string { return e.about.Error() }

// because points at a class whose export was forgotten, if there is one.
func (e *noServices) because(warnings []Warning) error {
	if len(warnings) > 0 {
		w := warnings[0]
		e.about.Message, e.about.Hint = "the file has no services: "+w.Message, ""
		e.about.Pos, e.about.Line = w.Pos, w.Line
	}
	return e.about
}

// program is a bundle that goja has parsed and compiled.
type program struct {
	*bundle
	file     *file.File // for positions in the bundle
	code     *goja.Program
	literals []literal // with braces that have a meaning
}

func compile(b *bundler) (*program, error) {
	built := b.cache.find(b.workDir, filepath.Dir(b.file))
	if built == nil {
		var err error
		if built, err = b.build(); err != nil {
			return nil, err
		}
	}
	return built.compile()
}

func (b *bundle) compile() (*program, error) {
	code := b.code + "\n//# sourceMappingURL=map\n"
	sourceMap := func(string) ([]byte, error) { return b.sources.adjusted, nil }
	ast, err := parser.ParseFile(nil, bundleName, code, 0, parser.WithSourceMapLoader(sourceMap))
	if err != nil {
		return nil, b.parseError(err)
	}
	var literals []literal
	if hasBraces(b.code) {
		literals = markBraces(ast, func(at file.Idx) bool {
			src, _ := b.sources.find(ast.File.Position(int(at) - ast.File.Base()))
			return src == nil || src.inner
		})
	}
	compiled, err := goja.CompileAST(ast, true)
	if err != nil {
		return nil, b.parseError(err)
	}
	return &program{bundle: b, file: ast.File, code: compiled, literals: literals}, nil
}

// parseError is for code that esbuild takes and goja does not.
func (b *bundle) parseError(err error) error {
	e := &Error{Name: "SyntaxError", Message: err.Error()}
	var list parser.ErrorList
	var compilation *goja.CompilerSyntaxError
	at := file.Position{}
	switch {
	case errors.As(err, &list) && len(list) > 0:
		e.Message, at = list[0].Message, list[0].Position
	case errors.As(err, &compilation):
		e.Message = compilation.Message
		if compilation.File != nil {
			b.sources.place(e, compilation.File.Position(compilation.Offset))
		}
		return &BuildError{Errors: []*Error{e}}
	}
	if m, mapErr := sourcemap.Parse(bundleName, b.sources.adjusted); mapErr == nil {
		if name, _, line, column, ok := m.Source(at.Line, at.Column); ok {
			key := name
			if u := file.ResolveSourcemapURL(bundleName, name); u != nil {
				key = u.String()
			}
			b.sources.place(e, file.Position{Filename: key, Line: line, Column: column})
		}
	}
	return &BuildError{Errors: []*Error{e}}
}

// evaluate runs the bundle, the whole file at its top level.
func (f *File) evaluate(ctx context.Context, prg *program) error {
	h := f.host
	h.program, h.sources, h.marks.literals = prg, prg.sources, prg.literals
	_, err := await(ctx, h, "", "", func() (goja.Value, error) {
		h.setLoading(true)
		v, err := h.rt.RunProgram(prg.code)
		if err = h.guard(err); err != nil {
			return nil, err
		}
		main, ok := goja.AssertFunction(v)
		if !ok {
			return nil, errors.New("internal error: the bundle is no function")
		}
		v, err = h.call(main, goja.Undefined(), h.importer())
		if err != nil {
			return nil, err
		}
		// A promise of our own, which fails where theirs never comes to an end.
		h.mainPromise, _ = v.Export().(*goja.Promise)
		promise, resolve, reject := h.rt.NewPromise()
		h.giveUpMain = reject
		h.settled(v, func(v goja.Value) { _ = h.guard(resolve(v)) }, func(reason goja.Value) { _ = h.guard(reject(reason)) })
		return h.rt.ToValue(promise), nil
	}, func(*scope, goja.Value) (struct{}, error) { return struct{}{}, nil })
	return err
}

// importer is the object __miniboss of the bundle: what modules come from and
// where the file's exports go.
func (h *host) importer() goja.Value {
	o := h.rt.NewObject()
	_ = o.Set("get", func(call goja.FunctionCall) goja.Value {
		module := h.module(call.Argument(0).String())
		if name := call.Argument(1); !goja.IsUndefined(name) {
			return module.Get(name.String())
		}
		return module
	})
	h.bindMarks(o)
	_ = o.Set("exported", func(call goja.FunctionCall) goja.Value {
		h.namespace = call.Argument(0)
		return goja.Undefined()
	})
	return o
}

// module returns what a module exports.
func (h *host) module(name string) *goja.Object {
	if name == moduleName {
		return h.exports
	}
	modules, ok := h.native.Get("modules").(*goja.Object)
	if !ok {
		h.throw(fmt.Errorf("internal error: no modules"))
	}
	m, ok := modules.Get(name).(*goja.Object)
	if !ok {
		h.throw(fmt.Errorf("internal error: no module %q", name))
	}
	return m
}

// place puts the position of goja into e where it is in a user's file.
func (s *sources) place(e *Error, at file.Position) {
	src, pos := s.find(at)
	if src == nil {
		return
	}
	e.Pos, e.Line = pos, src.line(pos.Line)
}

func (s *sources) shownAs(name string) *source {
	for _, src := range s.byName {
		if src.shown == name {
			return src
		}
	}
	return &source{}
}

// positionAt is the user's position behind an offset of the bundle.
func (h *host) positionAt(offset int) spec.Position {
	if h.program == nil || offset < 0 {
		return spec.Position{}
	}
	_, pos := h.sources.find(h.program.file.Position(offset))
	return pos
}
