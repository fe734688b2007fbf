package js

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime/spec"
)

// instantiateSuites evaluates every suite once, to check it.
func (f *File) instantiateSuites(classes []*class) ([]spec.Problem, error) {
	var problems []spec.Problem
	fields := make([]map[string]any, len(classes))
	for i, c := range classes {
		var err error
		if fields[i], err = c.load(); err != nil {
			return nil, err
		}
	}
	dir := filepath.Dir(f.Path)
	for i, c := range classes {
		if c.thrown != nil || c.lacks != nil {
			problems = append(problems, c.thrownProblem())
			f.Suites = append(f.Suites, &spec.Suite{Name: c.service, Class: c.name, Pos: c.classSource.pos(), FieldPos: c.classSource.field})
			continue
		}
		tests := c.tests(fields[i])
		wrong := c.suiteReferences(fields[i])
		definition, more := spec.ParseSuite(fields[i], tests, dir, spec.AtLoad)
		wrong = append(wrong, more...)
		wrong = append(wrong, c.notMethods(fields[i], "setUp", "tearDown")...)
		for _, p := range wrong {
			p.Class = c.name
			p.Pos = c.classSource.field(p.Field)
			problems = append(problems, p)
		}
		s := &spec.Suite{
			Name: c.service, Class: c.name, Pos: c.classSource.pos(),
			Services: namesIn(fields[i]["services"]), DependsOn: namesIn(fields[i]["dependencies"]), Tests: tests,
			Loaded: definition, Evaluate: c.evaluateSuite, Fields: c.readSuite, FieldPos: c.classSource.field, Test: c.method,
		}
		if c.has("setUp") {
			s.SetUp = func(ctx context.Context) error { return c.method(ctx, "setUp") }
		}
		if c.has("tearDown") {
			s.TearDown = func(ctx context.Context) error { return c.method(ctx, "tearDown") }
		}
		f.Suites = append(f.Suites, s)
	}
	return problems, nil
}

// namedSuites are those whose name is not a problem already.
func (f *File) namedSuites() []*spec.Suite {
	return slices.DeleteFunc(slices.Clone(f.Suites), func(s *spec.Suite) bool { return s.Name == "" })
}

// tests returns the names of the methods that begin with test, in the order of
// the source.
func (c *class) tests(fields map[string]any) []string {
	var tests []string
	for name, value := range fields {
		if method, ok := value.(spec.Opaque); ok && method.Kind == "a function" && strings.HasPrefix(name, "test") {
			tests = append(tests, name)
		}
	}
	// Those whose place is not known, made at run time, come last.
	order := func(name string) int {
		if at := c.classSource.offset(name); at >= 0 {
			return at
		}
		return 1 << 62
	}
	slices.SortFunc(tests, func(a, b string) int {
		if x, y := order(a), order(b); x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return tests
}

// suiteReferences replaces the classes in the fields of a suite by names.
func (c *class) suiteReferences(fields map[string]any) []spec.Problem {
	problems := c.resolve(fields, "services", c.h.classes, "service")
	return append(problems, c.resolve(fields, "dependencies", c.h.suites, "suite")...)
}

// evaluateSuite makes a fresh instance at the suite's turn.
func (c *class) evaluateSuite(ctx context.Context) (map[string]any, error) {
	return inSuite(ctx, c, "constructor", func() (goja.Value, error) {
		instance, _, err := c.construct()
		return instance, err
	}, func(_ *scope, v goja.Value) (map[string]any, error) {
		instance, ok := v.(*goja.Object)
		if !ok {
			return nil, fmt.Errorf("internal error: no instance")
		}
		c.current, c.unmarked = instance, map[member]string{}
		return c.suiteFields(), nil
	})
}

// readSuite reads the fields of the current instance.
func (c *class) readSuite(ctx context.Context) (map[string]any, error) {
	return inSuite(ctx, c, "fields", func() (goja.Value, error) { return goja.Undefined(), nil },
		func(*scope, goja.Value) (map[string]any, error) { return c.suiteFields(), nil })
}

func (c *class) suiteFields() map[string]any {
	fields := c.fields(c.current)
	c.suiteReferences(fields)
	return fields
}

// method calls setUp, tearDown or a test.
func (c *class) method(ctx context.Context, name string) error {
	_, err := inSuite(ctx, c, name, c.start(name), func(*scope, goja.Value) (struct{}, error) { return struct{}{}, nil })
	return err
}

// inSuite is await for a method of a suite.
func inSuite[T any](ctx context.Context, c *class, method string,
	start func() (goja.Value, error), finish func(*scope, goja.Value) (T, error),
) (T, error) {
	s, stop := c.h.loop.newScope(ctx, "", method)
	defer stop()
	s.suite = c.service
	return awaitIn(ctx, c.h, s, start, finish)
}
