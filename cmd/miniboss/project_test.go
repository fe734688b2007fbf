package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestProjects makes projects as the tools of their kind make them, and holds init
// to what it promises: the linter and tsc -b pass as before, and the compiler sees
// the service file.
func TestProjects(t *testing.T) {
	if testing.Short() {
		t.Skip("installs linters and compilers")
	}
	t.Parallel()
	modules := installProjects(t)
	for _, test := range []struct {
		project, compiler, flag, file string
		config                        string // what init says of the configuration that is there
	}{
		{"vite", "typescript-7", "--ts", "miniboss.ts", `added    { "path": "./tsconfig.miniboss.json" } to "references" in tsconfig.json`},
		{"vite", "typescript-7", "", "miniboss.js", `added    { "path": "./tsconfig.miniboss.json" } to "references" in tsconfig.json`},
		{"vite7", "typescript", "--ts", "miniboss.ts", `added    { "path": "./tsconfig.miniboss.json" } to "references" in tsconfig.json`},
		{"vite7", "typescript", "", "miniboss.js", `added    { "path": "./tsconfig.miniboss.json" } to "references" in tsconfig.json`},
		{"next", "typescript", "--ts", "miniboss.ts", "kept     tsconfig.json (exists)"},
		{"next", "typescript", "", "miniboss.js", `added    "miniboss.js" to "include" in tsconfig.json`},
		{"plain", "typescript-7", "--ts", "miniboss.mts", "kept     tsconfig.json (exists)"},
		{"plain", "typescript-7", "", "miniboss.js", "kept     tsconfig.json (exists)"},
		{"module", "typescript", "--ts", "miniboss.ts", `added    "miniboss.ts", "miniboss-env.d.ts" to "include" in tsconfig.json`},
		{"module", "typescript-7", "", "miniboss.js", `added    "miniboss.js", "miniboss-env.d.ts" to "include" in tsconfig.json`},
	} {
		t.Run(strings.TrimSpace(test.project+" "+test.flag), func(t *testing.T) {
			t.Parallel()
			p := makeProject(t, modules, test.project, test.compiler)
			args := []string{"init"}
			if test.flag != "" {
				p.passes(t, "before") // once for each project
				args = append(args, test.flag)
			}
			contains(t, "init", p.run(t, "miniboss", args...), "written  "+test.file+"\n", test.config, "added    .miniboss-context to .gitignore")
			p.passes(t, "after init")
			p.run(t, "miniboss", "check") // beside what the compiler has written
			if test.flag == "" && test.project == "plain" {
				return // its compiler takes no JavaScript
			}
			p.append(t, test.file, "\nconst wrong = 1 + undefined;\nconsole.log(wrong);\n")
			if out, err := p.command("node", p.compiler, "-b", "--pretty", "false").CombinedOutput(); err == nil || !strings.Contains(string(out), test.file+"(") {
				t.Errorf("tsc -b does not see a mistake in %s: %v\n%s", test.file, err, out)
			}
		})
	}
}

// project is a directory with a project and its node_modules.
type project struct{ dir, compiler string }

func makeProject(t *testing.T, modules, name, compiler string) project {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "projects", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	p := project{dir: filepath.Join(t.TempDir(), name), compiler: filepath.Join("node_modules", compiler, "bin", "tsc")}
	for _, file := range archive.Files {
		path := filepath.Join(p.dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// A node_modules of its own, since the compiler writes into it.
	if err := os.Mkdir(filepath.Join(p.dir, "node_modules"), 0o755); err != nil {
		t.Fatal(err)
	}
	packages, err := os.ReadDir(modules)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range packages {
		if err := os.Symlink(filepath.Join(modules, entry.Name()), filepath.Join(p.dir, "node_modules", entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// passes runs what the project's scripts would, and the compiler.
func (p project) passes(t *testing.T, when string) {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(p.dir, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	commands := [][]string{{p.compiler, "-b", "--pretty", "false"}}
	switch {
	case strings.Contains(string(manifest), `"lint": "oxlint"`):
		commands = append(commands, []string{"node_modules/oxlint/bin/oxlint", "--deny-warnings"})
	case strings.Contains(string(manifest), `"lint": "eslint ."`):
		commands = append(commands, []string{"node_modules/eslint/bin/eslint.js", "--max-warnings=0", "."})
	}
	for _, command := range commands {
		if out, err := p.command("node", command...).CombinedOutput(); err != nil || len(out) > 0 && !strings.Contains(string(out), "0 errors") {
			t.Fatalf("%s: %s: %v\n%s", when, strings.Join(command, " "), err, out)
		}
	}
}

func (p project) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(name, args...)
	command.Dir = p.dir
	return command
}

func (p project) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := p.command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (p project) append(t *testing.T, name, text string) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(p.dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// installProjects makes sure that the packages of testdata/projects are there.
func installProjects(t *testing.T) (modules string) {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("testdata", "projects"))
	if err != nil {
		t.Fatal(err)
	}
	modules = filepath.Join(dir, "node_modules")
	// npm keeps a copy of the lock file that it has installed from.
	if installed, err := os.Stat(filepath.Join(modules, ".package-lock.json")); err == nil {
		if wanted, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil && !wanted.ModTime().After(installed.ModTime()) {
			return modules
		}
	}
	command := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("npm ci, which the tests of init need: %v\n%s", err, out)
	}
	return modules
}
