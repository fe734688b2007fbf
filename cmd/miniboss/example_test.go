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
	"github.com/miniboss/miniboss/runtime"
)

// TestExample does with examples/miniboss.js what the README tells its readers
// to do. The copy that it works on has a group, images and ports of its own, so
// that it does not touch a demo that runs. The first run builds PostgreSQL and
// Node from Debian's packages; later ones find the layers in the engine's cache.
func TestExample(t *testing.T) {
	if testing.Short() {
		t.Skip("builds real images")
	}
	t.Parallel()
	engine := enginetest.Engine(t)
	dir, group := t.TempDir(), enginetest.Group(t)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "examples"))); err != nil {
		t.Fatal(err)
	}
	ports := freePorts(3)
	database, todo, reminder := strconv.Itoa(ports[0]), strconv.Itoa(ports[1]), strconv.Itoa(ports[2])
	file := filepath.Join(dir, "miniboss.js")
	substitute(t, file, map[string]string{
		`"todo-demo"`:              `"` + group + `"`,
		`"miniboss-example-`:       `"` + group + `-`,
		"{ 5432: 5433 }":           "{ 5432: " + database + " }",
		"@localhost:5433/":         "@localhost:" + database + "/",
		"{ 8080: 8080 }":           "{ 8080: " + todo + " }",
		"//localhost:8080/":        "//localhost:" + todo + "/",
		"{ 8080: 8081 }":           "{ 8080: " + reminder + " }",
		`"http://localhost:8081/"`: `"http://localhost:` + reminder + `/"`,
	})
	substitute(t, filepath.Join(dir, "suites.js"), map[string]string{
		`"miniboss-example-`: `"` + group + `-`,
		"//localhost:8080/":  "//localhost:" + todo + "/",
	})
	enginetest.RemoveImage(t, group+"-db:1")
	enginetest.RemoveImage(t, group+"-todo:1")

	contains(t, "first start", miniboss(t, dir, "start"), "appdb: built ", "todo: built ", "\nstarted appdb, todo, reminder\n")
	contains(t, "the page", answer(t, http.MethodGet, todo, "/", ""), "<!doctype html>", "Try miniboss")
	contains(t, "the reminder", answer(t, http.MethodGet, reminder, "/", ""), "Try miniboss")
	answer(t, http.MethodPost, todo, "/todos", `{"what": "survive"}`)
	before := answer(t, http.MethodGet, todo, "/todos", "")

	contains(t, "start again", miniboss(t, dir, "start"), "appdb: unchanged", "todo: unchanged", "reminder: unchanged")

	contains(t, "test", miniboss(t, dir, "test"), "todo: unchanged")
	if after := answer(t, http.MethodGet, todo, "/todos", ""); after != before {
		t.Errorf("before the tests: %s\nafter:            %s", before, after)
	}

	contains(t, "stop", miniboss(t, dir, "stop"), "\nstopped reminder, todo, appdb\n")
	contains(t, "start after stop", miniboss(t, dir, "start"), "appdb: ready", "todo: ready", "reminder: ready")
	if after := answer(t, http.MethodGet, todo, "/todos", ""); after != before || strings.Count(after, `"what"`) != 2 {
		t.Errorf("before: %s\nafter:  %s", before, after)
	}

	contains(t, "reload", miniboss(t, dir, "reload", "todo"), "\nreloaded todo\n")
	contains(t, "the page after reload", answer(t, http.MethodGet, todo, "/", ""), "Try miniboss", "survive")

	miniboss(t, dir, "stop", "--remove", "--volumes")
	containers, err := engine.Containers(t.Context(), runtime.Selector{Group: group})
	if err != nil || len(containers) != 0 {
		t.Errorf("containers: %v %v", containers, err)
	}
	networks, err := engine.Networks(t.Context(), group)
	if err != nil || len(networks) != 0 {
		t.Errorf("networks: %v %v", networks, err)
	}
	volumes, err := engine.Volumes(t.Context(), group)
	if err != nil || len(volumes) != 0 {
		t.Errorf("volumes: %v %v", volumes, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".miniboss-context")); !os.IsNotExist(err) {
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
