package typings_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/typings"
)

// TestTypeScript has the compiler check the examples, the starters, correct
// uses and deliberate mistakes. The errors must be those that the comments of
// the mistakes announce, no more and no fewer.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	modules := install(t)
	// Each with what the generated configuration says, and with what a user's
	// own project may have around it: more types, stricter checks, the npm
	// package instead of the file, an older compiler.
	for _, test := range []struct {
		name     string
		compiler string
		lib      []string
		types    []string
		files    []string
		npm      bool
		module   string
		node     string // whose types of Node
		all      bool   // all declarations, beside the types of Node
	}{
		{name: "as generated for TypeScript", files: []string{"miniboss.js", "miniboss.ts", "example.js", "uses.ts", "mistakes.ts", "modules.ts", "elsewhere.ts"}},
		{name: "as generated for JavaScript", files: []string{"miniboss.js", "example.js", "uses.js", "mistakes.js"}},
		{name: "TypeScript 5", compiler: "typescript-5", files: []string{"miniboss.js", "example.js", "uses.js"}},
		{name: "with the types of Node", types: []string{"node"}, files: []string{"miniboss.ts", "uses.ts", "modules.ts", "node.ts"}},
		{name: "with the types of Node 20", node: "node-20", types: []string{"node"}, files: []string{"miniboss.ts", "modules.ts", "node.ts"}},
		{name: "with the types of Vite", lib: []string{"DOM"}, types: []string{"./client"}, files: []string{"miniboss.ts", "modules.ts"}},
		{name: "with those of Vite and Node", lib: []string{"DOM"}, types: []string{"node", "./client"}, files: []string{"miniboss.ts", "modules.ts", "node.ts"}},
		// As where Node's are there because of an import: libraries are not checked.
		{name: "with the types of Node on top", types: []string{"node"}, all: true, files: []string{"miniboss.ts", "modules.ts", "node.ts"}},
		{name: "with the types of Node 20 on top", node: "node-20", types: []string{"node"}, all: true, files: []string{"miniboss.ts", "modules.ts", "node.ts"}},
		{name: "with the DOM, as an npm package", lib: []string{"DOM"}, npm: true, files: []string{"example.js", "uses.js"}},
		{name: "with both", lib: []string{"DOM"}, types: []string{"node"}, files: []string{"example.js", "uses.ts"}},
		{name: "for Node, as an npm package", npm: true, module: "NodeNext", types: []string{"node"}, files: []string{"uses.ts"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, content string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write("miniboss.js", typings.JavaScript().ServiceFile)
			write("miniboss.ts", typings.TypeScript().ServiceFile)
			write("example.js", read(t, "../examples/miniboss.js"))
			write("suites.js", read(t, "../examples/suites.js"))
			for _, name := range []string{"names.js", "uses.js", "uses.ts", "mistakes.js", "mistakes.ts", "modules.ts", "elsewhere.ts", "node.ts", "client.d.ts"} {
				write(name, read(t, filepath.Join("testdata", name)))
			}
			packages := filepath.Join(dir, "node_modules")
			if err := os.MkdirAll(filepath.Join(packages, "@types"), 0o755); err != nil {
				t.Fatal(err)
			}
			node := test.node
			if node == "" {
				node = filepath.Join("@types", "node")
			}
			if err := os.Symlink(filepath.Join(modules, node), filepath.Join(packages, "@types", "node")); err != nil {
				t.Fatal(err)
			}
			files := test.files
			switch {
			case test.npm:
				unpack(t, filepath.Join(packages, "miniboss"))
			case slices.Contains(test.types, "node") && !test.all:
				write(typings.FileName, typings.BesideNode)
				files = append(files, typings.FileName)
			default:
				write(typings.FileName, typings.Declarations)
				files = append(files, typings.FileName)
			}
			options := compilerOptions(t)
			options["lib"] = append([]string{"ES2023"}, test.lib...)
			options["types"] = append([]string{}, test.types...)
			options["strict"], options["allowJs"], options["checkJs"] = true, true, true
			options["skipLibCheck"] = test.all // else what we declare must be right in itself
			// What a new user writes in JavaScript has no types of parameters.
			options["noImplicitAny"] = !slices.Contains(files, "uses.js")
			if test.module != "" {
				options["module"], options["moduleResolution"] = test.module, test.module
				write("package.json", `{"type": "module"}`)
			}
			config, err := json.Marshal(map[string]any{"compilerOptions": options, "files": files})
			if err != nil {
				t.Fatal(err)
			}
			write("tsconfig.json", string(config))
			compiler := test.compiler
			if compiler == "" {
				compiler = "typescript"
			}
			compare(t, dir, files, tsc(t, filepath.Join(modules, compiler), dir))
		})
	}
}

// compilerOptions are those of the configuration that init writes.
func compilerOptions(t *testing.T) map[string]any {
	t.Helper()
	var config struct{ CompilerOptions map[string]any }
	text := regexp.MustCompile(`(?m)^\s*//.*`).ReplaceAllString(typings.TypeScript().Config, "")
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	return config.CompilerOptions
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// install makes sure that the packages of package-lock.json are there.
func install(t *testing.T) (modules string) {
	t.Helper()
	modules, err := filepath.Abs("node_modules")
	if err != nil {
		t.Fatal(err)
	}
	// npm keeps a copy of the lock file that it has installed from.
	if installed, err := os.Stat(filepath.Join(modules, ".package-lock.json")); err == nil {
		if wanted, err := os.Stat("package-lock.json"); err == nil && !wanted.ModTime().After(installed.ModTime()) {
			return modules
		}
	}
	out, err := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput()
	if err != nil {
		t.Fatalf("npm ci, which the tests of the typings need: %v\n%s", err, out)
	}
	return modules
}

// unpack makes the npm package, as it would be published, and unpacks it.
func unpack(t *testing.T, into string) {
	t.Helper()
	temp := t.TempDir()
	out, err := exec.Command("npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", temp).CombinedOutput()
	if err != nil {
		t.Fatalf("npm pack: %v\n%s", err, out)
	}
	packed, err := filepath.Glob(filepath.Join(temp, "*.tgz"))
	if err != nil || len(packed) != 1 {
		t.Fatalf("npm pack made %v (%v)", packed, err)
	}
	file, err := os.Open(packed[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	content, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(header.Name, "package/")
		names = append(names, name)
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(into, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(into, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	if got, want := strings.Join(names, " "), "miniboss.d.ts package.json"; got != want {
		t.Errorf("the package holds %q, want %q", got, want)
	}
}

// problem is one error of the compiler, with all lines of its message.
type problem struct {
	file    string
	line    int
	code    string
	message string
}

func (p problem) String() string {
	return fmt.Sprintf("%s:%d: %s %s", p.file, p.line, p.code, p.message)
}

var problemLine = regexp.MustCompile(`^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$`)

func tsc(t *testing.T, compiler, dir string) []problem {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("node", filepath.Join(compiler, "bin", "tsc"), "--noEmit", "--pretty", "false", "-p", dir)
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("tsc: %v", err)
	}
	if stderr.Len() > 0 {
		t.Fatalf("tsc: %s", stderr.String())
	}
	var problems []problem
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\r\n")
		if m := problemLine.FindStringSubmatch(line); m != nil {
			number, _ := strconv.Atoi(m[2])
			problems = append(problems, problem{m[1], number, m[3], m[4]})
		} else if len(problems) > 0 && strings.HasPrefix(line, " ") {
			problems[len(problems)-1].message += "\n" + line
		} else if line != "" {
			t.Errorf("tsc says: %s", line)
		}
	}
	return problems
}

var announced = regexp.MustCompile(`// (TS\d+) (.+)$`)

// compare matches the errors with those that comments announce: "// TS2416 part
// of the message" at the end of the line.
func compare(t *testing.T, dir string, files []string, problems []problem) {
	t.Helper()
	wanted := map[string]problem{}
	for _, name := range files {
		for i, line := range strings.Split(read(t, filepath.Join(dir, name)), "\n") {
			if m := announced.FindStringSubmatch(line); m != nil {
				wanted[fmt.Sprintf("%s:%d", name, i+1)] = problem{name, i + 1, m[1], m[2]}
			}
		}
	}
	for _, got := range problems {
		place := fmt.Sprintf("%s:%d", got.file, got.line)
		want, ok := wanted[place]
		delete(wanted, place)
		switch {
		case !ok:
			t.Errorf("unexpected error: %s", got)
		case got.code != want.code || !strings.Contains(got.message, want.message):
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(wanted)) {
		t.Errorf("missing error: %s", wanted[place])
	}
}
