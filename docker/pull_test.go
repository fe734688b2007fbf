package docker_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
)

func TestPull(t *testing.T) {
	b := newBench(t)
	reference := enginetest.NewRegistry(t, "", "").Add(t, "team/server:1")
	if _, err := b.Image(t.Context(), reference); !errors.Is(err, runtime.ErrNotFound) {
		t.Fatalf("before: %v", err)
	}
	var steps []runtime.Progress
	must(t, b.Pull(t.Context(), reference, "", func(p runtime.Progress) { steps = append(steps, p) }))
	image, err := b.Image(t.Context(), reference)
	must(t, err)
	if len(image.Tags) == 0 || !strings.HasPrefix(image.ID, "sha256:") {
		t.Errorf("%+v", image)
	}
	if len(steps) == 0 || steps[0].Text == "" {
		t.Errorf("progress: %+v", steps)
	}
	must(t, b.Pull(t.Context(), reference, "linux/amd64", nil))
}

func TestPullThatFails(t *testing.T) {
	b := newBench(t)
	registry := enginetest.NewRegistry(t, "", "")
	there := registry.Add(t, "team/server:1")
	closed := enginetest.NewRegistry(t, "joe", "secret").Add(t, "team/server:1")
	for reference, wants := range map[string][]string{
		strings.Replace(there, ":1", ":2", 1) + "x": {"from " + registry.Host, "not found"},
		registry.Host + "/no/such:1":                {"from " + registry.Host, "not found"},
		"127.0.0.1:1/x:1":                           {`pull "127.0.0.1:1/x:1" from 127.0.0.1:1: `, "refused"},
		closed:                                      {"auth"},
		"UPPER:1":                                   {`pull "UPPER:1": `, "lowercase"},
	} {
		err := b.Pull(t.Context(), reference, "", nil)
		if err == nil {
			t.Errorf("%s was pulled", reference)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", reference, err, want)
			}
		}
		if found := errors.Is(err, runtime.ErrNotFound); found != strings.Contains(err.Error(), "not found") {
			t.Errorf("%s: ErrNotFound %t: %v", reference, found, err)
		}
	}
}

// withConfig connects with a Docker configuration of the test's own.
func withConfig(t *testing.T, b *bench, config string) *docker.Engine {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600))
	engine, err := docker.Connect(t.Context(), docker.Settings{Getenv: func(name string) string {
		return map[string]string{"DOCKER_CONFIG": dir, "DOCKER_HOST": b.Host()}[name]
	}})
	must(t, err)
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

func authFor(registry *enginetest.Registry) string {
	auth := base64.StdEncoding.EncodeToString([]byte(registry.User + ":" + registry.Password))
	return fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, registry.Host, auth)
}

func TestPullWithCredentials(t *testing.T) {
	b := newBench(t)
	registry := enginetest.NewRegistry(t, "joe", "secret")
	reference := registry.Add(t, "team/server:1")
	must(t, withConfig(t, b, authFor(registry)).Pull(t.Context(), reference, "", nil))
}

func TestPullWithACredentialHelperThatIsMissing(t *testing.T) {
	b := newBench(t)
	registry := enginetest.NewRegistry(t, "joe", "secret")
	reference := registry.Add(t, "team/server:1")
	engine := withConfig(t, b, fmt.Sprintf(`{"credHelpers": {%q: "no-such-helper"}}`, registry.Host))
	err := engine.Pull(t.Context(), reference, "", nil)
	if err == nil || !strings.Contains(err.Error(), "could not read the registry credentials") || !strings.Contains(err.Error(), "no-such-helper") {
		t.Error(err)
	}
}

func TestRemoveImageLeavesWhatIsUsed(t *testing.T) {
	b := newBench(t)
	image, err := b.Image(t.Context(), b.image)
	must(t, err)
	must(t, b.RemoveImage(t.Context(), image.ID))
	if _, err := b.Image(t.Context(), b.image); err != nil {
		t.Fatalf("an image with a tag was removed: %v", err)
	}
	must(t, b.RemoveImage(t.Context(), "sha256:"+strings.Repeat("0", 64))) // gone: no error
}
