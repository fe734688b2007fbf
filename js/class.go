package js

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime/spec"
)

// class is an exported class that extends Service or Suite. Its goja values
// belong to the loop.
type class struct {
	h           *host
	object      *goja.Object
	name        string // of the class
	service     string // the name of the service, or of the suite
	current     *goja.Object
	classSource *classSource
	// unmarked are the strings with braces of current, for a suite that is read
	// again after setUp.
	unmarked map[member]string
	lacks    *spec.MissingError // what making the instance that is checked lacked
	thrown   *Error             // what making the instance that is checked ended with
}

// define makes the services of what the file exports.
func (f *File) define(ctx context.Context) error {
	h := f.host
	group, err := await(ctx, h, "", "", h.collect, func(_ *scope, v goja.Value) (string, error) {
		return h.group, f.classes(v.(*goja.Object))
	})
	if err != nil {
		return err
	}
	f.Group = group
	if f.Group == "" {
		f.Group = slug(filepath.Dir(f.Path))
	}
	var saved []byte
	if f.options.LoadContext != nil {
		if saved, err = f.options.LoadContext(f.Group); err != nil {
			return err
		}
	}
	problems, err := await(ctx, h, "", "", func() (goja.Value, error) {
		if len(saved) > 0 {
			if _, err := h.callNative("restore", h.rt.ToValue(string(saved))); err != nil {
				return nil, errors.New("the saved context cannot be read: " + h.errorOf(err, nil).Error())
			}
		}
		return goja.Undefined(), nil
	}, func(*scope, goja.Value) ([]spec.Problem, error) {
		problems, err := f.instantiate(h.classes)
		if err != nil {
			return nil, err
		}
		more, err := f.instantiateSuites(h.suites)
		if err != nil {
			return nil, err
		}
		// Not deferred: in a world that was interrupted, one more call would
		// fail in its turn and hide where the loop is.
		h.setLoading(false)
		if !f.options.NamesOnly {
			_, err = h.callNative("checkContext")
		}
		return append(problems, more...), err
	})
	if err != nil || f.options.NamesOnly {
		return err
	}
	named := slices.DeleteFunc(slices.Clone(f.Services), func(s *spec.Service) bool { return s.Name == "" })
	graph, more := spec.NewGraph(named)
	problems = append(problems, more...)
	tests, more := spec.NewSuiteGraph(f.namedSuites(), h.serviceNames())
	problems = append(problems, more...)
	if err := onlyThrown(problems, slices.Concat(h.classes, h.suites)...); err != nil {
		return err
	}
	if len(problems) > 0 {
		sort.SliceStable(problems, func(i, j int) bool { return before(problems[i].Pos, problems[j].Pos) })
		return &spec.DefinitionError{Problems: problems}
	}
	f.Graph, f.Tests = graph, tests
	return nil
}

func before(a, b spec.Position) bool {
	if a.File != b.File {
		return a.File < b.File
	}
	if a.Line != b.Line {
		return a.Line < b.Line
	}
	return a.Column < b.Column
}

func (h *host) collect() (goja.Value, error) {
	if h.namespace == nil {
		return nil, fmt.Errorf("internal error: the file exported nothing")
	}
	return h.callNative("collect", h.namespace)
}

// classes makes the lists of the file's services and suites.
func (f *File) classes(found *goja.Object) error {
	h := f.host
	h.classes, h.suites = h.listed(found.Get("services")), h.listed(found.Get("suites"))
	if len(h.classes) == 0 && len(h.suites) == 0 {
		e := &Error{
			Message: "the file has no services: it exports no class that extends Service",
			Hint:    `export class Database extends Service { name = "db"; image = "postgres:17" }`,
			Pos:     spec.Position{File: shown(f.Path, f.options.WorkDir)},
		}
		if instances := h.objects(found.Get("instances")); len(instances) > 0 {
			p := h.locate(instances[0])
			e.Hint = fmt.Sprintf("it exports an instance of class %s; export the class itself", p.name(text(instances[0].Get("name"))))
		}
		return &noServices{e}
	}
	return nil
}

// listed makes a list of classes, in the order of their source.
func (h *host) listed(list goja.Value) []*class {
	var classes []*class
	for _, o := range h.objects(list) {
		c := &class{h: h, object: o, classSource: h.locate(o)}
		c.name = c.classSource.name(text(o.Get("name")))
		classes = append(classes, c)
	}
	slices.SortStableFunc(classes, func(a, b *class) int { return a.classSource.start - b.classSource.start })
	return classes
}

func (h *host) objects(list goja.Value) []*goja.Object {
	var out []*goja.Object
	h.rt.ForOf(list, func(v goja.Value) bool {
		out = append(out, v.(*goja.Object))
		return true
	})
	return out
}

// instantiate evaluates every class once, to check it.
func (f *File) instantiate(classes []*class) ([]spec.Problem, error) {
	var problems []spec.Problem
	fields := make([]map[string]any, len(classes))
	for i, c := range classes {
		var err error
		if fields[i], err = c.load(); err != nil {
			return nil, err
		}
		if c.thrown != nil || c.lacks != nil {
			continue
		}
		if err := c.named(); err != nil {
			return nil, err
		}
	}
	dir := filepath.Dir(f.Path)
	for i, c := range classes {
		if c.thrown != nil || c.lacks != nil {
			problems = append(problems, c.thrownProblem())
			f.Services = append(f.Services, &spec.Service{Name: c.service, Class: c.name, Pos: c.classSource.pos(), FieldPos: c.classSource.field})
			continue
		}
		wrong := c.resolve(fields[i], "dependencies", c.h.classes, "service")
		definition, more := spec.ParseDefinition(fields[i], dir, spec.AtLoad)
		wrong = append(wrong, more...)
		wrong = append(wrong, c.notMethods(fields[i], hookNames()...)...)
		for _, p := range wrong {
			p.Class = c.name
			p.Pos = c.classSource.field(p.Field)
			if p.Field == "buildFrom" && definition.Build != nil {
				p.Hint = cmp.Or(spec.ModuleHint(definition.Build.Context, f.Path, f.absolute(p.Pos.File)), p.Hint)
			}
			problems = append(problems, p)
		}
		for _, p := range spec.Warnings(fields[i]) {
			p.Class = c.name
			pos := c.classSource.field(p.Field)
			f.Warnings = append(f.Warnings, Warning{Pos: pos, Message: p.String(), Line: c.h.sources.shownAs(pos.File).line(pos.Line)})
		}
		f.Services = append(f.Services, &spec.Service{
			Name: c.service, Class: c.name, Pos: c.classSource.pos(),
			DependsOn: namesIn(fields[i]["dependencies"]), Loaded: definition,
			Evaluate: c.evaluate, FieldPos: c.classSource.field, Hooks: c.hooks(), Sets: c.sets,
		})
	}
	return problems, nil
}

// absolute returns the path of a file of which only its shown form is known.
func (f *File) absolute(shown string) string {
	if shown == "" || filepath.IsAbs(shown) {
		return shown
	}
	return filepath.Join(f.options.WorkDir, shown)
}

// load makes the instance that is checked and reads it. What a constructor or
// a field throws is kept in c.thrown, with the name if it has come so far:
// the mistakes in the other classes are told beside it.
func (c *class) load() (map[string]any, error) {
	c.h.loop.scope.evaluate("the constructor of class " + c.name)
	instance, partial, err := c.construct()
	c.h.loop.scope.evaluate("")
	if missing, ok := errors.AsType[*spec.MissingError](err); ok {
		c.lacks = missing
		if begun := c.h.captured; begun != nil {
			c.service, _ = c.readFields(begun)["name"].(string)
		}
		return nil, nil
	}
	if errors.As(err, &c.thrown) {
		if begun := c.h.captured; begun != nil {
			c.service, _ = c.fields(begun)["name"].(string)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.current = instance
	fields := c.fields(instance)
	if partial {
		c.pending(fields)
	}
	c.service, _ = fields["name"].(string)
	return fields, nil
}

// part names a field for messages, of which class as well as is known yet.
func (c *class) part(field string, read map[string]any) string {
	name, ok := read["name"].(string)
	switch {
	case !ok:
		return fmt.Sprintf("the field %s of class %s", field, c.name)
	case slices.Contains(c.h.suites, c):
		return fmt.Sprintf("the field %s of suite %q", field, name)
	default:
		return fmt.Sprintf("the field %s of service %q", field, name)
	}
}

// thrownProblem is what was thrown, among the other mistakes of the file.
func (c *class) thrownProblem() spec.Problem {
	if c.lacks != nil {
		p := c.lacks.Problem()
		p.Class, p.Pos = c.name, c.classSource.field(p.Field)
		return p
	}
	return spec.Problem{Class: c.name, Pos: c.thrown.Pos, Found: c.thrown.Error(), Hint: c.thrown.Hint}
}

// onlyThrown returns the error of the only class that threw where there is no
// other mistake: it tells also which calls led there.
func onlyThrown(problems []spec.Problem, classes ...*class) error {
	if len(problems) != 1 {
		return nil
	}
	for _, c := range classes {
		if c.thrown != nil {
			return c.thrown
		}
	}
	return nil
}

// namesIn returns the names in a list of names, sorted, each once.
func namesIn(value any) []string {
	list, _ := value.([]any)
	var names []string
	for _, d := range list {
		if name, ok := d.(string); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// construct makes an instance. At load, a field that stumbled over a value of
// the context that is not there yet leaves the instance partial.
func (c *class) construct() (instance *goja.Object, partial bool, err error) {
	c.h.misses = misses{}
	instance, partial, err = c.constructOnce()
	if err != nil && len(c.h.misses.list) > 0 {
		if missing := c.culprit(err); missing != nil {
			return nil, false, missing
		}
	}
	return instance, partial, err
}

func (c *class) constructOnce() (instance *goja.Object, partial bool, err error) {
	h := c.h
	h.captured = nil
	if _, err := h.callNative("untouch"); err != nil {
		return nil, false, err
	}
	make, ok := goja.AssertConstructor(c.object)
	if !ok {
		return nil, false, fmt.Errorf("internal error: class %s is no constructor", c.name)
	}
	h.inFields = true
	instance, err = make(nil)
	h.inFields = false
	if err = h.guardCall(err, instance != nil); err == nil {
		return instance, false, nil
	}
	if h.loading && h.captured != nil && h.touched() != "" && !isUncatchable(err) {
		return h.captured, true, nil
	}
	if isUncatchable(err) {
		return nil, false, err
	}
	e := h.errorOf(err, h.loop.scope)
	if e.Pos.Line == 0 {
		e.at(h, c.classSource.pos())
	}
	return nil, false, e
}

// pending fills the fields in that a partial instance did not come to.
func (c *class) pending(fields map[string]any) {
	path := c.h.touched()
	for _, name := range c.classSource.fieldNames() {
		if _, ok := fields[name]; !ok && !slices.Contains([]string{"name", "dependencies", "services"}, name) {
			fields[name] = spec.Placeholder{Path: path}
		}
	}
}

// named tells the prelude which service the current instance is of.
func (c *class) named() error {
	_, err := c.h.callNative("name", c.current, c.h.rt.ToValue(c.service))
	return err
}

// evaluate makes a fresh instance at the service's turn.
func (c *class) evaluate(ctx context.Context) (map[string]any, error) {
	return await(ctx, c.h, c.service, "constructor", func() (goja.Value, error) {
		instance, _, err := c.construct()
		return instance, err
	}, func(_ *scope, v goja.Value) (map[string]any, error) {
		instance, ok := v.(*goja.Object)
		if !ok {
			return nil, fmt.Errorf("internal error: no instance")
		}
		fields := c.fields(instance)
		c.resolve(fields, "dependencies", c.h.classes, "service")
		c.current = instance
		return fields, c.named()
	})
}

// resolve replaces the classes in a field by the names of the services, or
// suites, that they are, and says which ones are none.
func (c *class) resolve(fields map[string]any, field string, among []*class, noun string) []spec.Problem {
	list, ok := fields[field].([]any)
	if !ok {
		if one, ok := fields[field].(classValue); ok {
			fields[field] = spec.Opaque{Kind: one.kind()}
		}
		return nil
	}
	var problems []spec.Problem
	kept := list[:0:0]
	for _, d := range list {
		v, ok := d.(classValue)
		if !ok {
			kept = append(kept, d)
			continue
		}
		if known := find(among, v.object); known != nil {
			if known.service != "" { // else its own name is the problem
				kept = append(kept, known.service)
			}
			continue
		}
		problems = append(problems, spec.Problem{
			Field: field, Found: fmt.Sprintf("%s, which the file does not export as a %s", v.kind(), noun),
			Accepted: fmt.Sprintf("an exported class or the name of a %s: %s", noun, strings.Join(namesOf(among), ", ")),
		})
	}
	fields[field] = kept
	return problems
}

// find returns the class that an object is.
func find(among []*class, o *goja.Object) *class {
	for _, c := range among {
		if c.object == o {
			return c
		}
	}
	return nil
}

// serviceOf returns the service of the file that an object is.
func (h *host) serviceOf(o *goja.Object) *class { return find(h.classes, o) }

func (h *host) serviceNames() []string { return namesOf(h.classes) }

func namesOf(classes []*class) []string {
	var names []string
	for _, c := range classes {
		if c.service != "" {
			names = append(names, c.service)
		}
	}
	return names
}
