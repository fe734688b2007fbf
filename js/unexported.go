package js

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime/spec"
)

// Warning is something that is probably a mistake.
type Warning struct {
	Pos     spec.Position
	Message string
	Line    string // of the source
}

// unexported is a quick look for classes that could be forgotten: declared ones
// and values of variables.
var unexported = lazyregexp.New(`(?m)(?:^[ \t]*(?:abstract[ \t]+)?class[ \t]+[A-Za-z_$][\w$]*|=[\s(]*class\b)[^{]*\bextends\b`)

// unexportedServices finds the services that are not exported: top-level classes that
// extend Service and that nothing else names. A class that another class
// extends, or that the file exports in whatever way, is named.
func unexportedServices(b *bundle, dir, workDir string) []Warning {
	a := &analysis{dir: dir, workDir: workDir, meta: b.meta, texts: map[string]string{}, modules: map[string]*module{}}
	var candidates []string
	for _, in := range b.inputs {
		a.texts[in.path] = in.text
		if unexported.MatchString(in.text) {
			candidates = append(candidates, in.path)
		}
	}
	slices.Sort(candidates)
	var warnings []Warning
	for _, path := range candidates {
		m := a.module(path)
		if m == nil {
			continue
		}
		for name, class := range m.classes {
			if !m.names(name, class) && a.isService(m, class.SuperClass, 0) {
				src, pos := m.sources.find(m.file.Position(int(class.Class) - m.file.Base()))
				if src == nil {
					continue
				}
				warnings = append(warnings, Warning{
					Pos: pos, Line: src.line(pos.Line),
					Message: fmt.Sprintf("class %s extends Service but is not exported, so it is no service: was export forgotten?", name),
				})
			}
		}
	}
	slices.SortFunc(warnings, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
	return warnings
}

// analysis reads the user's modules as far as it is asked to.
type analysis struct {
	dir, workDir string
	meta         string
	texts        map[string]string // by path
	modules      map[string]*module
	imports      map[string]map[string]string // path, what it imports, path of that
}

// module is a file as CommonJS, which goja can parse and where exports are uses
// like any other.
type module struct {
	path    string
	body    []ast.Statement
	file    *file.File
	sources *sources
	classes map[string]*ast.ClassLiteral // of its top level, also those that are a variable's value
	values  map[string]ast.Expression    // other names of its top level
	exports map[string]ast.Expression
}

func (a *analysis) module(path string) *module {
	if m, ok := a.modules[path]; ok {
		return m
	}
	a.modules[path] = nil
	text, ok := a.texts[path]
	if !ok {
		return nil
	}
	m := a.parse(path, text)
	a.modules[path] = m
	return m
}

func (a *analysis) parse(path, text string) *module {
	result := transform(path, text)
	// CommonJS has no await at its top level. It names nothing, so it can go.
	for range 3 {
		patched := []byte(text)
		for _, e := range result.Errors {
			if e.Location != nil && strings.Contains(e.Text, "op-level await") {
				blank(patched, e.Location)
			}
		}
		if string(patched) == text {
			break
		}
		text = string(patched)
		result = transform(path, text)
	}
	if len(result.Errors) > 0 {
		return nil
	}
	s, err := newSources(result.Map, a.dir, a.workDir, nil)
	if err != nil {
		return nil
	}
	load := func(string) ([]byte, error) { return s.adjusted, nil }
	program, err := parser.ParseFile(nil, bundleName, string(result.Code)+"\n//# sourceMappingURL=map\n", 0, parser.WithSourceMapLoader(load))
	if err != nil {
		return nil
	}
	m := &module{
		path: path, body: program.Body, file: program.File, sources: s,
		classes: map[string]*ast.ClassLiteral{}, values: map[string]ast.Expression{}, exports: map[string]ast.Expression{},
	}
	for _, statement := range program.Body {
		m.read(statement)
	}
	return m
}

func transform(path, text string) api.TransformResult {
	return api.Transform(text, api.TransformOptions{
		Loader: loader(path), Format: api.FormatCommonJS, Target: api.ES2022, Supported: language(),
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentInclude, Sourcefile: filepath.ToSlash(path),
		LogLevel: api.LogLevelSilent,
	})
}

// blank takes an await out of the text without moving anything.
func blank(text []byte, at *api.Location) {
	offset := 0
	for line := 1; line < at.Line; line++ {
		offset += strings.IndexByte(string(text[offset:]), '\n') + 1
	}
	offset += at.Column
	switch before := strings.TrimRight(string(text[:offset]), " \t\r\n"); {
	case !strings.HasPrefix(string(text[offset:]), "await"):
	case strings.HasSuffix(before, "for"): // for await (
		copy(text[offset:], "     ")
	default:
		copy(text[offset:], "void ")
	}
}

func (m *module) read(statement ast.Statement) {
	bind := func(bindings []*ast.Binding) {
		for _, b := range bindings {
			id, ok := b.Target.(*ast.Identifier)
			if !ok {
				continue
			}
			if class, ok := b.Initializer.(*ast.ClassLiteral); ok {
				m.classes[id.Name.String()] = class
			} else {
				m.values[id.Name.String()] = b.Initializer
			}
		}
	}
	switch s := statement.(type) {
	case *ast.ClassDeclaration:
		if s.Class.Name != nil {
			m.classes[s.Class.Name.Name.String()] = s.Class
		}
	case *ast.VariableStatement:
		bind(s.List)
	case *ast.LexicalDeclaration:
		bind(s.List)
	case *ast.ExpressionStatement:
		// __export(x_exports, { Name: () => value })
		call, ok := s.Expression.(*ast.CallExpression)
		if !ok || len(call.ArgumentList) != 2 {
			return
		}
		object, ok := call.ArgumentList[1].(*ast.ObjectLiteral)
		if f, isName := call.Callee.(*ast.Identifier); !ok || !isName || f.Name != "__export" {
			return
		}
		for _, p := range object.Value {
			keyed, ok := p.(*ast.PropertyKeyed)
			if !ok {
				continue
			}
			if arrow, ok := keyed.Value.(*ast.ArrowFunctionLiteral); ok {
				if body, ok := arrow.Body.(*ast.ExpressionBody); ok {
					m.exports[keyName(keyed.Key)] = body.Expression
				}
			}
		}
	}
}

// names reports whether anything outside of a class, and of the variable that
// it is the value of, names it.
func (m *module) names(name string, class *ast.ClassLiteral) bool {
	used := false
	for _, statement := range m.body {
		walk(statement, func(node any) bool {
			switch n := node.(type) {
			case *ast.ClassLiteral:
				return n != class
			case *ast.Binding:
				return n.Initializer != ast.Expression(class)
			case *ast.Identifier:
				used = used || n.Name.String() == name
			case *ast.PropertyShort:
				used = used || n.Name.Name.String() == name
			}
			return !used
		})
	}
	return used
}

// isService reports whether an expression is the class Service or one that
// extends it, as far as the text tells.
func (a *analysis) isService(m *module, e ast.Expression, depth int) bool {
	if m == nil || e == nil || depth > 16 {
		return false
	}
	switch e := e.(type) {
	case *ast.Identifier:
		name := e.Name.String()
		if class, ok := m.classes[name]; ok {
			return a.isService(m, class.SuperClass, depth+1)
		}
		if value, ok := m.values[name]; ok {
			return a.isService(m, value, depth+1)
		}
		return name == "Service" // of const { Service } = require("miniboss")
	case *ast.ClassLiteral:
		return a.isService(m, e.SuperClass, depth+1)
	case *ast.DotExpression:
		of, ok := e.Left.(*ast.Identifier)
		if !ok {
			return false
		}
		from := required(m.values[of.Name.String()])
		if from == moduleName {
			return e.Identifier.Name == "Service"
		}
		if from == "" {
			return false
		}
		other := a.module(a.resolve(m.path, from))
		if other == nil {
			return false
		}
		return a.isService(other, other.exports[e.Identifier.Name.String()], depth+1)
	default:
		return false
	}
}

// required returns what a value requires: require("x"), __toESM(require("x")).
func required(e ast.Expression) string {
	call, ok := e.(*ast.CallExpression)
	if !ok || len(call.ArgumentList) == 0 {
		return ""
	}
	if f, ok := call.Callee.(*ast.Identifier); ok && f.Name == "require" {
		if s, ok := call.ArgumentList[0].(*ast.StringLiteral); ok {
			return s.Value.String()
		}
		return ""
	}
	return required(call.ArgumentList[0])
}

// resolve returns the path of what a file imports, as esbuild has found it.
func (a *analysis) resolve(path, from string) string {
	if a.imports == nil {
		a.imports = map[string]map[string]string{}
		var meta struct {
			Inputs map[string]struct {
				Imports []struct{ Path, Original string }
			}
		}
		if json.Unmarshal([]byte(a.meta), &meta) == nil {
			for name, in := range meta.Inputs {
				found := map[string]string{}
				for _, i := range in.Imports {
					found[i.Original] = a.absolute(i.Path)
				}
				a.imports[a.absolute(name)] = found
			}
		}
	}
	return a.imports[path][from]
}

func (a *analysis) absolute(name string) string {
	path := filepath.FromSlash(name)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(a.dir, path)
}
