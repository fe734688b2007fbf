package js

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/miniboss/miniboss/runtime"
)

// mark stands before the place in a source where an error is expected.
const mark = "§"

// errorCase is a file that fails, at load or in the hook postStart of the
// service "a", with the message and the place that a user must see. A text
// without a class is the body of that hook. More files stand below the first,
// as in a txtar archive; file is the name of the first.
type errorCase struct {
	name, file, source, message string
}

var errorCases = []errorCase{
	{"type error", "", `const x = {}; x.y.§z;`, "TypeError: Cannot read property 'z' of undefined"},
	{"unknown name", "", `§nope();`, "ReferenceError: nope is not defined"},
	{"not a function", "", `const o = { f: 1 }; o.§f();`, "TypeError: Value is not an object: 1"},
	{"assign to a constant", "miniboss.js", `
import { Service } from "miniboss";
export class A extends Service { name = "a"; image = "i"; }
const c = 1;
export const f = () => { §c = 2; };`, `cannot assign to "c" because it is a constant`},
	{"throw an Error", "", `throw §new Error("thrown")`, "thrown"},
	{"throw after await", "", `await null; throw §new TypeError("later")`, "TypeError: later"},
	{"throw of an own class", "", `class MyError extends Error { name = "MyError" }; throw §new MyError("mine")`, "MyError: mine"},
	{"throw a string", "", `await null; §throw "text"`, `threw "text"`},
	{"throw one of several", "", `if (Math.random() > 2) throw "other"; await null; §throw "text"`, `threw "text"`},
	{"throw an object", "", `§throw { code: 5, nested: { a: [1] } }`, "threw { code: 5, nested: { a: [ 1 ] } }"},
	{"throw null", "", `await null; §throw null`, "threw null"},
	{"throw undefined", "", `§throw undefined`, "threw undefined"},
	{"throw a number", "", `§throw 42`, "threw 42"},
	{"reject", "", `await Promise.reject(§new RangeError("rejected"))`, "RangeError: rejected"},
	{"reject with text", "", `await Promise.reject("rejected")`, `threw "rejected"`},
	{"in a helper", "", `const helper = (x) => x.y.§z; await null; helper({});`, "TypeError: Cannot read property 'z' of undefined"},
	{"in an async helper", "", `const helper = async (x) => { await null; return x.y.§z; }; await helper({});`, "TypeError: Cannot read property 'z' of undefined"},
	{"in a callback", "", `[1, 2].forEach((n) => { if (n === 2) throw §new Error("second"); });`, "second"},
	{"in a getter", "", `const o = { get x() { throw §new Error("getter"); } }; o.x;`, "getter"},
	{"in a generator", "", `function* g() { yield 1; throw §new Error("generated"); } [...g()];`, "generated"},
	{"in an async generator", "", `async function* g() { yield 1; throw §new Error("generated"); } for await (const x of g());`, "generated"},
	{"in a constructor", "", `class Foo { constructor() { throw §new Error("made"); } } new Foo();`, "made"},
	{"in toString", "", "const o = { toString() { throw §new Error('shown'); } }; `${o}`;", "shown"},
	{"in a static block", "", `class Foo { static { throw §new Error("static"); } }`, "static"},
	{"in a replacer", "", `"a".replace(/a/, () => { throw §new Error("replaced"); });`, "replaced"},
	{"in JSON.parse", "", `JSON.§parse("{oops");`, "SyntaxError: Expected property name or '}' in JSON at position 1"},
	{"in new URL", "", `§new URL("nonsense");`, `TypeError: Invalid URL`},
	{"in a regular expression", "", `§new RegExp("(");`, "SyntaxError: Unterminated group"},
	{"cause", "", `try { null.x } catch (e) { throw §new Error("outer", { cause: e }) }`, "outer: TypeError: Cannot read property 'x' of undefined"},
	{"rethrown", "", `try { throw §new Error("first") } catch (e) { await null; throw e }`, "first"},
	{"finally", "", `try { throw §new Error("kept") } finally { await null }`, "kept"},
	{"several at once", "", `await Promise.any([Promise.reject(new Error("one")), Promise.reject(new TypeError("two"))]);`, "AggregateError: one; TypeError: two"},
	{"several with a message", "", `throw §new AggregateError([new Error("one"), new TypeError("two")], "agg");`, "AggregateError: agg: one; TypeError: two"},
	{"of two at once", "", `await Promise.all([1, 2].map(async (n) => { await null; throw §new Error("n" + n); }));`, "n1"},
	{"a promise of Go", "", `await this.§exec("x");`, `service "a" has no container`},
	{"a promise of Go in a helper", "", `const helper = async () => { return await this.§exec("x"); }; await null; await helper();`, `service "a" has no container`},
	{"wrong argument", "", `await this.§exec(5);`, "TypeError: exec: the command must be a string or an array of strings, not 5"},
	{"context", "", `context.user = {}; await null; context.user.§f = () => 1;`, "TypeError: context.user.f cannot be a function: the context keeps JSON values only"},
	{"a tab and characters before it", "", "\tconst ä = '€😀'; throw §new Error(ä)", "€😀"},
	{"minified", "", strings.Repeat("void 0;", 100) + `throw §new Error("far")` + strings.Repeat(";void 0", 100), "far"},

	{"typescript", "miniboss.ts", `
import { Service } from "miniboss";
interface Thing { name: string }
type Names = string[]; enum Kind { A, B }
export class A extends Service {
  name = "a"; image = "i";
  private helper<T extends Thing>(x: T | undefined, ...names: Names): string { return (x as T).§name; }
  async postStart(): Promise<void> { await null; this.helper<Thing>(undefined, Kind[Kind.A]!); }
}`, "TypeError: Cannot read property 'name' of undefined"},
	{"at load", "miniboss.mts", `
import { Service } from "miniboss";
export class A extends Service { name = "a"; image = "i"; }
const n: number = 5;
(n as any).toFixed(1).§nope();`, "TypeError: Object has no member 'nope'"},
	{"at load after await", "miniboss.mjs", `
import { Service } from "miniboss";
export class A extends Service { name = "a"; image = "i"; }
await Promise.resolve();
throw §new Error("top level");`, "top level"},
	{"commonjs", "miniboss.cjs", `
const { Service } = require("miniboss");
module.exports = class A extends Service { name = "a"; image = "i"; postStart() { throw §new Error("cjs"); } };`, "cjs"},
	{"in a field", "", `
import { Service } from "miniboss";
export class A extends Service {
  name = "a";
  image = JSON.§parse("x");
}`, "SyntaxError: Unexpected token 'x', \"x\" is not valid JSON"},
	{"in a base class", "", `
import { Service } from "miniboss";
class Base extends Service { image = this.pick(); pick() { throw §new Error("not picked"); } }
export class A extends Base { name = "a"; }`, "not picked"},
	{"windows line ends", "", strings.ReplaceAll(`
import { Service } from "miniboss";
export class A extends Service {
  name = "a"; image = "i";
  postStart() {
    throw §new Error("crlf");
  }
}`, "\n", "\r\n"), "crlf"},
}

func TestErrorPositions(t *testing.T) {
	t.Parallel()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(slow.Close)
	for _, c := range slices.Concat(errorCases, errorCasesElsewhere) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			source, name := strings.ReplaceAll(c.source, "SLOW", slow.URL), c.file
			if name == "" {
				name = "miniboss.js"
			}
			inHook := !strings.Contains(source, "miniboss")
			if inHook {
				source = "import { Service, context } from \"miniboss\";\nexport class A extends Service {\n  name = \"a\"; image = \"i\";\n  async postStart() {\n" + source + "\n  }\n}\n"
			}
			dir := t.TempDir()
			sources, want := writeMarked(t, dir, name, source)
			o := (&transcript{}).options(dir, name)
			o.Limit, o.CacheDir = 0, t.TempDir()
			e := failure(t, o)
			// The bundle of the cache has the same positions.
			kept := entries(t, o.CacheDir)
			if again := failure(t, o); describeError(again) != describeError(e) || again.Detail() != e.Detail() {
				t.Errorf("with the bundle of the cache\n%s\nand without\n%s", again.Detail(), e.Detail())
			}
			if !sameFiles(kept, entries(t, o.CacheDir)) {
				t.Error("the bundle of the cache was not used")
			}
			if e.Error() != c.message {
				t.Errorf("message %q, want %q", e, c.message)
			}
			if want != "" && e.Pos.String() != want {
				t.Errorf("at %s, want %s\n%s", e.Pos, want, e.Detail())
			}
			if e.Pos.Line > 0 && e.Line != strings.TrimRight(strings.Split(sources[e.Pos.File], "\n")[e.Pos.Line-1], "\r") {
				t.Errorf("line %q", e.Line)
			}
			for _, frame := range e.Frames {
				if _, ours := sources[frame.Pos.File]; !ours {
					t.Errorf("a frame at %s", frame.Pos)
				}
			}
			if inHook && (e.Service != "a" || e.Hook != "postStart") {
				t.Errorf("service %q, hook %q", e.Service, e.Hook)
			}
		})
	}
}

// failure returns the error that a file has when it is loaded or, later, in the
// hook postStart of its service.
func failure(t *testing.T, o Options) *Error {
	t.Helper()
	uncaught := make(chan *Error, 16)
	o.OnError = func(e *Error) { uncaught <- e }
	f, err := Load(t.Context(), o)
	if err == nil {
		defer f.Close()
		f.Bind(noContainers{})
		if err = f.Services[0].Hooks.PostStart(t.Context()); err == nil {
			err = firstOf(t, uncaught)
		}
	}
	if build, ok := errors.AsType[*BuildError](err); ok {
		err = build.Errors[0]
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	return e
}

// writeMarked writes the files of a case and returns their sources by name, and
// the place of the mark.
func writeMarked(t *testing.T, dir, name, source string) (sources map[string]string, want string) {
	sources = map[string]string{}
	archive := txtar.Parse([]byte(source))
	files := []txtar.File{{Name: name, Data: archive.Comment}}
	if len(archive.Files) == 0 {
		files[0].Data = []byte(source) // as it is, to the last line's end
	}
	for _, file := range append(files, archive.Files...) {
		text := string(file.Data)
		if before, after, ok := strings.Cut(text, mark); ok {
			text = before + after
			last := before[strings.LastIndex(before, "\n")+1:]
			want = fmt.Sprintf("%s:%d:%d", file.Name, strings.Count(before, "\n")+1, len(utf16.Encode([]rune(last)))+1)
		}
		sources[file.Name] = text
		write(t, dir, file.Name, text)
	}
	return sources, want
}

// firstOf returns the first error that nobody waited for.
func firstOf(t *testing.T, uncaught <-chan *Error) error {
	select {
	case e := <-uncaught:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was reported")
		return nil
	}
}

type noContainers struct{ scriptContainers }

func (noContainers) Exec(_ context.Context, service string, _ runtime.ExecOptions) (runtime.ExecResult, error) {
	return runtime.ExecResult{}, fmt.Errorf("service %q has no container", service)
}

// TestUncaught has errors that nobody waits for reported once, with their place.
func TestUncaught(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var mu sync.Mutex
	var reported []string
	done := make(chan struct{}, 16)
	f, err := Load(t.Context(), Options{WorkDir: dir, File: write(t, dir, "miniboss.ts", `
import { Service } from "miniboss";
export class A extends Service {
  name = "a"; image = "i";
  postStart() {
    setTimeout((): void => { throw new Error("timer"); }, 1);
    this.later();
    Promise.reject("text");
  }
  async later() { await null; null!.x; }
}
`), OnError: func(e *Error) {
		mu.Lock()
		defer mu.Unlock()
		reported = append(reported, fmt.Sprintf("%s %s %s: %s", e.Service, e.Hook, e.Pos, e))
		done <- struct{}{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Services[0].Hooks.PostStart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("not reported")
		}
	}
	f.Close()
	slices.Sort(reported) // a slow machine may run the timer first
	got := strings.Join(reported, "\n")
	want := `a postStart miniboss.ts:10:37: TypeError: Cannot read property 'x' of undefined
a postStart miniboss.ts:5:3: threw "text"
a postStart miniboss.ts:6:36: timer`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
