package typings_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/typings"
)

// language are the global names that the interpreter has by itself. GoError is
// goja's own.
const language = `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error
	EvalError Float32Array Float64Array Function GoError Infinity Int16Array Int32Array Int8Array JSON Map Math NaN
	Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError
	URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent
	encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape`

// places are what the bundler puts in where a file names them, so that they are
// no globals: each file has its own.
const places = `__dirname __filename`

// TestNames compares, both ways, the names that a service file finds when it
// runs with those that are declared.
func TestNames(t *testing.T) {
	t.Parallel()
	bound := run(t)
	without := func(names []string, drop string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(strings.Fields(drop), n) })
	}
	d := declarations(typings.Declarations)
	module := d.block(`declare module "miniboss" {`)

	match(t, "globals", without(bound["globals"], language),
		without(module.block("  global {").names(`(?:function|var) (\w+)`), places))
	// default is the module itself, for import miniboss from "miniboss".
	match(t, "miniboss", without(bound["miniboss"], "default"),
		module.names(`export (?:abstract )?(?:class|function|const) (\w+)`))
	match(t, "Service.prototype", bound["Service"], without(module.block("  export abstract class Service {").names(member), "name image"))
	match(t, "Suite.prototype", bound["Suite"], without(module.block("  export abstract class Suite {").names(member), "name"))

	for name, names := range bound {
		if inner, ok := strings.CutPrefix(name, "interface "); ok {
			declared, isHere := module.members(inner)
			if !isHere {
				t.Errorf("interface %s is not declared", inner)
			}
			match(t, inner, names, declared)
		}
	}

	var modules []string
	for _, m := range regexp.MustCompile(`(?m)^declare module "\*(node:[\w/]+)" \{`).FindAllStringSubmatch(typings.Declarations, -1) {
		modules = append(modules, m[1])
		block := d.block(fmt.Sprintf("declare module %q {", "*"+m[1]))
		declared := block.names(`\s*(?:export import|function|const|var|class) (\w+)`)
		if base := regexp.MustCompile(`(?m)^  import \w+ = require\("\?(node:\w+)"\);\n  // @ts-ignore\n  export = \w+;`).FindStringSubmatch(string(block)); base != nil {
			declared = d.block(fmt.Sprintf("declare module %q {", "*"+base[1])).names(`\s*(?:export import|function|const|var|class) (\w+)`)
		}
		switch {
		case m[1] == "node:assert" || m[1] == "node:assert/strict": // a function, with its members in a namespace
			declared = without(declared, "assert")
		case strings.HasPrefix(m[1], "node:path"):
			declared = d.block(`declare module "*node:path" {`).block("    interface PlatformPath {").names(member)
		}
		if m[1] == "node:process" { // export = process
			declared, _ = module.members("MinibossProcess")
			declared = without(declared, "exit") // it is there only to say that it is not
		}
		match(t, m[1], without(bound[m[1]], "default exit"), declared)
	}
	match(t, "modules", bound["modules"], modules)
	// The same without "node:".
	var short []string
	for _, m := range regexp.MustCompile(`(?m)^declare module "([a-z_]+(?:/\w+)?)" \{`).FindAllStringSubmatch(typings.Declarations, -1) {
		if m[1] != "miniboss" {
			short = append(short, "node:"+m[1])
		}
	}
	match(t, "modules without node:", bound["modules"], short)
	for _, m := range regexp.MustCompile(`(?m)^declare module "(path|assert|process)" \{`).FindAllStringSubmatch(typings.Declarations, -1) {
		block := d.block(fmt.Sprintf("declare module %q {", m[1]))
		match(t, m[1], without(bound["node:"+m[1]], "default exit assert"), block.names(`export (?:import|const) (\w+)`))
	}
}

// TestPlaces has a file ask for what is declared of its place, and import what is
// declared as text.
func TestPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	members, ok := declarations(typings.Declarations).block(`declare module "miniboss" {`).members("MinibossImportMeta")
	if !ok {
		t.Fatal("interface MinibossImportMeta is not declared")
	}
	var source, want strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^declare module "\./\*(\.\w+)" \{`).FindAllStringSubmatch(typings.Declarations, -1) {
		if err := os.WriteFile(filepath.Join(dir, "text"+m[1]), []byte("it is "+m[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&source, "import text%s from \"./text%s\"; console.log(text%[1]s);\n", m[1][1:], m[1])
		fmt.Fprintf(&want, "it is %s\n", m[1])
	}
	for _, name := range append(strings.Fields(places), members...) {
		expression := name
		if slices.Contains(members, name) {
			expression = "import.meta." + name
		}
		fmt.Fprintf(&source, "console.log(%q, typeof %[1]s);\n", expression)
		kind := "string"
		if name == "main" {
			kind = "boolean"
		}
		fmt.Fprintf(&want, "%s %s\n", expression, kind)
	}
	source.WriteString("import { Service } from \"miniboss\"; export class A extends Service { name = \"a\"; image = \"a\"; }\n")
	if got := load(t, dir, source.String()) + "\n"; got != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}

// TestFields compares, both ways, the names that mean something on a service
// with those that are declared.
func TestFields(t *testing.T) {
	t.Parallel()
	service := declarations(typings.Declarations).block(`declare module "miniboss" {`)
	declared := append(service.block("  export interface Service extends Misspelt {").names(member), "name", "image")
	match(t, "fields and hooks", append(known(t, "fieldNames"), known(t, "hookNames")...), declared)

	// What the editor calls misspelt the runtime must refuse, with the same name.
	text := service.block("  interface Misspelt {")
	pairs := regexp.MustCompile(`(?m)^    (\w+)\?: (?:Meant<"(\w+)">|NoField);`).FindAllStringSubmatch(string(text), -1)
	if len(pairs) < 90 {
		t.Fatalf("found only %d misspelt names", len(pairs))
	}
	for _, pair := range pairs {
		_, problems := spec.ParseDefinition(map[string]any{"name": "a", "image": "a", pair[1]: "x"}, t.TempDir(), spec.AtLoad)
		if len(problems) != 1 || problems[0].Field != pair[1] || problems[0].Accepted != pair[2] {
			t.Errorf("%s, which is declared to mean %s: the runtime says %v", pair[1], pair[2], problems)
		}
	}
}

// TestSuiteFields is TestFields for suites.
func TestSuiteFields(t *testing.T) {
	t.Parallel()
	module := declarations(typings.Declarations).block(`declare module "miniboss" {`)
	declared := append(module.block("  export interface Suite extends MisspeltInSuites {").names(member), "name")
	match(t, "fields and methods", append(known(t, "suiteFieldNames"), known(t, "suiteHookNames")...), declared)
	pairs := regexp.MustCompile(`(?m)^    (\w+)\?: Meant<"(\w+)">;`).FindAllStringSubmatch(string(module.block("  interface MisspeltInSuites {")), -1)
	if len(pairs) < 5 {
		t.Fatalf("found only %d misspelt names", len(pairs))
	}
	for _, pair := range pairs {
		_, problems := spec.ParseSuite(map[string]any{"name": "a", pair[1]: spec.Opaque{Kind: "a function"}}, []string{"testIt"}, t.TempDir(), spec.AtLoad)
		if len(problems) != 1 || problems[0].Field != pair[1] || problems[0].Accepted != pair[2] {
			t.Errorf("%s, which is declared to mean %s: the runtime says %v", pair[1], pair[2], problems)
		}
	}
}

// match fails for each name that one side has and the other lacks.
func match(t *testing.T, what string, bound, declared []string) {
	t.Helper()
	if len(bound) == 0 && len(declared) > 0 {
		t.Errorf("%s: nothing was found at run time", what)
	}
	for _, name := range bound {
		if !slices.Contains(declared, name) {
			t.Errorf("%s: %s is there at run time, but not declared", what, name)
		}
	}
	for _, name := range declared {
		if !slices.Contains(bound, name) {
			t.Errorf("%s: %s is declared, but not there at run time", what, name)
		}
	}
}

// declarations is text in the form of miniboss.d.ts: two spaces for each level.
type declarations string

// block returns what stands between a line and the brace that closes it.
func (d declarations) block(line string) declarations {
	_, rest, ok := strings.Cut("\n"+string(d), "\n"+line+"\n")
	if !ok {
		panic("the declarations have no " + line)
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	inner, _, _ := strings.Cut("\n"+rest, "\n"+indent+"}\n")
	return declarations(inner + "\n")
}

// member matches a property or a method of a class or interface.
const member = `(?:readonly |abstract )?(\w+)\??[(:<]`

// names returns what a pattern finds in the lines of the first level.
func (d declarations) names(pattern string) []string {
	re := regexp.MustCompile(`^` + pattern)
	var names []string
	level := -1
	for line := range strings.Lines(string(d)) {
		text := strings.TrimLeft(line, " ")
		if strings.TrimSpace(text) == "" {
			continue
		}
		indent := len(line) - len(text)
		if level < 0 {
			level = indent
		}
		if strings.HasPrefix(pattern, `\s*`) || indent == level {
			if m := re.FindStringSubmatch(text); m != nil && !slices.Contains(names, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	return names
}

// members returns the members of an interface, those of its base included.
func (d declarations) members(name string) (names []string, ok bool) {
	m := regexp.MustCompile(`(?m)^  (?:export )?interface ` + name + `(?: extends (\w+)\S*.*?)? \{$`).FindStringSubmatch(string(d))
	if m == nil {
		return nil, false
	}
	names = slices.DeleteFunc(d.block(m[0]).names(member), func(n string) bool { return n == "new" })
	if strings.HasPrefix(m[1], "Miniboss") {
		base, _ := d.members(m[1])
		names = append(names, base...)
	}
	return names, true
}

// known returns the texts in a function of the core that lists names.
func known(t *testing.T, function string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../runtime/spec/nearmiss.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == function {
			ast.Inspect(f, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					name, _ := strconv.Unquote(literal.Value)
					names = append(names, name)
				}
				return true
			})
		}
	}
	if len(names) == 0 {
		t.Fatalf("runtime has no function %s with names any more", function)
	}
	return names
}

// run loads a service file that tells what it finds.
func run(t *testing.T) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	// The error for a module that there is not lists those that there are.
	text := load(t, dir, `import "node:nothing";`)
	modules := regexp.MustCompile(`node:[a-z_]+(?:/[a-z0-9]+)?`).FindAllString(text[strings.LastIndex(text, ": there are "):], -1)
	var file strings.Builder
	for i, name := range modules {
		fmt.Fprintf(&file, "import * as module%d from %q;\n", i, name)
	}
	file.WriteString(`
		import * as miniboss from "miniboss";
		const { Service, Suite, probe, log, sql, redis } = miniboss;
		export class A extends Service { name = "a"; image = "a"; }
		const found = {};
		const note = (what, ...objects) => {
			const names = new Set(objects.flatMap(Object.getOwnPropertyNames));
			for (const name of ["constructor", "prototype"]) names.delete(name);
			found[what] = [...names];
		};
		// A class has a name and a length, as any function.
		const statics = (what, f) => {
			note(what, f);
			found[what] = found[what].filter((name) => name !== "name" && name !== "length");
		};
		// What a class says of itself, with what it inherits of our own.
		const classes = (...list) => {
			for (const [name, c] of list) {
				const chain = [];
				for (let p = c.prototype; p && p !== Object.prototype && p !== Error.prototype && p !== Object.getPrototypeOf(Uint8Array.prototype)
					&& p !== Uint8Array.prototype; p = Object.getPrototypeOf(p)) chain.push(p);
				note("interface Miniboss" + name, ...chain);
			}
		};
		note("globals", globalThis);
		note("miniboss", miniboss);
		note("Service", Service.prototype);
		note("Suite", Suite.prototype);
		note("interface Probe", probe);
		note("interface Log", log);
		note("interface Database", Object.getPrototypeOf(sql("postgres://localhost/a")));
		note("interface Redis", Object.getPrototypeOf(redis("redis://localhost")));
		note("interface MinibossConsole", console);
		note("interface MinibossProcess", process);
		note("interface MinibossPerformance", performance);
		note("interface MinibossCrypto", crypto);
		note("interface Timer", Object.getPrototypeOf(setTimeout(() => {}, 0)));
		classes(["URLSearchParams", URLSearchParams], ["TextEncoder", TextEncoder], ["TextDecoder", TextDecoder],
			["Headers", Headers], ["Blob", Blob], ["File", File], ["FormData", FormData], ["Response", Response],
			["AbortController", AbortController], ["AbortSignal", AbortSignal], ["URL", URL]);
	`)
	for i, name := range modules {
		fmt.Fprintf(&file, "note(%q, module%d);\n", name, i)
	}
	file.WriteString(`console.log(JSON.stringify(found));`)
	text = load(t, dir, file.String())
	found := map[string][]string{}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatalf("the file says: %s", text)
	}
	found["modules"] = modules
	return found
}

// load returns what a file writes, or how it fails.
func load(t *testing.T, dir, source string) string {
	t.Helper()
	path := filepath.Join(dir, "miniboss.js")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	var lines []string
	file, err := js.Load(t.Context(), js.Options{File: path, WorkDir: dir, Env: []string{}, Console: func(l js.Line) { lines = append(lines, l.Text) }})
	if err != nil {
		if build, ok := errors.AsType[*js.BuildError](err); ok {
			return build.Error()
		}
		t.Fatal(err)
	}
	file.Close()
	return strings.Join(lines, "\n")
}
