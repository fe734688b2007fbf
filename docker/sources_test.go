package docker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// sourcesOf returns what a build is found to be made from, read.
func sourcesOf(t testing.TB, b spec.Build) runtime.Sources {
	t.Helper()
	found, err := new(Engine).Sources(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Engine).ReadSources(t.Context(), b, found.Files); err != nil {
		t.Fatal(err)
	}
	return found
}

func sourceNames(found runtime.Sources) string {
	list := make([]string, len(found.Files))
	for i, f := range found.Files {
		list[i] = f.Name
	}
	return strings.Join(list, " ")
}

// What is looked at is what is sent, whatever the ignore file says.
func TestSourcesAreWhatIsSent(t *testing.T) {
	for _, ignore := range []string{"", "a", "*\n!a/b", "**/temp", "*\n!**/*.go", "a\n!a/b/temp", "*", "Dockerfile\n.dockerignore", "*\n!missing"} {
		dir := tree(t, map[string]string{
			"Dockerfile": "FROM scratch", ".dockerignore": ignore, "a/temp": "x", "a/b/temp": "x", "a/b/keep.go": "x", "empty/": "",
			"a/.miniboss-context": "x", ".miniboss-context.tmp": "x", "link": "->a/temp", "out": "->/etc/hostname", "dir": "->a",
		})
		got := sourceNames(sourcesOf(t, spec.Build{Context: dir}))
		if want := names(sentFiles(t, dir, "", false)); got != want {
			t.Errorf("%q:\ngot  %s\nsent %s", ignore, got, want)
		}
		if strings.Contains(got, "context") {
			t.Errorf("%q: the shared context is sent", ignore)
		}
	}
}

// What miniboss itself keeps is no source, wherever the user's directories are.
func TestOwnDirectoriesAreNoSource(t *testing.T) {
	dir := tree(t, map[string]string{"Dockerfile": "FROM scratch", ".cache/other": "x", ".cache/miniboss/locks/x": "x", ".config/miniboss/key": "x", "miniboss/x": "x"})
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, ".cache"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, ".config"))
	const want = ".cache/ .cache/other Dockerfile miniboss/ miniboss/x"
	if got := sourceNames(sourcesOf(t, spec.Build{Context: dir})); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The ignore file of a Dockerfile is beside it, also outside the context.
func TestIgnorefileOfADockerfileOutside(t *testing.T) {
	dir := tree(t, map[string]string{
		"docker/Prod": "FROM scratch", "docker/Prod.dockerignore": "a\n", "app/.dockerignore": "b\n", "app/a": "x", "app/b": "x",
		"other/Prod": "FROM scratch", "other/.dockerignore": "a\n",
	})
	app := filepath.Join(dir, "app")
	for dockerfile, want := range map[string][2]string{
		"../docker/Prod":                  {"../docker/Prod .dockerignore b", ".dockerignore .miniboss.Dockerfile b"},
		"../other/Prod":                   {"../other/Prod .dockerignore a", ".dockerignore .miniboss.Dockerfile a"},
		filepath.Join(dir, "docker/Prod"): {filepath.Join(dir, "docker/Prod") + " .dockerignore b", ".dockerignore .miniboss.Dockerfile b"},
	} {
		found := sourcesOf(t, spec.Build{Context: app, Dockerfile: dockerfile})
		sent := names(sentFiles(t, app, dockerfile, false))
		if got := fmt.Sprint([]string{sortedNames(found), sent}); got != fmt.Sprint([]string{sortedText(want[0]), want[1]}) {
			t.Errorf("%s: %s", dockerfile, got)
		}
	}
}

func sortedNames(found runtime.Sources) string { return sortedText(sourceNames(found)) }

func sortedText(text string) string {
	m := map[string]string{}
	for _, name := range strings.Fields(text) {
		m[name] = ""
	}
	return names(m)
}

func TestSumsOfSources(t *testing.T) {
	dir := tree(t, map[string]string{"docker/Dockerfile": "FROM scratch", "app/a": "same", "app/b": "same", "app/c": "other", "app/link": "->a", "app/out": "->../docker"})
	b := spec.Build{Context: filepath.Join(dir, "app"), Dockerfile: "../docker/Dockerfile"}
	sums := func() map[string]string {
		sums := map[string]string{}
		for _, f := range sourcesOf(t, b).Files {
			sums[f.Name] = f.Sum
		}
		return sums
	}
	first := sums()
	if first["a"] != first["b"] || first["a"] == first["c"] || first["link"] == first["a"] || len(first) != 6 {
		t.Errorf("%v", first)
	}
	if err := os.WriteFile(filepath.Join(dir, "docker/Dockerfile"), []byte("FROM other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "app/link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("b", filepath.Join(dir, "app/link")); err != nil {
		t.Fatal(err)
	}
	second := sums()
	for _, name := range []string{"../docker/Dockerfile", "link"} {
		if first[name] == "" || first[name] == second[name] {
			t.Errorf("%s: %s, then %s", name, first[name], second[name])
		}
	}
	// A directory that cannot be read is left out: a service may have its data there.
	gone := []runtime.SourceFile{{Name: "nowhere"}}
	if err := new(Engine).ReadSources(t.Context(), b, gone); err != nil || gone[0].Sum != "gone" {
		t.Errorf("%v %v", err, gone)
	}
}

func TestBaseImagesOfAllKinds(t *testing.T) {
	const dockerfile = `# syntax=docker/dockerfile:1
ARG REGISTRY=registry.test NAME=base
ARG FULL="${REGISTRY}/${NAME}"
FROM --platform=$BUILDPLATFORM ${FULL}:1 AS Build
ARG NAME=inside
COPY --from=tools:1 --chown=1:1 /a /b
COPY --from=build /a /b
COPY --from=0 /a /b
RUN --mount=type=bind,from=mounted:1,target=/x \
    --mount=type=cache,target=/y --network=none cp --from=nobody /x /y
FROM scratch
ADD --from=build /a /
from "quoted:1" as last
FROM ${GIVEN:-default}:${TAG:+yes}
FROM last
`
	got := strings.Join(baseImages(dockerfile, map[string]string{"GIVEN": "x", "REGISTRY": "mine.test"}), " ")
	if want := "mine.test/base:1 tools:1 mounted:1 quoted:1 default:"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// BenchmarkSources is what a start waits for where nothing has changed.
func BenchmarkSources(b *testing.B) {
	for _, count := range []int{100, 20_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			dir := b.TempDir()
			for i := range count {
				path := filepath.Join(dir, fmt.Sprintf("src/%d/%d", i/1000, i/20), fmt.Sprintf("file-%d.ts", i))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(strings.Repeat("x", 100+i%4000)), 0o644); err != nil {
					b.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nCOPY . .\n"), 0o644); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, ".dockerignore"), []byte("node_modules\n**/*.log\n.git\n"), 0o644); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				found, err := new(Engine).Sources(b.Context(), spec.Build{Context: dir})
				if err != nil || len(found.Files) < count {
					b.Fatal(err, len(found.Files))
				}
			}
		})
	}
}
