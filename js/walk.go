package js

import (
	"reflect"

	"github.com/dop251/goja/ast"
)

// walk visits a node of goja's syntax tree and all below it; where visit
// returns false, those below are left out. goja has no visitor of its own; this
// one is slow and meant for single functions and small files.
func walk(node any, visit func(node any) bool) {
	walkValue(reflect.ValueOf(node), visit)
}

func walkValue(v reflect.Value, visit func(any) bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			walkValue(v.Elem(), visit)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if _, ok := v.Interface().(ast.Node); ok && !visit(v.Interface()) {
			return
		}
		walkValue(v.Elem(), visit)
	case reflect.Struct:
		for i := range v.NumField() {
			// What a scope declares is in its statements as well.
			if f := v.Type().Field(i); f.IsExported() && f.Name != "DeclarationList" && f.Name != "File" {
				walkValue(v.Field(i), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(v.Index(i), visit)
		}
	}
}
