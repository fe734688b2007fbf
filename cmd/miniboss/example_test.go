package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/network/networktest"
	"github.com/miniboss/miniboss/runtime"
)

// TestExample does with examples/miniboss.js what the README tells its readers
// to do.
func TestExample(t *testing.T) {
	if testing.Short() {
		t.Skip("builds real images")
	}
	t.Parallel()
	e := copyExample(t)

	contains(t, "first start", miniboss(t, e.dir, "start"), "appdb: built ", "api: built ", "todo: built ", "\nstarted appdb, api, todo\n")
	contains(t, "the page", answer(t, http.MethodGet, e.todo, "/", ""), "<!doctype html>", "Try miniboss", "do not forget")
	answer(t, http.MethodPost, e.todo, "/todos", `{"what": "survive"}`)
	before := answer(t, http.MethodGet, e.todo, "/todos", "")

	contains(t, "start again", miniboss(t, e.dir, "start"), "appdb: unchanged", "api: unchanged", "todo: unchanged")

	contains(t, "test", miniboss(t, e.dir, "test"), "todo: unchanged")
	if after := answer(t, http.MethodGet, e.todo, "/todos", ""); after != before {
		t.Errorf("before the tests: %s\nafter:            %s", before, after)
	}

	contains(t, "stop", miniboss(t, e.dir, "stop"), "\nstopped todo, api, appdb\n")
	contains(t, "start after stop", miniboss(t, e.dir, "start"), "appdb: ready", "api: ready", "todo: ready")
	if after := answer(t, http.MethodGet, e.todo, "/todos", ""); after != before || strings.Count(after, `"what"`) != 2 {
		t.Errorf("before: %s\nafter:  %s", before, after)
	}

	contains(t, "reload", miniboss(t, e.dir, "reload", "todo"), "\nreloaded todo\n")
	contains(t, "the page after reload", answer(t, http.MethodGet, e.todo, "/", ""), "Try miniboss", "survive")

	e.leavesNothing(t)
}

// example is a copy of examples/ to work on, with a group, images and ports of
// its own, so that it does not touch a demo that runs.
type example struct {
	dir, group          string
	database, api, todo string // the ports of the host
}

// copyExample makes a copy whose images go when the test is done. The first
// build installs PostgreSQL and Node from Debian's packages; later ones find
// the layers in the engine's cache.
func copyExample(t *testing.T) example {
	t.Helper()
	port := func() string { return strconv.Itoa(networktest.FreePort(t)) }
	e := example{dir: t.TempDir(), group: enginetest.Group(t), database: port(), api: port(), todo: port()}
	copyTracked(t, filepath.Join("..", "..", "examples"), e.dir)
	image := `"` + e.group + "-"
	substitute(t, filepath.Join(e.dir, "miniboss.js"), map[string]string{
		`"todo-demo"`: `"` + e.group + `"`, `"miniboss-example-`: image,
		"5433": e.database, "3001": e.api, "8080": e.todo,
	})
	substitute(t, filepath.Join(e.dir, "suites.js"), map[string]string{`"miniboss-example-`: image, "8080": e.todo})
	for _, name := range []string{"db", "api", "todo"} {
		enginetest.RemoveImage(t, e.group+"-"+name+":dev")
	}
	return e
}

// copyTracked copies the files of a directory that belong to the repository. A
// demo that runs, or ran, from there has left others, such as its context.
func copyTracked(t *testing.T, from, to string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	command.Dir = from
	listed, err := command.Output()
	if err != nil {
		t.Fatalf("git ls-files in %s: %v", from, err)
	}
	names := strings.FieldsFunc(string(listed), func(r rune) bool { return r == 0 })
	if len(names) == 0 {
		t.Fatalf("%s has no tracked files", from)
	}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

// leavesNothing removes the group with all that it has kept.
func (e example) leavesNothing(t *testing.T) {
	t.Helper()
	miniboss(t, e.dir, "stop", "--remove", "--volumes")
	engine := enginetest.Engine(t)
	containers, err := engine.Containers(t.Context(), runtime.Selector{Group: e.group})
	if err != nil || len(containers) != 0 {
		t.Errorf("containers: %v %v", containers, err)
	}
	networks, err := engine.Networks(t.Context(), e.group)
	if err != nil || len(networks) != 0 {
		t.Errorf("networks: %v %v", networks, err)
	}
	volumes, err := engine.Volumes(t.Context(), e.group)
	if err != nil || len(volumes) != 0 {
		t.Errorf("volumes: %v %v", volumes, err)
	}
	if _, err := os.Stat(filepath.Join(e.dir, ".miniboss-context")); !os.IsNotExist(err) {
		t.Errorf("the context: %v", err)
	}
}

// substitute replaces texts in a file, each of which must be there.
func substitute(t *testing.T, file string, texts map[string]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for from, to := range texts {
		if !strings.Contains(string(data), from) {
			t.Fatalf("%s has no %s any more: this test must follow it", file, from)
		}
		pairs = append(pairs, from, to)
	}
	if err := os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(string(data))), 0o644); err != nil {
		t.Fatal(err)
	}
}

// miniboss runs the command in a directory and returns what it wrote to stderr.
func miniboss(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "miniboss", args...) // which testscript.Main put on the path
	command.Dir = dir
	var stderr strings.Builder
	command.Stderr = &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("miniboss %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return stderr.String()
}

func answer(t *testing.T, method, port, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost:"+port+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %v\n%s", method, path, response.Status, err, text)
	}
	return string(text)
}

func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: there is no %q in\n%s", what, part, text)
		}
	}
}
