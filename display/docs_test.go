package display

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestDocumentation compares docs/progress.md with what there is.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/progress.md")
	if err != nil {
		t.Fatal(err)
	}
	what, tables, found := strings.Cut(string(text), "\n| field |")
	fields, phases, foundPhases := strings.Cut(tables, "\n| phase |")
	if !found || !foundPhases {
		t.Fatal("the tables are not found")
	}
	sameNames(t, "forms", firstColumn(what), Forms())
	sameNames(t, "fields", firstColumn(fields), fieldsOf(reflect.TypeFor[jsonEvent](), ""))
	sameNames(t, "phases", firstColumn(phases), phasesIn(t, "../runtime/event.go"))
}

func sameNames(t *testing.T, what string, documented, there []string) {
	t.Helper()
	for _, name := range documented {
		if !slices.Contains(there, name) {
			t.Errorf("%s: docs/progress.md tells of %s, which does not exist", what, name)
		}
	}
	for _, name := range there {
		if !slices.Contains(documented, name) {
			t.Errorf("%s: docs/progress.md does not tell of %s", what, name)
		}
	}
}

var rowBegin = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

func firstColumn(text string) (names []string) {
	for _, row := range rowBegin.FindAllStringSubmatch(text, -1) {
		names = append(names, row[1])
	}
	return names
}

// fieldsOf lists the JSON names of a type: progress, progress.step, ports[].host.
func fieldsOf(of reflect.Type, prefix string) (names []string) {
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, prefix+name)
		inner, path := field.Type, prefix+name+"."
		switch inner.Kind() {
		case reflect.Pointer:
			inner = inner.Elem()
		case reflect.Slice:
			inner, path = inner.Elem(), prefix+name+"[]."
		}
		if inner.Kind() == reflect.Struct && inner.PkgPath() == of.PkgPath() {
			names = append(names, fieldsOf(inner, path)...)
		}
	}
	return names
}

// phasesIn reads the constants of type Phase from a file.
func phasesIn(t *testing.T, path string) (phases []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Phase" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			phases = append(phases, value)
		}
		return true
	})
	return phases
}
