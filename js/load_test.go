package js

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/miniboss/miniboss/runtime"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTmp(t *testing.T) {
	dir := t.TempDir()
	p := write(t, dir, "miniboss.js", os.Getenv("SRC"))
	f, err := Load(context.Background(), Options{File: p, WorkDir: dir, Console: func(l Line) { t.Logf("%+v", l) }, OnError: func(e *Error) { t.Logf("reported: %s\n%s", e, e.Detail()) }})
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			t.Log(e.Error(), "\n"+e.Detail())
		}
		var d *runtime.DefinitionError
		if errors.As(err, &d) {
			for _, p := range d.Problems {
				t.Logf("%s: %s %s", p.Pos, p, p.Hint)
			}
		}
		t.Fatal(err)
	}
	defer f.Close()
	for _, s := range f.Services {
		t.Logf("%+v", *s)
		if s.Hooks.Ping != nil {
			t.Log(s.Hooks.Ping(t.Context()))
		}
		if s.Hooks.PostStart != nil {
			err := s.Hooks.PostStart(t.Context())
			t.Log(err)
			var e *Error
			if errors.As(err, &e) {
				t.Log("\n" + e.Detail())
			}
		}
	}
	t.Log(f.OnStart(t.Context(), []string{"a", "b"}))
}

// describeError is what a user would see of an error.
func describeError(err error) string {
	if err == nil {
		return ""
	}
	out := err.Error()
	var b *BuildError
	var e *Error
	switch {
	case errors.As(err, &b):
		out = ""
		for _, e := range b.Errors {
			out += e.Error() + "\n" + e.Detail() + "\n"
		}
	case errors.As(err, &e):
		out += "\n" + e.Detail()
	}
	return out
}
