package js

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestPackages uses popular packages in pure JavaScript from the npm registry,
// those of testdata/npm/package-lock.json.
func TestPackages(t *testing.T) {
	t.Parallel()
	npm, err := filepath.Abs("testdata/npm")
	if err != nil {
		t.Fatal(err)
	}
	installPackages(t, npm)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not installed: this test compares with it")
	}
	code, err := os.ReadFile(filepath.Join(npm, "uses.js"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(npm, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, write(t, dir, "node.mjs", string(code)))
	cmd.Env = append(os.Environ(), "TZ=UTC")
	want, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, want)
	}
	var got []string
	f, err := Load(t.Context(), Options{
		File: write(t, dir, "miniboss.mjs", string(code)+`
			import { Service } from "miniboss";
			export class S extends Service { name = "s"; image = "i" }`),
		WorkDir: dir, Env: cmd.Env,
		Console: func(l Line) { got = append(got, l.Text) },
	})
	if err != nil {
		t.Fatal(describeError(err))
	}
	f.Close()
	if got := strings.Join(got, "\n") + "\n"; got != string(want) {
		t.Errorf("node\n%s\nminiboss\n%s", want, got)
	}
}

// installing keeps two tests from installing the same packages at once.
var installing sync.Mutex

// installPackages makes sure that the packages of a lock file are there.
func installPackages(t *testing.T, dir string) {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	// npm keeps a copy of the lock file that it has installed from.
	if installed, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil {
		if wanted, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil && !wanted.ModTime().After(installed.ModTime()) {
			return
		}
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}
