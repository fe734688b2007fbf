package js

import (
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/network/networktest"
)

// fetchServer is what testdata/fetch.js talks to.
func fetchServer(t *testing.T) string {
	t.Helper()
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		headers := map[string]string{"host": r.Host}
		for name, values := range r.Header {
			var latin []rune
			for _, c := range []byte(strings.Join(values, ", ")) {
				latin = append(latin, rune(c))
			}
			headers[strings.ToLower(name)] = string(latin)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"method": r.Method, "path": r.URL.RequestURI(), "headers": headers, "body": string(body),
		})
	}
	other := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(other.Close)
	text := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	redirect := func(code int, to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(code)
			fmt.Fprint(w, "moved")
		}
	}
	encoded := func(name string, encode func(io.Writer) io.WriteCloser) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", name)
			e := encode(w)
			fmt.Fprint(e, strings.Repeat("hello ", 5_000))
			e.Close()
		}
	}
	endless := func(piece int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for block := make([]byte, piece); r.Context().Err() == nil; {
				_, err := w.Write(block)
				w.(http.Flusher).Flush()
				if err != nil {
					return
				}
				if piece == 1 { // one byte, and then nothing
					<-r.Context().Done()
				}
			}
		}
	}
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"/echo": echo, "/text": text("some text"), "/json": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"a":[1,"é"]}`)
		},
		"/bom": text("\xef\xbb\xbfafter"), "/bytes": text("\x00\xff\x41"), "/404": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			fmt.Fprint(w, "not here")
		},
		"/204": status(204), "/304": status(304), "/redirect/none": status(302),
		"/headers": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Two"] = []string{"1", "2"}
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			w.Header()["X-Latin"] = []string{"caf\xe9"}
		},
		"/gzip":           encoded("gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"/deflate":        encoded("deflate", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"/redirect/301":   redirect(301, "/echo"),
		"/redirect/302":   redirect(302, "/echo"),
		"/redirect/303":   redirect(303, "/echo"),
		"/redirect/307":   redirect(307, "/echo"),
		"/redirect/308":   redirect(308, "/echo"),
		"/redirect/loop":  redirect(302, "/redirect/loop"),
		"/redirect/ftp":   redirect(302, "ftp://h/"),
		"/redirect/other": redirect(302, other.URL),
		"/slow": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "one ")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "two")
		},
		"/endless": endless(64 << 10), "/endless-slow": endless(1),
		"/large": func(w http.ResponseWriter, _ *http.Request) {
			for block := range 50 {
				_, _ = w.Write(append(make([]byte, 1<<20-1), byte(block)))
			}
		},
		"/cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "short")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"/close": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"/hang":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		mux.HandleFunc(path, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestFetchLikeNode runs testdata/fetch.js under Node and here.
func TestFetchLikeNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not installed: this test compares with it")
	}
	table, err := os.ReadFile("testdata/fetch.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := append(os.Environ(), "TEST_URL="+fetchServer(t), "TEST_REFUSED="+networktest.RefusedAddr(t))
	cmd := exec.CommandContext(t.Context(), node, write(t, dir, "node.mjs", string(table)+"\nsetInterval(() => {}, 1000); await main(console.log); process.exit();\n"))
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	want := strings.Split(strings.TrimSpace(string(out)), "\n")

	var ours []string
	f, err := Load(t.Context(), Options{
		File: write(t, dir, "miniboss.mjs", string(table)+`
			import { Service } from "miniboss";
			export class S extends Service { name = "s"; image = "i"; async postStart() { await main(console.log); } }`),
		WorkDir: dir, Env: env,
		Console: func(l Line) { ours = append(ours, l.Text) },
		OnError: func(e *Error) { t.Errorf("nobody waited for: %v", e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Services[0].Hooks.PostStart(t.Context()); err != nil {
		t.Error(err)
	}
	f.Close() // from here on nothing is printed
	if len(want) < 100 || len(ours) != len(want) {
		t.Errorf("Node printed %d lines, miniboss %d", len(want), len(ours))
	}
	for i := range min(len(ours), len(want)) {
		if ours[i] != want[i] {
			t.Errorf("\nnode     %s\nminiboss %s", want[i], ours[i])
		}
	}
}
