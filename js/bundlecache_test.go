package js

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// project is what most cases begin with: an import of each kind.
const project = `
-- miniboss.ts --
import { Service } from "miniboss";
import { tag } from "./lib/tag.js";
import { name } from "./name";
import data from "./data.json";
import text from "./text.txt";
try { console.log(require("./maybe/there.js").default); } catch {}
export class A extends Service { name = name; image = "i:" + tag + data.n + text.trim(); }
console.log(import.meta.dirname);
class Forgotten extends Service { name = "f"; image = "i"; }
-- lib/tag.js --
export const tag = "1";
-- name.js --
export const name = "a";
-- data.json --
{ "n": 1 }
-- text.txt --
t
`

// bundleCases change something after a first load. used says whether the bundle
// is good for a second one; never, that it is not kept at all.
var bundleCases = []struct {
	name, files string
	change      func(t *testing.T, dir string)
	used, never bool
}{
	{name: "nothing", used: true},
	{name: "a hidden file", change: put(".miniboss-context-x", "{}"), used: true},
	{name: "the file again", change: put("text.txt", "t\n"), used: true},
	{name: "the file, as long and as old", change: func(t *testing.T, dir string) {
		path := filepath.Join(dir, "lib", "tag.js")
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		put("lib/tag.js", `export const tag = "2";`+"\n")(t, dir)
		if err := os.Chtimes(path, before.ModTime(), before.ModTime()); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "the user's file", change: put("miniboss.ts", `import { Service } from "miniboss"; export class B extends Service { name = "b"; image = "b"; }`)},
	{name: "the user's file, broken", change: put("miniboss.ts", `import {`)},
	{name: "an import", change: put("name.js", `export const name = "b";`)},
	{name: "an import that is gone", change: remove("name.js")},
	{name: "JSON", change: put("data.json", `{ "n": 2 }`)},
	{name: "JSON, broken", change: put("data.json", `{ "n": `)},
	{name: "text", change: put("text.txt", "u")},
	{name: "a file that comes first", change: put("name.ts", `export const name: string = "ts";`)},
	{name: "a directory becomes a file that comes first", files: project + "-- name.ts/x --\n", change: func(t *testing.T, dir string) {
		remove("name.ts")(t, dir)
		put("name.ts", `export const name: string = "ts";`)(t, dir)
	}},
	{name: "a file that was not there", change: put("maybe/there.js", `export default "there";`)},
	{name: "a file before a directory", files: strings.Replace(project, "-- name.js --", "-- name/index.js --", 1), change: put("name.js", `export const name = "b";`)},
	{name: "package.json", change: put("package.json", `{ "type": "commonjs" }`)},
	{name: "package.json of an import", change: put("lib/package.json", `{ "sideEffects": false }`)},
	{name: "tsconfig.json above", change: put("../tsconfig.json", `{ "compilerOptions": { "useDefineForClassFields": false } }`)},
	{name: "tsconfig.json that changes", files: project + "-- tsconfig.json --\n{}\n", change: put("tsconfig.json", `{ "compilerOptions": { "alwaysStrict": true } }`)},
	{name: "jsconfig.json that goes", files: project + "-- jsconfig.json --\n{}\n", change: remove("jsconfig.json")},
	{name: "a link that leads elsewhere", files: strings.Replace(project, "./lib/", "./lib/link/sub/", 1) +
		"-- a/sub/tag.js --\nexport const tag = \"1\";\n-- b/sub/tag.js --\nexport const tag = \"1\";\n-- lib/link -> ../a --\n",
		change: link("lib/link", "../b")},
	{name: "a link to another file", files: project +
		"-- lib/a.js --\nexport default 1;\n-- lib/b.js --\nexport default 1;\n-- maybe/there.js -> ../lib/a.js --\n",
		change: link("maybe/there.js", "../lib/b.js")},

	{name: "a link to a file elsewhere", files: project + "-- lib/there.js --\nexport default 1;\n-- maybe/there.js -> ../lib/there.js --\n", used: true},
	{name: "a link to a file of another project", files: strings.Replace(project, "-- name.js --", "-- ../there/name.js --", 1) + "-- name.js -> ../there/name.js --\n", never: true},
	{name: "tsconfig.json extends another", files: project + "-- tsconfig.json --\n{ /* */ \"extends\": \"./base.json\" }\n-- base.json --\n{}\n", never: true},
	{name: "a package", files: strings.Replace(project, "./name", "name", 1) + "-- node_modules/name/index.js --\nexport const name = \"n\";\n", never: true},
	{name: "a file of a package", files: strings.Replace(project, "./name", "./node_modules/name", 1) + "-- node_modules/name.js --\nexport const name = \"n\";\n", never: true},
	{name: "imports of package.json", files: strings.Replace(project, "./name", "#name", 1) + "-- package.json --\n{ \"imports\": { \"#name\": \"./name.js\" } }\n", never: true},
	{name: "main of package.json", files: strings.Replace(project, "./name", "./dir", 1) + "-- dir/package.json --\n{ \"main\": \"../name.js\" }\n", never: true},
	{name: "paths of tsconfig.json", files: strings.Replace(project, "./name", "@/name", 1) + "-- tsconfig.json --\n{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./*\"] } } }\n", never: true},
	{name: "any file of a directory", files: project + "-- name.js --\nexport const name = (await import(\"./lib/\" + \"tag\".trim() + \".js\")).tag;\n", never: true},
	{name: "any file of an empty directory", files: project + "-- name.js --\nexport const name = \"a\", f = (x) => import(\"./lib/none/\" + x + \".js\");\n-- lib/none/x --\n", never: true},
	{name: "a suffix", files: strings.Replace(project, "./name", "./name.js?raw", 1), never: true},
	{name: "a source map", files: project + "-- name.js --\nexport const name = \"a\";\n//# sourceMappingURL=name.js.map\n", never: true},
	{name: "a hidden import", files: strings.Replace(project, "./name", "./.name", 1) + "-- .name.js --\nexport const name = \"h\";\n", never: true},
}

func put(name, text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) { write(t, dir, name, text) }
}

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func link(name, to string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		remove(name)(t, dir)
		check(t, os.Symlink(to, filepath.Join(dir, name)))
	}
}

func TestBundleCache(t *testing.T) {
	t.Parallel()
	for _, c := range bundleCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, cache := newProject(t, c.files), t.TempDir()
			if first := loaded(t, dir, cache); strings.Contains(first, "error: ") {
				t.Fatal(first)
			}
			kept := entries(t, cache)
			if (len(kept) == 0) != c.never {
				t.Fatalf("%d entries", len(kept))
			}
			if c.change != nil {
				c.change(t, dir)
			}
			got, want := loaded(t, dir, cache), loaded(t, dir, "")
			if got != want {
				t.Errorf("got\n%s\nwithout a cache\n%s", got, want)
			}
			// A load that bundles and comes to an end makes another entry.
			bundles := !strings.Contains(want, "error: ")
			if now := entries(t, cache); !c.never && bundles && sameFiles(kept, now) != c.used {
				t.Errorf("used: %v", !c.used)
			}
			if again := loaded(t, dir, cache); again != want {
				t.Errorf("got\n%s\nwithout a cache\n%s", again, want)
			}
		})
	}
}

// TestBundleIsRun sees that what is in the cache is what runs, and that nothing
// else than a whole entry of this user does.
func TestBundleIsRun(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, entry string){
		"":      nil,
		"cut":   func(t *testing.T, entry string) { check(t, os.Truncate(entry, 1000)) },
		"empty": func(t *testing.T, entry string) { check(t, os.Truncate(entry, 0)) },
		"garbage": func(t *testing.T, entry string) {
			check(t, os.WriteFile(entry, []byte(strings.Repeat("x\n", 100)), 0o600))
		},
		"readable":  func(t *testing.T, entry string) { check(t, os.Chmod(entry, 0o644)) },
		"directory": func(t *testing.T, entry string) { check(t, os.Remove(entry)); check(t, os.Mkdir(entry, 0o700)) },
		"link": func(t *testing.T, entry string) {
			check(t, os.Rename(entry, entry+".there"))
			check(t, os.Symlink(entry+".there", entry))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, cache := newProject(t, ""), t.TempDir()
			want := loaded(t, dir, cache)
			c := newBundleCache(cache, filepath.Join(dir, "miniboss.ts"))
			entry, body := c.read()
			if entry == nil {
				t.Fatal("no entry")
			}
			b := &bundle{
				code: strings.Replace(string(body[:entry.Code]), `"i:"`, `"j:"`, 1),
				meta: string(body[entry.Code+entry.Map:]),
			}
			for _, path := range entry.Inputs {
				b.inputs = append(b.inputs, input{path: path})
			}
			c.keep(&bundleDeps{sums: entry.Seen}, b, body[entry.Code:entry.Code+entry.Map])
			if spoil != nil {
				spoil(t, c.path)
			} else {
				want = strings.Replace(want, "i:", "j:", 1)
			}
			if got := loaded(t, dir, cache); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if entry, _ := c.read(); entry == nil {
				t.Error("what is no entry stays in its place")
			}
			if name == "" {
				c.of = "another binary or file"
				if c.find(dir, dir) != nil {
					t.Error("an entry of something else is used")
				}
			}
		})
	}
}

func TestBundleCacheFiles(t *testing.T) {
	t.Parallel()
	dir, cache := newProject(t, ""), filepath.Join(t.TempDir(), "made", "here")
	check(t, os.MkdirAll(filepath.Dir(cache), 0o700))
	check(t, os.Mkdir(cache, 0o700))
	for name, age := range map[string]time.Duration{"old": keptFor + time.Hour, "new": keptFor - time.Hour} {
		at := time.Now().Add(-age)
		write(t, cache, name, "")
		check(t, os.Chtimes(filepath.Join(cache, name), at, at))
	}
	loaded(t, dir, cache)
	var names []string
	for name, info := range entries(t, cache) {
		if len(name) == 2*sha256.Size && info.Mode() != 0o600 {
			t.Errorf("%s: %v", name, info.Mode())
		}
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{fmt.Sprintf("%x", sha256.Sum256([]byte(filepath.Join(dir, "miniboss.ts")))), "new"}
	if !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}

	missing := filepath.Join(t.TempDir(), "a", "b")
	loaded(t, dir, missing)
	for _, made := range []string{missing, filepath.Dir(missing)} {
		if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o700 {
			t.Error(info, err)
		}
	}
}

func TestBundleCacheCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir, cache := newProject(t, ""), t.TempDir()
	want := loaded(t, dir, "")
	file := write(t, cache, "file", "")
	readOnly := filepath.Join(cache, "read-only")
	check(t, os.Mkdir(readOnly, 0o500))
	for _, bad := range []string{file, filepath.Join(file, "x"), readOnly, "/dev/null", "\x00"} {
		for range 2 {
			if got := loaded(t, dir, bad); got != want {
				t.Errorf("%q: got\n%s\nwant\n%s", bad, got, want)
			}
		}
	}
}

func TestBundleCacheConcurrently(t *testing.T) {
	t.Parallel()
	dir, cache := newProject(t, ""), t.TempDir()
	want := loaded(t, dir, "")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 4 {
				if got := loaded(t, dir, cache); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
	all.Wait()
	if now := entries(t, cache); len(now) != 1 {
		t.Errorf("%d entries", len(now))
	}
}

// TestBundleOfBrokenFile has a file whose bundle is good and that fails when it
// runs fail in the same way with the bundle of the cache.
func TestBundleOfBrokenFile(t *testing.T) {
	t.Parallel()
	dir, cache := newProject(t, "-- miniboss.ts --\nconst x: number = 1;\nthrow new Error(`${x}` + __filename);\n"), t.TempDir()
	want := loaded(t, dir, cache)
	kept := entries(t, cache)
	if got := loaded(t, dir, cache); got != want || len(kept) != 1 || !sameFiles(kept, entries(t, cache)) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// newProject writes a project in a directory of its own; "": the one above.
// A file "a -> b" is a link.
func newProject(t *testing.T, files string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	check(t, os.Mkdir(dir, 0o755))
	if files == "" {
		files = project
	}
	for _, file := range txtar.Parse([]byte(files)).Files {
		if name, to, link := strings.Cut(file.Name, " -> "); link {
			check(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
			check(t, os.Symlink(to, filepath.Join(dir, name)))
			continue
		}
		write(t, dir, file.Name, string(file.Data))
	}
	return dir
}

// loaded tells all that comes of a load.
func loaded(t *testing.T, dir, cache string) string {
	t.Helper()
	tr := &transcript{}
	o := tr.options(dir, "miniboss.ts")
	o.CacheDir = cache
	f, err := Load(t.Context(), o)
	if err != nil {
		tr.printf("error: %s", describeError(err))
		return tr.text(dir)
	}
	defer f.Close()
	for _, w := range f.Warnings {
		tr.printf("warning: %s: %s\n%s", w.Pos, w.Message, Excerpt(w.Pos, w.Line))
	}
	for _, s := range f.Services {
		tr.printf("%s %s", s.Loaded.Image, summary(s))
	}
	return tr.text(dir)
}

// entries are the files of a cache, by name. They stay open, so that a file that
// comes later is never taken for one of them that is gone.
func entries(t *testing.T, cache string) map[string]fs.FileInfo {
	t.Helper()
	found, err := os.ReadDir(cache)
	check(t, err)
	infos := map[string]fs.FileInfo{}
	for _, e := range found {
		file, err := os.Open(filepath.Join(cache, e.Name()))
		check(t, err)
		t.Cleanup(func() { check(t, file.Close()) })
		info, err := file.Stat()
		check(t, err)
		infos[e.Name()] = info
	}
	return infos
}

// sameFiles reports whether no file has come, gone or been replaced.
func sameFiles(a, b map[string]fs.FileInfo) bool {
	for name, info := range a {
		if b[name] == nil || !os.SameFile(info, b[name]) {
			return false
		}
	}
	return len(a) == len(b)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
