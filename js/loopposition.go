package js

import (
	"cmp"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/miniboss/miniboss/runtime/spec"
)

// spinning points the error of an interrupted script at its loop. goja knows no
// places of loops: of while (true) {} it tells the last thing before, which may
// be the head of the hook or another class.
func (h *host) spinning(e *Error, stack []goja.StackFrame) {
	if len(stack) == 0 || len(e.Frames) == 0 || h.program == nil {
		return
	}
	src, at := h.sources.find(stack[0].Position())
	if src == nil || at != e.Pos {
		return // it is in a package, or in what miniboss brings along
	}
	program, err := parser.ParseFile(nil, bundleName, h.program.bundle.code, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return
	}
	base := program.File.Base()
	span := func(n ast.Node) spanned { return spanned{int(n.Idx0()) - base, int(n.Idx1()) - base, n} }
	var functions, loops []spanned
	names := map[ast.Node]string{}
	begins := spanned{}    // the function whose head the place is
	last := -1             // where the bundle has the place
	var seen spec.Position // of last
	walk(program.Body, func(node any) bool {
		n := node.(ast.Node)
		pos := h.positionAt(int(n.Idx0()) - base)
		switch n := n.(type) {
		case *ast.MethodDefinition:
			names[n.Body] = keyName(n.Key)
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
			if f, ok := n.(*ast.FunctionLiteral); ok && f.Name != nil {
				names[n] = f.Name.Name.String()
			}
			functions = append(functions, span(n))
			if pos == at {
				begins = span(n)
			}
		case *ast.WhileStatement, *ast.DoWhileStatement, *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement:
			loops = append(loops, span(n))
		}
		if from := int(n.Idx0()) - base; pos.File == at.File && !before(at, pos) && !before(pos, seen) && (pos != seen || from > last) {
			last, seen = from, pos
		}
		return true
	})
	if begins.node != nil {
		// It runs that function, or made it and runs on.
		last = begins.from
		if maker := innermost(functions, begins.from-1); maker.node != nil && names[maker.node] != "" && names[maker.node] == stack[0].FuncName() {
			last = begins.to
		}
	}
	if last < 0 {
		return
	}
	if loop := spinningLoop(functions, loops, last); loop.node != nil {
		if src, pos := h.sources.find(h.program.file.Position(loop.from)); src != nil {
			e.Pos, e.Frames[0].Pos, e.Line = pos, pos, src.line(pos.Line)
		}
	}
}

// spanned is a node and where it is in the bundle.
type spanned struct {
	from, to int
	node     ast.Node
}

func (s spanned) holds(offset int) bool { return s.from <= offset && offset < s.to }

// innermost is the smallest one that holds an offset.
func innermost(among []spanned, offset int) spanned {
	var found spanned
	for _, s := range among {
		if s.holds(offset) && (found.node == nil || s.to-s.from < found.to-found.from) {
			found = s
		}
	}
	return found
}

// spinningLoop is the loop in which a script runs of which the last known place
// is given: the next one of the same function. Where the place is in a loop
// itself, it is as good as that, unless an empty loop follows in there.
func spinningLoop(functions, loops []spanned, last int) spanned {
	function := innermost(functions, last)
	around := innermost(loops, last)
	if around.node != nil && innermost(functions, around.from).node != function.node {
		around = spanned{} // a loop around the function
	}
	var next spanned
	for _, loop := range loops {
		switch {
		case loop.from <= last, innermost(functions, loop.from).node != function.node:
		case around.node != nil && (!around.holds(loop.from) || !isEmpty(loop.node)):
		case next.node == nil || cmp.Less(loop.from, next.from):
			next = loop
		}
	}
	return next
}

// isEmpty reports whether a loop does nothing again and again.
func isEmpty(loop ast.Node) bool {
	var body ast.Statement
	switch l := loop.(type) {
	case *ast.WhileStatement:
		body = l.Body
	case *ast.DoWhileStatement:
		body = l.Body
	case *ast.ForStatement:
		body = l.Body
	}
	switch b := body.(type) {
	case *ast.EmptyStatement:
		return true
	case *ast.BlockStatement:
		return len(b.List) == 0
	}
	return false
}
