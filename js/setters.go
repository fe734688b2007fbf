package js

import (
	"strings"
	"sync"

	"github.com/dop251/goja/ast"
)

// setters knows which services have set which keys of the context. Any goroutine
// may use it.
type setters struct {
	mu    sync.Mutex // guards byKey
	byKey map[string]map[string]bool
}

func (s *setters) note(key, service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = map[string]map[string]bool{}
	}
	if s.byKey[key] == nil {
		s.byKey[key] = map[string]bool{}
	}
	s.byKey[key][service] = true
}

func (s *setters) has(key, service string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byKey[key][service]
}

// sets reports whether a hook of the class sets a key of the context: it has done
// so, or its source has it.
func (c *class) sets(key string) bool {
	return c.h.setters.has(key, c.service) || c.classSource.assigns(key)
}

// assigns reports whether a method assigns a key of the context, or a part of it.
func (p *classSource) assigns(key string) bool {
	for at := p; at != nil; at = at.base {
		at.once.Do(at.parse)
		for _, method := range at.methods {
			found := false
			walk(method, func(node any) bool {
				switch n := node.(type) {
				case *ast.AssignExpression:
					found = found || contextKey(n.Left) == key
				case *ast.UnaryExpression:
					found = found || n.Postfix && contextKey(n.Operand) == key
				case *ast.CallExpression:
					found = found || givesContext(n, key)
				}
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

// contextKey is the first key of what is read of the context: a of context.a.b, or
// "".
func contextKey(e ast.Expression) string {
	key := ""
	for {
		switch n := e.(type) {
		case *ast.DotExpression:
			if isContext(n) {
				return key
			}
			key, e = n.Identifier.Name.String(), n.Left
		case *ast.BracketExpression:
			key = ""
			if s, ok := n.Member.(*ast.StringLiteral); ok {
				key = s.Value.String()
			}
			e = n.Left
		default:
			if isContext(e) {
				return key
			}
			return ""
		}
	}
}

// isContext reports whether an expression is the context, as esbuild names it.
func isContext(e ast.Expression) bool {
	switch n := e.(type) {
	case *ast.Identifier:
		return strings.TrimRight(n.Name.String(), "0123456789") == "context"
	case *ast.DotExpression:
		on, ok := n.Left.(*ast.Identifier)
		return ok && n.Identifier.Name == "context" && strings.Contains(on.Name.String(), "miniboss")
	}
	return false
}

// givesContext reports whether a call is Object.assign(context, { key: … }).
func givesContext(call *ast.CallExpression, key string) bool {
	f, ok := call.Callee.(*ast.DotExpression)
	if !ok || f.Identifier.Name != "assign" || len(call.ArgumentList) < 2 || !isContext(call.ArgumentList[0]) {
		return false
	}
	for _, argument := range call.ArgumentList[1:] {
		object, ok := argument.(*ast.ObjectLiteral)
		if !ok {
			continue
		}
		for _, property := range object.Value {
			switch p := property.(type) {
			case *ast.PropertyKeyed:
				if keyName(p.Key) == key {
					return true
				}
			case *ast.PropertyShort:
				if p.Name.Name.String() == key {
					return true
				}
			}
		}
	}
	return false
}
