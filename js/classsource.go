package js

import (
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/miniboss/miniboss/runtime/spec"
)

// classSource knows where a class and its fields are in the user's source. It holds
// no goja values, so any goroutine may ask it.
type classSource struct {
	h     *host
	start int    // of the class in the bundle; -1: not known
	code  string // of the class, as in the bundle
	base  *classSource

	once    sync.Once
	offsets map[string]int // of fields ("env", "env.KEY") and methods
	fields  []string       // declared ones
	methods map[string]*ast.FunctionLiteral
	values  map[string]ast.Expression // of fields and what is in them
}

// locate finds a class in the bundle by its own text.
func (h *host) locate(class *goja.Object) *classSource {
	if known, ok := h.classSource[class]; ok {
		return known
	}
	p := &classSource{h: h, start: -1}
	if h.classSource == nil {
		h.classSource = map[*goja.Object]*classSource{}
	}
	h.classSource[class] = p
	v, err := h.callNative("sourceOf", class)
	if err != nil || h.program == nil {
		return p
	}
	p.code = v.String()
	// Classes mostly come in the order of their source: looking on from the
	// last one keeps a file with a thousand of them fast.
	bundle := h.program.bundle.code
	if i := strings.Index(bundle[min(h.lastClass, len(bundle)):], p.code); i >= 0 {
		p.start = h.lastClass + i
	} else {
		p.start = strings.Index(bundle, p.code)
	}
	if p.start >= 0 {
		h.lastClass = p.start + 1
	}
	if proto := class.Prototype(); proto != nil {
		if v, err := h.callNative("sourceOf", proto); err == nil && strings.HasPrefix(v.String(), "class") {
			last := h.lastClass
			p.base = h.locate(proto)
			h.lastClass = last
		}
	}
	return p
}

// name is the class's name for the user, given what it is called at run time.
func (p *classSource) name(runtimeName string) string {
	if runtimeName == "" {
		return "(anonymous)"
	}
	return runtimeName
}

func (p *classSource) pos() spec.Position {
	return p.h.positionAt(p.start)
}

// field returns the position of a field, or of the nearest thing around it.
func (p *classSource) field(field string) spec.Position {
	for name := field; name != ""; {
		for at := p; at != nil; at = at.base {
			at.once.Do(at.parse)
			if offset, ok := at.offsets[name]; ok {
				if pos := p.h.positionAt(offset); pos.Line > 0 {
					return pos
				}
			}
		}
		name = name[:max(0, strings.LastIndexAny(name, ".["))]
	}
	return p.pos()
}

// fieldAt is the name of the field of the class that a position is in, or "".
func (p *classSource) fieldAt(pos spec.Position) (name string) {
	var nearest spec.Position
	for at := p; at != nil; at = at.base {
		at.once.Do(at.parse)
		for field, offset := range at.offsets {
			if start := p.h.positionAt(offset); start.File == pos.File && !before(pos, start) && (name == "" || before(nearest, start)) {
				name, nearest = field, start
			}
		}
	}
	return name
}

// offset returns where a field or method is in the bundle, or -1.
func (p *classSource) offset(field string) int {
	for at := p; at != nil; at = at.base {
		at.once.Do(at.parse)
		if offset, ok := at.offsets[field]; ok {
			return offset
		}
	}
	return -1
}

// fieldNames are the fields that the class and its bases declare.
func (p *classSource) fieldNames() []string {
	var names []string
	for at := p; at != nil; at = at.base {
		at.once.Do(at.parse)
		names = append(names, at.fields...)
	}
	return names
}

// method puts the position of a method into an error that has none.
func (p *classSource) method(name string, e *Error) {
	if e.Pos.Line == 0 {
		e.at(p.h, p.field(name))
	}
}

// at sets the position of an error that has none.
func (e *Error) at(h *host, pos spec.Position) {
	e.Pos, e.Line = pos, h.sources.shownAs(pos.File).line(pos.Line)
}

// throw points an error at the throw in a method that it must have come from,
// where that can be told, and else at the method.
func (p *classSource) throw(method, value string, e *Error) {
	for at := p; at != nil && e.Pos.Line == 0; at = at.base {
		at.once.Do(at.parse)
		body := at.methods[method]
		if body == nil {
			continue
		}
		var throws, same []*ast.ThrowStatement
		walk(body, func(node any) bool {
			if t, ok := node.(*ast.ThrowStatement); ok {
				if _, isNew := t.Argument.(*ast.NewExpression); !isNew {
					throws = append(throws, t)
				}
				if s, ok := t.Argument.(*ast.StringLiteral); ok && s.Value.String() == value {
					same = append(same, t)
				}
			}
			return true
		})
		if len(same) > 0 {
			throws = same
		}
		if len(throws) == 1 {
			e.at(p.h, p.h.positionAt(at.start+int(throws[0].Throw)-2))
		}
		break
	}
	p.method(method, e)
}

// parse reads the class's own text, which goja can parse by itself.
func (p *classSource) parse() {
	p.offsets, p.methods, p.values = map[string]int{}, map[string]*ast.FunctionLiteral{}, map[string]ast.Expression{}
	if p.start < 0 {
		return
	}
	program, err := parser.ParseFile(nil, "", "("+p.code+")", 0, parser.WithDisableSourceMaps)
	if err != nil || len(program.Body) != 1 {
		return
	}
	statement, ok := program.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return
	}
	literal, ok := statement.Expression.(*ast.ClassLiteral)
	if !ok {
		return
	}
	for _, element := range literal.Body {
		switch e := element.(type) {
		case *ast.FieldDefinition:
			if !e.Static {
				p.add(e.Key, e.Computed, int(e.Idx), e.Initializer, true)
			}
		case *ast.MethodDefinition:
			if e.Static {
				continue
			}
			if e.Key != nil && keyName(e.Key) == "constructor" {
				p.constructor(e.Body)
				continue
			}
			p.add(e.Key, e.Computed, int(e.Key.Idx0()), nil, false)
			if name := keyName(e.Key); name != "" && !e.Computed {
				p.methods[name] = e.Body
			}
		}
	}
}

// constructor finds what is assigned to this.
func (p *classSource) constructor(f *ast.FunctionLiteral) {
	if f == nil || f.Body == nil {
		return
	}
	for _, s := range f.Body.List {
		statement, ok := s.(*ast.ExpressionStatement)
		if !ok {
			continue
		}
		assign, ok := statement.Expression.(*ast.AssignExpression)
		if !ok {
			continue
		}
		dot, ok := assign.Left.(*ast.DotExpression)
		if !ok {
			continue
		}
		if _, ok := dot.Left.(*ast.ThisExpression); ok {
			p.addName(dot.Identifier.Name.String(), int(dot.Idx0()), assign.Right, true)
		}
	}
}

func (p *classSource) add(key ast.Expression, computed bool, idx int, value ast.Expression, isField bool) {
	if !computed {
		if name := keyName(key); name != "" {
			p.addName(name, idx, value, isField)
		}
	}
}

func (p *classSource) addName(name string, idx int, value ast.Expression, isField bool) {
	p.put(name, idx)
	if isField && !slices.Contains(p.fields, name) {
		p.fields = append(p.fields, name)
	}
	p.addValue(name, value, 0)
}

// addValue finds the keys of objects and the elements of arrays.
func (p *classSource) addValue(path string, value ast.Expression, depth int) {
	p.values[path] = value
	if depth > 4 {
		return
	}
	switch v := value.(type) {
	case *ast.ObjectLiteral:
		for _, property := range v.Value {
			if keyed, ok := property.(*ast.PropertyKeyed); ok && !keyed.Computed {
				if name := keyName(keyed.Key); name != "" {
					p.put(path+"."+name, int(keyed.Key.Idx0()))
					p.addValue(path+"."+name, keyed.Value, depth+1)
				}
			} else if short, ok := property.(*ast.PropertyShort); ok {
				p.put(path+"."+short.Name.Name.String(), int(short.Name.Idx))
				p.values[path+"."+short.Name.Name.String()] = &short.Name
			}
		}
	case *ast.ArrayLiteral:
		for i, element := range v.Value {
			if element != nil {
				name := path + "[" + itoa(i) + "]"
				p.put(name, int(element.Idx0()))
				p.addValue(name, element, depth+1)
			}
		}
	}
}

// put keeps where a name is. Its index counts from 1 and behind a parenthesis.
func (p *classSource) put(name string, idx int) {
	p.offsets[name] = p.start + idx - 2
}

func keyName(key ast.Expression) string {
	switch k := key.(type) {
	case *ast.StringLiteral:
		return k.Value.String()
	case *ast.NumberLiteral:
		return k.Literal
	case *ast.Identifier:
		return k.Name.String()
	default:
		return ""
	}
}
