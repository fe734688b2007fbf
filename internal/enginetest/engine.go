package enginetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/docker"
)

// Engine connects to the engine. A test without one fails: a run in which the
// engine's tests were skipped would look like one in which they passed.
func Engine(t testing.TB) *docker.Engine {
	t.Helper()
	needed(t)
	engine, err := docker.Connect(t.Context(), docker.Settings{})
	if err != nil {
		var none *docker.NoEngineError
		if errors.As(err, &none) {
			t.Fatalf("this test needs a container engine: run `make test`, which brings one up\n%s", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

// needed skips a test that needs an engine where none is to be asked: `make unit`.
func needed(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("it needs a container engine")
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// Unique returns a name that nothing else on the engine has. It begins with
// the test's and can be a group, a network or a part of an image's name.
func Unique(t testing.TB) string {
	t.Helper()
	base := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(strings.TrimPrefix(t.Name(), "Test")), "-"), "-")
	if len(base) > 24 {
		base = strings.Trim(base[:24], "-")
	}
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	return base + "-" + hex.EncodeToString(random)
}

// Group returns the name of a group of the test's own. When the test is done,
// everything with the group's label is removed from the engine.
func Group(t testing.TB) string {
	t.Helper()
	group := Unique(t)
	CleanUp(t, group)
	return group
}

// CleanUp removes everything with the group's label when the test is done.
func CleanUp(t testing.TB, group string) {
	t.Helper()
	api := API(t)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := api.removeGroup(ctx, group); err != nil {
			t.Errorf("cleaning up group %s: %v", group, err)
		}
	})
}
