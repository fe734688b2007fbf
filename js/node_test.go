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
	for _, part := range strings.Split(string(text), "// ---\n")[1:] {
		var code strings.Builder
		for _, line := range strings.SplitAfter(part, "\n") {
			if strings.HasPrefix(line, "import ") {
				head.WriteString(line)
			} else {
				code.WriteString(line)
			}
		}
		parts = append(parts, code.String())
	}
	return head.String(), parts
}

// TestNode runs the same snippets under Node and here.
func TestNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	imports, parts := snippets(t, "testdata/node.js")
	script := imports
	for i, p := range parts {
		script += fmt.Sprintf("console.log('=== %d');\nawait (async () => {\n%s\n})().catch((e) => console.log('threw', String(e)));\n", i, p)
	}
	dir := t.TempDir()
	cmd := exec.Command(node, write(t, dir, "node.mjs", script))
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("node: %v\n%s", err, out.String())
	}
	want := strings.Split(out.String(), "=== ")

	var mu sync.Mutex
	var ours strings.Builder
	f, err := Load(t.Context(), Options{
		File:    write(t, dir, "miniboss.mjs", script+"\nimport { Service } from 'miniboss';\nexport class S extends Service { name = 's'; image = 'i' }\n"),
		WorkDir: dir,
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
			t.Errorf("%s%s\n--- node\n%s--- miniboss\n%s", filepath.Base(dir), code, body, mine)
		}
	}
}
