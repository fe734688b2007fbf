package js

import (
	"fmt"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/miniboss/miniboss/runtime/spec"
)

// explainByName is explain for variables of process.env that the file read while it
// ran: const token = process.env.TOKEN. That cannot be evaluated again, so a field
// is traced by the names in it.
func (c *class) explainByName(fields map[string]any) {
	names := c.h.missingNames()
	if len(names) == 0 {
		return
	}
	for field := range fields {
		fields[field] = c.blameNames(names, field, fields[field])
	}
}

func (c *class) blameNames(names map[string]spec.Missing, field string, v any) any {
	switch v := v.(type) {
	case spec.Undefined:
		if missing, ok := c.classSource.mentions(field, names); ok {
			return missing
		}
	case string:
		if missing, ok := c.classSource.mentions(field, names); ok && strings.Contains(v, "undefined") {
			return missing
		}
	case []any:
		for i := range v {
			v[i] = c.blameNames(names, fmt.Sprintf("%s[%d]", field, i), v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = c.blameNames(names, field+"."+key, v[key])
		}
	}
	return v
}

// mentions returns the value that is not there of which a field's source has the
// name.
func (p *classSource) mentions(field string, names map[string]spec.Missing) (found spec.Missing, ok bool) {
	for at := p; at != nil && !ok; at = at.base {
		at.once.Do(at.parse)
		walk(at.values[field], func(node any) bool {
			if id, isName := node.(*ast.Identifier); isName && !ok {
				found, ok = names[id.Name.String()]
			}
			return !ok
		})
	}
	return found, ok
}

// missingNames are the variables at the top level of the bundle that were made of
// what was not there.
func (h *host) missingNames() map[string]spec.Missing {
	names := map[string]spec.Missing{}
	program, err := parser.ParseFile(nil, "", h.program.bundle.code, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return names
	}
	walk(program.Body, func(node any) bool {
		switch n := node.(type) {
		case *ast.ClassLiteral:
			return false
		case *ast.Binding:
			h.missingIn(names, n)
		}
		return true
	})
	return names
}

// missingIn notes the names that a declaration gives to what is not there: const
// a = process.env.A, const { A, B: b } = process.env.
func (h *host) missingIn(names map[string]spec.Missing, b *ast.Binding) {
	switch target := b.Target.(type) {
	case *ast.Identifier:
		if b.Initializer == nil {
			return
		}
		walk(b.Initializer, func(node any) bool {
			if dot, ok := node.(*ast.DotExpression); ok {
				if missing, ok := h.fileMissed(dot.Identifier.Name.String(), dot.Left); ok {
					names[target.Name.String()] = missing
				}
			}
			_, isFunction := node.(*ast.FunctionLiteral)
			return !isFunction
		})
	case *ast.ObjectPattern:
		for _, property := range target.Properties {
			switch p := property.(type) {
			case *ast.PropertyShort:
				if missing, ok := h.fileMissed(p.Name.Name.String(), b.Initializer); ok {
					names[p.Name.Name.String()] = missing
				}
			case *ast.PropertyKeyed:
				id, named := p.Value.(*ast.Identifier)
				if missing, ok := h.fileMissed(keyName(p.Key), b.Initializer); ok && named {
					names[id.Name.String()] = missing
				}
			}
		}
	}
}

// fileMissed is what was not there under a key while the file ran. Of process.env
// only: another object may be of anything.
func (h *host) fileMissed(key string, of ast.Expression) (spec.Missing, bool) {
	env, ok := of.(*ast.DotExpression)
	if !ok || env.Identifier.Name != "env" {
		return spec.Missing{}, false
	}
	for _, missing := range h.fileMisses {
		if missing.Path == key && missing.Source == "process.env" {
			return missing, true
		}
	}
	return spec.Missing{}, false
}
