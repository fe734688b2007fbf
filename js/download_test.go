package js

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"testing"
)

// hookFile loads a file with one service, whose postStart is the code.
func hookFile(t *testing.T, dir, imports, code string) (*File, *[]string) {
	t.Helper()
	lines := &[]string{}
	f, err := Load(t.Context(), Options{
		File: write(t, dir, "miniboss.mjs", `import { Service, sh, dotenv } from "miniboss"; `+imports+`
			export class S extends Service { name = "s"; image = "i"; async postStart() { `+code+` } }`),
		WorkDir: dir,
		Console: func(l Line) { *lines = append(*lines, l.Text) },
		OnError: func(e *Error) { t.Errorf("nobody waited for: %v", e) },
	})
	if err != nil {
		t.Fatal(describeError(err))
	}
	t.Cleanup(f.Close)
	return f, lines
}

// TestDownload streams 50 MB into a file: only a piece may be in memory. It is
// not parallel, so that nobody else allocates.
func TestDownload(t *testing.T) {
	const blocks = 50
	var most uint64
	heap := func() uint64 {
		var m goruntime.MemStats
		goruntime.GC()
		goruntime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for i := range blocks {
			block[0] = byte(i)
			_, _ = w.Write(block)
			if i%10 == 9 {
				most = max(most, heap())
			}
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	f, _ := hookFile(t, dir, `import { writeFile, stat } from "node:fs/promises";`, `
		const answer = await fetch(`+strconv.Quote(server.URL)+`);
		await writeFile("file", answer.body);
		if ((await stat("file")).size !== 50 * 1024 * 1024) throw new Error("not all of it is there");`)
	before := heap()
	if err := f.Services[0].Hooks.PostStart(t.Context()); err != nil {
		t.Fatal(describeError(err))
	}
	if grown := int64(most) - int64(before); grown > 12<<20 {
		t.Errorf("the memory grew by %d MB", grown>>20)
	} else {
		t.Logf("the memory grew by %d KB", grown>>10)
	}
	data, err := os.ReadFile(filepath.Join(dir, "file"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range blocks {
		if data[i<<20] != byte(i) {
			t.Fatalf("block %d is not what was sent", i)
		}
	}
}
