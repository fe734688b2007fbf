package docker_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// configured is a bench whose engine has a configuration of the Docker CLI.
// HOST stands for the engine's address in it.
func configured(t *testing.T, config string) *bench {
	t.Helper()
	b := newBench(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(strings.ReplaceAll(config, "HOST", b.Host())), 0o600))
	engine, err := docker.Connect(t.Context(), docker.Settings{Getenv: func(name string) string {
		switch name {
		case "DOCKER_CONFIG":
			return dir
		case "DOCKER_HOST":
			return b.Host()
		}
		return os.Getenv(name)
	}})
	must(t, err)
	t.Cleanup(func() { _ = engine.Close() })
	b.Engine = engine
	return b
}

// proxyEnv returns the proxy variables of a container.
func (b *bench) proxyEnv(id string) string {
	b.t.Helper()
	data, err := b.InspectContainer(b.t.Context(), id)
	must(b.t, err)
	var found struct{ Config struct{ Env []string } }
	must(b.t, json.Unmarshal(data, &found))
	slices.Sort(found.Config.Env)
	return strings.Join(slices.DeleteFunc(found.Config.Env, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !strings.HasSuffix(strings.ToLower(name), "_proxy")
	}), " ")
}

func TestProxiesOfContainers(t *testing.T) {
	const all = `{"proxies": {"default": {"httpProxy": "http://p:1", "noProxy": "localhost"}}}`
	for _, test := range []struct {
		name, config string
		definition   spec.Definition
		want         string
	}{
		{"none", `{}`, spec.Definition{}, ""},
		{"default", all, spec.Definition{}, "HTTP_PROXY=http://p:1 NO_PROXY=localhost http_proxy=http://p:1 no_proxy=localhost"},
		{"of this engine", `{"proxies": {"default": {"httpProxy": "http://p:1"}, "HOST": {"httpsProxy": "http://q:2", "ftpProxy": "f", "allProxy": "a"}}}`,
			spec.Definition{}, "ALL_PROXY=a FTP_PROXY=f HTTPS_PROXY=http://q:2 all_proxy=a ftp_proxy=f https_proxy=http://q:2"},
		{"of another engine", `{"proxies": {"tcp://elsewhere:2375": {"httpProxy": "http://p:1"}}}`, spec.Definition{}, ""},
		{"the definition sets one", all, spec.Definition{Env: map[string]string{"HTTP_PROXY": "mine", "no_proxy": ""}},
			"HTTP_PROXY=mine NO_PROXY=localhost http_proxy=http://p:1 no_proxy="},
		{"the definition leaves one out", all, spec.Definition{Unset: []string{"HTTP_PROXY", "OTHER"}}, "HTTP_PROXY NO_PROXY=localhost no_proxy=localhost"}, // a name alone is left out by the engine
	} {
		t.Run(test.name, func(t *testing.T) {
			b := configured(t, test.config)
			test.definition.Name = "web"
			id := b.create(test.definition)
			if got := b.proxyEnv(id); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			// They are no change of the definition.
			changes, err := b.Changes(t.Context(), id, b.request(test.definition))
			must(t, err)
			if len(changes) > 0 {
				t.Errorf("changes: %v", changes)
			}
		})
	}
}

func TestProxiesOfBuilds(t *testing.T) {
	b := configured(t, `{"proxies": {"default": {"httpProxy": "http://p:1", "noProxy": "localhost"}}}`)
	dir := project(t, map[string]string{"Dockerfile": "FROM " + b.image + "\n" + b.label() +
		`RUN ["/testserver", "env", "HTTP_PROXY"]` + "\n" + `RUN ["/testserver", "env", "no_proxy"]` + "\n"})
	_, progress, err := b.build(runtime.BuildOptions{Tag: b.tag(), Build: spec.Build{Context: dir, Args: map[string]string{"no_proxy": "mine"}}})
	must(t, err)
	for _, want := range []string{"http://p:1", "mine"} {
		if !slices.ContainsFunc(progress, func(p runtime.Progress) bool { return p.Text == want }) {
			t.Errorf("no step says %s: %+v", want, progress)
		}
	}
}
