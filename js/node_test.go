package js

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// snippets splits a file of snippets and gathers their imports.
func snippets(t *testing.T, path string) (imports string, parts []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var head strings.Builder
	for i, part := range strings.Split(string(text), "// ---\n") {
		var code strings.Builder
		for _, line := range strings.SplitAfter(part, "\n") {
			if strings.HasPrefix(line, "import ") {
				head.WriteString(line)
			} else {
				code.WriteString(line)
			}
		}
		if i > 0 { // before the first one are imports and comments
			parts = append(parts, code.String())
		}
	}
	return head.String(), parts
}

// TestNode runs the same snippets under Node and here, each in a directory of
// its own.
func TestNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not installed: this test compares with it")
	}
	tables, err := filepath.Glob("testdata/node*.js")
	if err != nil || len(tables) < 4 {
		t.Fatal("no tables", err)
	}
	for _, table := range tables {
		t.Run(strings.TrimSuffix(filepath.Base(table), ".js"), func(t *testing.T) {
			t.Parallel()
			compareWithNode(t, node, table)
		})
	}
}

func compareWithNode(t *testing.T, node, table string) {
	imports, parts := snippets(t, table)
	script := imports
	for i, p := range parts {
		script += fmt.Sprintf("console.log('=== %d');\nawait (async () => {\n%s\n})().catch((e) => console.log('threw', String(e)));\n", i, p)
	}
	dir := t.TempDir()
	cmd := exec.Command(node, write(t, dir, "one/node.mjs", script))
	var out strings.Builder
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Join(dir, "one"), &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("node: %v\n%s", err, out.String())
	}
	if strings.Contains(out.String(), " is not defined") {
		t.Fatalf("a snippet uses what it has not imported:\n%s", out.String())
	}
	want := strings.Split(out.String(), "=== ")

	var mu sync.Mutex
	var ours strings.Builder
	f, err := Load(t.Context(), Options{
		File:    write(t, dir, "two/miniboss.mjs", script+"\nimport { Service } from 'miniboss';\nexport class S extends Service { name = 's'; image = 'i' }\n"),
		WorkDir: filepath.Join(dir, "two"),
		Console: func(l Line) {
			mu.Lock()
			defer mu.Unlock()
			ours.WriteString(l.Text + "\n")
		},
	})
	if err != nil {
		t.Fatal(describeError(err))
	}
	f.Close()
	got := strings.Split(ours.String(), "=== ")
	if len(got) != len(want) {
		t.Fatalf("%d outputs, node has %d:\n%s", len(got), len(want), ours.String())
	}
	for i := range want {
		if got[i] != want[i] {
			_, body, _ := strings.Cut(want[i], "\n")
			code := ""
			if i > 0 {
				code = parts[i-1]
			}
			_, mine, _ := strings.Cut(got[i], "\n")
			body, mine = onlyDifferent(body, mine)
			t.Errorf("%s\n--- node\n%s--- miniboss\n%s", code, body, mine)
		}
	}
}

// onlyDifferent drops the lines of long texts that are the same.
func onlyDifferent(a, b string) (string, string) {
	one, other := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	if len(one) != len(other) || len(one) < 40 {
		return a, b
	}
	a, b = "", ""
	for i := range one {
		if one[i] != other[i] {
			a, b = a+one[i], b+other[i]
		}
	}
	return a, b
}
