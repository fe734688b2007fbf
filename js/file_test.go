package js

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLoadIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	file := write(t, t.TempDir(), "miniboss.js", `
import { Service } from "miniboss";
console.log("here");
while (true) {}
`)
	_, err := Load(ctx, Options{File: file, Console: func(Line) { cancel(cause) }})
	if !errors.Is(err, cause) {
		t.Error(err)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Load(t.Context(), Options{File: filepath.Join(dir, "miniboss.js"), WorkDir: dir})
	if !errors.Is(err, os.ErrNotExist) || err.Error() != "miniboss.js: no such file or directory" {
		t.Error(err)
	}
}

func TestLoadOfContextFails(t *testing.T) {
	t.Parallel()
	want := errors.New("cannot read")
	file := write(t, t.TempDir(), "miniboss.js", `import { Service } from "miniboss"; export class A extends Service { name = "a"; image = "i" }`)
	_, err := Load(t.Context(), Options{File: file, LoadContext: func(string) ([]byte, error) { return nil, want }})
	if !errors.Is(err, want) {
		t.Error(err)
	}
}

func TestClosedFile(t *testing.T) {
	t.Parallel()
	file := write(t, t.TempDir(), "miniboss.js", `
import { Service, onStartServices } from "miniboss";
export class A extends Service { name = "a"; image = "i"; async ping() { await new Promise(() => {}); } }
onStartServices(() => {});`)
	f, err := Load(t.Context(), Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if f.Err() != nil {
		t.Error(f.Err())
	}
	result := make(chan error, 1)
	go func() {
		_, _, err := f.Services[0].Hooks.Ping(context.Background())
		result <- err
	}()
	f.Close()
	f.Close()
	<-f.Dead()
	_, snapshotErr := f.Snapshot(t.Context())
	for _, err := range []error{<-result, f.Err(), f.OnStart(t.Context(), nil), snapshotErr} {
		if !errors.Is(err, errClosed) {
			t.Error(err)
		}
	}
}

// TestPingWaits has a ping that never answers end with its caller.
func TestPingWaits(t *testing.T) {
	t.Parallel()
	file := write(t, t.TempDir(), "miniboss.js", `
import { Service, sleep } from "miniboss";
export class A extends Service { name = "a"; image = "i"; async ping() { for (;;) await sleep(1); } }`)
	f, err := Load(t.Context(), Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("not ready after 20ms"))
	defer cancel()
	if _, _, err := f.Services[0].Hooks.Ping(ctx); err == nil || err.Error() != "not ready after 20ms" {
		t.Error(err)
	}
}
