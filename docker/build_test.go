package docker_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// builders are the two of Docker's engine.
var builders = []string{"buildkit", "classic"}

func eachBuilder(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Parallel()
	for _, builder := range builders {
		t.Run(builder, func(t *testing.T) {
			b := newBench(t)
			if builder == "classic" {
				engine, err := docker.Connect(t.Context(), docker.Settings{Getenv: func(name string) string {
					if name == "DOCKER_BUILDKIT" {
						return "0"
					}
					return os.Getenv(name)
				}})
				must(t, err)
				t.Cleanup(func() { _ = engine.Close() })
				b.Engine = engine
			}
			test(t, b)
		})
	}
}

// project writes the files of a build context.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

// label marks what the lines after it make as the test's.
func (b *bench) label() string { return "LABEL " + enginetest.LabelTest + "=" + b.group + "\n" }

// tag names an image that is removed when the test is done.
func (b *bench) tag() string {
	tag := b.group + ":dev"
	enginetest.RemoveImage(b.t, tag)
	return tag
}

func (b *bench) build(options runtime.BuildOptions) (string, []runtime.Progress, error) {
	var progress []runtime.Progress
	id, err := b.Build(b.t.Context(), options, func(p runtime.Progress) { progress = append(progress, p) })
	return id, progress, err
}

func TestBuild(t *testing.T) {
	eachBuilder(t, func(t *testing.T, b *bench) {
		dir := project(t, map[string]string{
			"Dockerfile": "ARG BASE\nFROM ${BASE} AS base\n" + b.label() + "ARG GREETING=none\nENV GREETING=${GREETING}\nCOPY . /files/\nRUN [\"/testserver\", \"echo\", \"building now\"]\n" +
				"FROM base AS unwanted\nRUN [\"/testserver\", \"exit\", \"1\"]\n",
			"kept.txt": "kept", "ignored.txt": "ignored", ".dockerignore": "ignored.txt\n",
		})
		tag := b.tag()
		options := runtime.BuildOptions{Tag: tag, Build: spec.Build{
			Context: dir, Target: "base", Args: map[string]string{"BASE": b.image, "GREETING": "hello"},
		}}
		id, progress, err := b.build(options)
		must(t, err)
		image, err := b.Image(t.Context(), tag)
		must(t, err)
		if image.ID != id || !slices.Equal(image.Tags, []string{tag}) {
			t.Errorf("%s, image %+v", id, image)
		}
		said := slices.ContainsFunc(progress, func(p runtime.Progress) bool {
			return p.Text == "building now" && strings.Contains(p.Step, "RUN")
		})
		counted := slices.ContainsFunc(progress, func(p runtime.Progress) bool { return p.Current == 2 && p.Total > 1 })
		if !said || !counted {
			t.Errorf("progress: %+v", progress)
		}
		// Nothing changed: the same image.
		again, _, err := b.build(options)
		must(t, err)
		if again != id {
			t.Errorf("built again: %s, not %s", again, id)
		}
		// A file changed: another one, and the old one, which has lost its tag, can go.
		must(t, os.WriteFile(filepath.Join(dir, "kept.txt"), []byte("changed"), 0o644))
		changed, _, err := b.build(options)
		must(t, err)
		if changed == id {
			t.Error("a changed file gave the same image")
		}
		container := b.start(spec.Definition{Name: "web", Image: changed})
		must(t, b.RemoveImage(t.Context(), id))
		if _, err := b.Image(t.Context(), id); !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("the old image: %v", err)
		}
		for command, want := range map[string]string{"cat /files/kept.txt": "changed", "cat /files/ignored.txt": "", "env GREETING": "hello\n"} {
			result, err := b.Exec(t.Context(), container, runtime.ExecOptions{Cmd: append([]string{"/testserver"}, strings.Fields(command)...)})
			must(t, err)
			if result.Stdout != want {
				t.Errorf("%s: %+v", command, result)
			}
		}
		must(t, b.Remove(t.Context(), container))
	})
}

func TestBuildThatFails(t *testing.T) {
	eachBuilder(t, func(t *testing.T, b *bench) {
		dir := project(t, map[string]string{
			"Dockerfile": "FROM " + b.image + "\n" + b.label() + "RUN [\"/testserver\", \"print\", \"100\"]\nRUN [\"/testserver\", \"cat\", \"/no/such/file\"]\nRUN [\"/testserver\", \"echo\", \"never\"]\n",
		})
		_, _, err := b.build(runtime.BuildOptions{Tag: b.tag(), Build: spec.Build{Context: dir}})
		var failed *docker.BuildError
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		if !strings.Contains(failed.Step, "RUN") || !strings.Contains(failed.Step, "/no/such/file") || failed.Context != dir {
			t.Errorf("step %q of %q", failed.Step, failed.Context)
		}
		if len(failed.Output) != 1 || !strings.Contains(failed.Output[0], "open /no/such/file") {
			t.Errorf("output: %q", failed.Output)
		}
		if !strings.Contains(err.Error(), "exit code: 1") && !strings.Contains(err.Error(), "non-zero code: 1") {
			t.Error(err)
		}
		t.Log(err)
	})
}

func TestBuildOfAWrongDockerfile(t *testing.T) {
	eachBuilder(t, func(t *testing.T, b *bench) {
		for dockerfile, want := range map[string]string{
			"FROM " + b.image + "\n" + b.label() + "COPPY x y\n":                    "unknown instruction: COPPY",
			"FROM " + b.image + "\n" + b.label() + "COPY missing.txt /\n":           "missing.txt",
			"FROM " + b.image + " AS x\n" + b.label() + "FROM x\nCOPY --from=y a b": "y",
			"": "empty",
		} {
			_, _, err := b.build(runtime.BuildOptions{Tag: b.tag(), Build: spec.Build{Context: project(t, map[string]string{"Dockerfile": dockerfile})}})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", dockerfile, err, want)
			}
		}
	})
}

func TestBuildWithoutItsFiles(t *testing.T) {
	b := newBench(t)
	dir := project(t, map[string]string{"file": "x"})
	for want, build := range map[string]spec.Build{
		"there is no directory " + dir + "/missing": {Context: dir + "/missing"},
		"there is no Dockerfile in " + dir:          {Context: dir},
		"there is no Other in " + dir:               {Context: dir, Dockerfile: "Other"},
	} {
		_, _, err := b.build(runtime.BuildOptions{Tag: b.tag(), Build: build})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	secret := filepath.Join(dir, "secret")
	must(t, os.WriteFile(secret, nil, 0o000))
	must(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM "+b.image+"\nCOPY file /\n"), 0o644))
	if os.Getuid() != 0 { // root reads everything
		_, _, err := b.build(runtime.BuildOptions{Tag: b.tag(), Build: spec.Build{Context: dir}})
		if err == nil || !strings.Contains(err.Error(), "secret cannot be read") {
			t.Error(err)
		}
	}
}

func TestBuildOnAPrivateImage(t *testing.T) {
	eachBuilder(t, func(t *testing.T, b *bench) {
		registry := enginetest.NewRegistry(t, "joe", "secret")
		base := registry.Add(t, "team/base:1")
		engine := withConfig(t, b, authFor(registry))
		for _, pull := range []bool{false, true} {
			dir := project(t, map[string]string{"Dockerfile": "FROM " + base + "\n" + b.label() + "COPY file /\n", "file": b.group})
			_, err := engine.Build(t.Context(), runtime.BuildOptions{Tag: b.tag(), Pull: pull, Build: spec.Build{Context: dir}}, nil)
			must(t, err)
		}
	})
}

func TestBuildOnAMissingImage(t *testing.T) {
	eachBuilder(t, func(t *testing.T, b *bench) {
		registry := enginetest.NewRegistry(t, "", "")
		dir := project(t, map[string]string{"Dockerfile": "FROM " + registry.Host + "/no/such:1\n"})
		_, _, err := b.build(runtime.BuildOptions{Tag: b.tag(), Build: spec.Build{Context: dir}})
		if err == nil || !strings.Contains(err.Error(), registry.Host+"/no/such:1") {
			t.Error(err)
		}
		t.Log(err)
	})
}
