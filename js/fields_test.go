package js

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

// fieldNames are fields of a service and hooks, in any of which anything may
// stand.
var fieldNames = []string{
	"name", "image", "entrypoint", "cmd", "user", "workingDir", "dependencies", "env", "ports", "volumes", "alwaysStartNew",
	"stopSignal", "buildFrom", "dockerfile", "buildArgs", "buildTarget", "labels", "extraHosts", "tmpfs", "capAdd", "devices",
	"memory", "cpus", "shmSize", "init", "privileged", "restart", "platform", "pingTimeout", "stopTimeout", "oneShot", "sync",
	"ping", "preStart", "configure", "constructor", "__proto__", "toString", "then",
}

// oddValues are expressions that no field expects.
var oddValues = []string{
	"undefined", "null", "NaN", "-0", "1e400", "10n", "Symbol('s')", "() => 1", "class {}", "Service", "new Date()", "new Map([[1, 2]])",
	"new Proxy({}, {})", "new Proxy([], { get() { throw 1; } })", "new Proxy({}, { ownKeys() { throw new Error('x'); } })",
	"new Proxy(() => {}, { get() { throw null; } })", "{ get a() { throw undefined; } }", "Object.create(null)", "Object.create({ a: 1 })",
	"new Array(1e6)", "new Array(4294967295)", "[,,1]", "(() => { const a = []; a.push(a); return a; })()",
	"(() => { let a = {}; for (let i = 0; i < 1000; i++) a = { a }; return a; })()", "Promise.resolve(1)", "Promise.reject(1)", "/x/",
	"new String('s')", "Object(1n)", "globalThis", "context", "context.a.b", "`${context.a}`", "context.a * 2", "[context]", "{ [Symbol('x')]: 1 }",
	"new (class { get constructor() { throw 1; } })()", "'\\ud800'", "'\\0'", "new Uint8Array(3)", "Array.from({ length: 3 }, () => context.x)",
	"(function () { return arguments; })(1)", "new Error('e')", "this", "(async () => { throw 1; })()", "function* () {}", "{ then() { throw 1; } }",
	"{ toJSON() { throw 1; } }", "{ __proto__: { a: 1 } }", "new WeakMap()", "Math", "JSON.parse", "eval", "[[[[[[[[]]]]]]]]",
}

// TestAnyValueInAnyField has every odd value in every field: that may be an
// error of the definition or one with a position, and never a panic.
func TestAnyValueInAnyField(t *testing.T) {
	t.Parallel()
	for i, value := range oddValues {
		var source strings.Builder
		source.WriteString("import { Service, context } from \"miniboss\";\n")
		for j, field := range fieldNames {
			if field == "constructor" {
				field = `["constructor"]`
			}
			fmt.Fprintf(&source, "export class C%d extends Service { name = \"c%d\"; image = \"i\"; %s = (%s); }\n", j, j, field, value)
		}
		loadAnything(t, fmt.Sprintf("value %d: %s", i, value), source.String())
	}
}

// TestRandomJSON has random JSON values in every field.
func TestRandomJSON(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 30 {
		var source strings.Builder
		source.WriteString("import { Service } from \"miniboss\";\n")
		for j := range 10 {
			fmt.Fprintf(&source, "export class C%d extends Service { name = \"c%d\"; image = \"i\";", j, j)
			for _, field := range fieldNames[:len(fieldNames)-7] {
				if r.IntN(4) == 0 {
					fmt.Fprintf(&source, " %s = %s;", field, randomJSON(r, 0))
				}
			}
			source.WriteString(" }\n")
		}
		loadAnything(t, fmt.Sprintf("file %d", i), source.String())
	}
}

func loadAnything(t *testing.T, what, source string) {
	t.Helper()
	dir := t.TempDir()
	f, err := Load(t.Context(), Options{File: write(t, dir, "miniboss.js", source), WorkDir: dir, OnError: func(*Error) {}})
	if f != nil {
		f.Close()
	}
	var definition *spec.DefinitionError
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "internal error"), strings.Contains(err.Error(), "goroutine"):
		t.Fatalf("%s: %v", what, err)
	case errors.As(err, &definition):
		for _, p := range definition.Problems {
			if p.Class == "" || p.Pos.Line == 0 || p.Found == "" {
				t.Errorf("%s: %+v", what, p)
			}
		}
	default:
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Pos.Line == 0 {
			t.Errorf("%s: %v", what, describeError(err))
		}
	}
}

func randomJSON(r *rand.Rand, depth int) string {
	text := func() string {
		words := []string{"", "a", "80", "80/tcp", "./x:/y", "{user.id}", "{", "}}", "SIGINT", "512m", "ä\n\"", "../..", "appdb", "=", "0", "-1", "1e9"}
		b, _ := json.Marshal(words[r.IntN(len(words))])
		return string(b)
	}
	switch n := r.IntN(8); {
	case n == 0:
		return "null"
	case n == 1:
		return fmt.Sprint(r.IntN(2) == 0)
	case n == 2:
		return fmt.Sprint(r.NormFloat64() * 1e5)
	case n == 3:
		return fmt.Sprint(r.IntN(70000) - 10)
	case n < 6 || depth > 3:
		return text()
	case n == 6:
		items := make([]string, r.IntN(4))
		for i := range items {
			items[i] = randomJSON(r, depth+1)
		}
		return "[" + strings.Join(items, ",") + "]"
	default:
		items := make([]string, r.IntN(4))
		for i := range items {
			items[i] = text() + ":" + randomJSON(r, depth+1)
		}
		return "{" + strings.Join(items, ",") + "}"
	}
}
