package js

import (
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// Braces have a meaning only where they are written in the file. So the strings
// of the bundle that have such braces are replaced by calls, in goja's syntax tree,
// which keeps the positions: __miniboss.mark(n) is the string, marked while a
// class's fields are evaluated, and __miniboss.written(value) what was made with
// it. See marks.go for what these do.

// literal is a string of the bundle with braces that have a meaning.
type literal struct {
	pieces []piece
	inner  bool // in a package
}

// piece is a part of a literal: text, or a brace.
type piece struct {
	text string
	mark braceMark // 0: text
}

// gap stands for an expression between the strings of a template or a sum.
const gap = "\ufdef"

// hasBraces is a fast look for what may be such braces: esbuild puts a space or a line
// break behind the braces of code.
func hasBraces(code string) bool {
	for i := 0; i+1 < len(code); i++ {
		next := code[i+1]
		switch code[i] {
		case '{':
			if next == '{' || next == '$' || (next == '_' || next >= 'A' && next <= 'Z' || next >= 'a' && next <= 'z') && (i == 0 || code[i-1] != '$') {
				return true
			}
		case '}':
			if next == '}' {
				return true
			}
		}
	}
	return false
}

// markBraces replaces the strings of a program that have braces with a meaning.
func markBraces(program *ast.Program, isInner func(file.Idx) bool) []literal {
	m := &marker{isInner: isInner}
	m.value(reflect.ValueOf(program.Body), false)
	return m.literals
}

type marker struct {
	literals []literal
	isInner  func(file.Idx) bool
}

// value visits what is below a node. hidden is set in the initial value of a
// private field, which hooks see as it was made.
func (m *marker) value(v reflect.Value, hidden bool) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if e, ok := v.Interface().(ast.Expression); ok && v.CanSet() {
			if replaced := m.expression(e, hidden); replaced != e {
				v.Set(reflect.ValueOf(replaced))
			}
			return
		}
		m.node(v.Interface(), v.Elem(), hidden)
	case reflect.Pointer:
		if !v.IsNil() {
			m.node(v.Interface(), v, hidden)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// What a scope declares is in its statements as well.
			if f := v.Type().Field(i); f.IsExported() && f.Name != "DeclarationList" && f.Name != "File" {
				m.value(v.Field(i), hidden)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			m.value(v.Index(i), hidden)
		}
	}
}

// node visits a node, without the strings that are compared, looked for, or
// names.
func (m *marker) node(node any, v reflect.Value, hidden bool) {
	switch n := node.(type) {
	case *ast.ExpressionStatement:
		if isString(n.Expression) {
			return // a directive
		}
	case *ast.CaseStatement:
		if isString(n.Test) {
			m.value(reflect.ValueOf(n.Consequent), hidden)
			return
		}
	case *ast.FieldDefinition:
		_, private := n.Key.(*ast.PrivateIdentifier)
		m.value(reflect.ValueOf(n).Elem().FieldByName("Initializer"), hidden || private)
		return
	case *ast.MethodDefinition:
		m.value(reflect.ValueOf(n.Body), hidden)
		return
	case *ast.PropertyKeyed:
		if key := m.expression(n.Key, hidden); key != n.Key {
			n.Key, n.Computed = key, true
		}
		m.value(reflect.ValueOf(n).Elem().FieldByName("Value"), hidden)
		return
	case *ast.BinaryExpression:
		if n.Operator != token.PLUS {
			m.operands(hidden, &n.Left, &n.Right)
			return
		}
	case *ast.BracketExpression:
		m.operands(hidden, &n.Left, &n.Member)
		return
	case *ast.CallExpression:
		m.value(reflect.ValueOf(n).Elem().FieldByName("Callee"), hidden)
		m.arguments(n.ArgumentList, plainArguments(n.Callee), hidden)
		return
	case *ast.NewExpression:
		m.value(reflect.ValueOf(n).Elem().FieldByName("Callee"), hidden)
		plain := 0
		if name, ok := n.Callee.(*ast.Identifier); ok && (name.Name == "URL" || name.Name == "RegExp" || strings.HasSuffix(name.Name.String(), "Error")) {
			plain = len(n.ArgumentList)
		}
		m.arguments(n.ArgumentList, plain, hidden)
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	m.value(v, hidden)
}

func isString(e ast.Expression) bool {
	_, ok := e.(*ast.StringLiteral)
	return ok
}

// operands visits expressions of which a string is taken as it is.
func (m *marker) operands(hidden bool, operands ...*ast.Expression) {
	for _, e := range operands {
		if *e != nil && !isString(*e) {
			*e = m.expression(*e, hidden)
		}
	}
}

// arguments visits arguments, of which the first ones are taken as they are
// where they are strings.
func (m *marker) arguments(list []ast.Expression, plain int, hidden bool) {
	for i := range list {
		if i >= plain || !isString(list[i]) {
			list[i] = m.expression(list[i], hidden)
		}
	}
}

// plainArguments is how many arguments of a function are taken as they are: what
// is looked for in other strings, what is shown, and what is encoded.
func plainArguments(callee ast.Expression) int {
	const all = 1 << 16
	switch f := callee.(type) {
	case *ast.Identifier:
		if slices.Contains([]string{"btoa", "encodeURIComponent", "encodeURI", "RegExp", "require"}, f.Name.String()) {
			return all
		}
	case *ast.DotExpression:
		name := f.Identifier.Name.String()
		on, _ := f.Left.(*ast.Identifier)
		switch {
		case on != nil && on.Name == "console", on != nil && on.Name == "Buffer", strings.HasSuffix(name, "Sync"):
			return all
		case slices.Contains([]string{"includes", "indexOf", "lastIndexOf", "startsWith", "endsWith", "split", "replace", "replaceAll"}, name) && !isString(f.Left):
			return 1
		}
	}
	return 0
}

// expression returns what takes the place of an expression.
func (m *marker) expression(e ast.Expression, hidden bool) ast.Expression {
	switch e := e.(type) {
	case *ast.StringLiteral:
		if marked := m.strings(e.Idx, e.Value.String()); marked != nil && marked[0] != nil {
			return written(marked[0], hidden)
		}
		return e
	case *ast.TemplateLiteral:
		for i := range e.Expressions {
			e.Expressions[i] = m.expression(e.Expressions[i], hidden)
		}
		if e.Tag == nil && m.template(e) {
			return written(e, hidden)
		}
		return e
	case *ast.BinaryExpression:
		if e.Operator == token.PLUS && m.sum(e, hidden) {
			return written(e, hidden)
		}
		if e.Operator == token.PLUS {
			return e
		}
	}
	m.node(e, reflect.ValueOf(e), hidden)
	return e
}

// template marks the strings of a template literal. It is false where there is
// nothing to mark.
func (m *marker) template(e *ast.TemplateLiteral) bool {
	texts := make([]string, len(e.Elements))
	for i, element := range e.Elements {
		texts[i] = element.Parsed.String()
	}
	marked := m.strings(e.OpenQuote, texts...)
	if marked == nil {
		return false
	}
	empty := func(at file.Idx) *ast.TemplateElement { return &ast.TemplateElement{Idx: at, Valid: true} }
	var elements []*ast.TemplateElement
	var expressions []ast.Expression
	for i, element := range e.Elements {
		if marked[i] == nil {
			elements = append(elements, element)
		} else {
			elements = append(elements, empty(element.Idx), empty(element.Idx))
			expressions = append(expressions, marked[i])
		}
		if i < len(e.Expressions) {
			expressions = append(expressions, e.Expressions[i])
		}
	}
	e.Elements, e.Expressions = elements, expressions
	return true
}

// sum marks the strings of a chain of +, and visits the other operands.
func (m *marker) sum(e *ast.BinaryExpression, hidden bool) bool {
	var operands []*ast.Expression
	var flatten func(e *ast.BinaryExpression)
	flatten = func(e *ast.BinaryExpression) {
		for _, side := range []*ast.Expression{&e.Left, &e.Right} {
			if inner, ok := (*side).(*ast.BinaryExpression); ok && inner.Operator == token.PLUS {
				flatten(inner)
			} else {
				operands = append(operands, side)
			}
		}
	}
	flatten(e)
	texts := make([]string, len(operands))
	for i, o := range operands {
		if literal, ok := (*o).(*ast.StringLiteral); ok {
			texts[i] = literal.Value.String()
		} else {
			*o = m.expression(*o, hidden)
		}
	}
	marked := m.strings(e.Idx0(), texts...)
	for i, replaced := range marked {
		if replaced != nil {
			*operands[i] = replaced
		}
	}
	return marked != nil
}

// strings returns calls that stand for strings with expressions between them, nil
// for those that need none; nil where none does.
func (m *marker) strings(at file.Idx, texts ...string) []ast.Expression {
	whole := strings.Join(texts, gap)
	if !strings.ContainsAny(whole, "{}") || strings.Count(whole, gap) != len(texts)-1 {
		return nil
	}
	split := [][]piece{nil}
	any := false
	for _, p := range findBraces(whole) {
		if p.mark != 0 {
			any = true
			split[len(split)-1] = append(split[len(split)-1], p)
			continue
		}
		for i, text := range strings.Split(p.text, gap) {
			if i > 0 {
				split = append(split, nil)
			}
			if text != "" {
				split[len(split)-1] = append(split[len(split)-1], piece{text: text})
			}
		}
	}
	if !any {
		return nil
	}
	inner := m.isInner(at)
	calls := make([]ast.Expression, len(texts))
	for i, pieces := range split {
		if slices.ContainsFunc(pieces, func(p piece) bool { return p.mark != 0 }) {
			calls[i] = call(at, "mark", &ast.NumberLiteral{Idx: at, Literal: itoa(len(m.literals)), Value: int64(len(m.literals))})
			m.literals = append(m.literals, literal{pieces: pieces, inner: inner})
		}
	}
	return calls
}

// call is a call of a function of the importer.
func call(at file.Idx, function string, arguments ...ast.Expression) ast.Expression {
	return &ast.CallExpression{
		Callee: &ast.DotExpression{
			Left:       &ast.Identifier{Name: "__miniboss", Idx: at},
			Identifier: ast.Identifier{Name: unistring.String(function), Idx: at},
		},
		LeftParenthesis: at, ArgumentList: arguments, RightParenthesis: at,
	}
}

func written(e ast.Expression, hidden bool) ast.Expression {
	if hidden {
		return call(e.Idx0(), "writtenHidden", e)
	}
	return call(e.Idx0(), "written", e)
}

// gapReference is a reference in which expressions may stand.
var gapReference = lazyregexp.New(`^\{(?:[A-Za-z_$` + gap + `][A-Za-z0-9_$` + gap + `]*(?:\.[A-Za-z_$` + gap + `][A-Za-z0-9_$` + gap + `]*|\[[0-9` + gap + `]+\])*)\}`)

// findBraces takes a text apart at the braces that have a meaning, as
// runtime.ParseTemplate does.
func findBraces(s string) []piece {
	var pieces []piece
	var open []bool // true: opened by {{
	plain := 0
	add := func(at, length int, kind braceMark) {
		if at > plain {
			pieces = append(pieces, piece{text: s[plain:at]})
		}
		pieces = append(pieces, piece{mark: kind})
		plain = at + length
	}
	for i := 0; i < len(s); {
		rest := s[i:]
		inside := len(open) > 0
		escaped := inside && open[len(open)-1]
		switch {
		case strings.HasPrefix(rest, "{{"):
			open = append(open, true)
			add(i, 2, markDoubleOpen)
			i += 2
		case rest[0] == '{':
			if m := gapReference.FindStringSubmatch(rest); m != nil {
				add(i, 1, markOpen)
				i += len(m[0])
				add(i-1, 1, markClose)
				continue
			}
			open = append(open, false)
			i++
		case strings.HasPrefix(rest, "}}") && (escaped || !inside):
			if inside {
				open = open[:len(open)-1]
			}
			add(i, 2, markDoubleClose)
			i += 2
		case rest[0] == '}' && inside:
			open = open[:len(open)-1]
			i++
		default:
			i++
		}
	}
	if plain < len(s) {
		pieces = append(pieces, piece{text: s[plain:]})
	}
	return pieces
}
