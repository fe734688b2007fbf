package runtime

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

// elsewhere is an engine on another machine, which has one volume.
type elsewhere struct {
	*fakeEngine
	shares bool
}

// TestMountSources: what is not there is an error that names what is, and
// nothing is made that was not asked for.
func TestMountSources(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ written, want string }{
		{"./app.conf:/x", ""},
		{"./conf:/x", ""},
		{"./conf/:/x", ""},
		{"./app.cnf:/x", "class Web: volumes[0]: ./app.cnf does not exist; did you mean ./app.conf? | "},
		{"./conf/nginx.cofn:/x", "class Web: volumes[0]: ./conf/nginx.cofn does not exist; did you mean ./conf/nginx.conf? | "},
		{"./cofn/nginx.conf:/x", "class Web: volumes[0]: ./cofn/nginx.conf does not exist; did you mean ./conf/nginx.conf? | "},
		{"./cofn/other:/x", `class Web: volumes[0]: ./cofn/other does not exist; the nearest existing path is ./conf | if miniboss should create the directory, end the path with a slash: "./cofn/other/:/x"`},
		{"./data:/x", `class Web: volumes[0]: ./data does not exist; the nearest existing path is ./ | if miniboss should create the directory, end the path with a slash: "./data/:/x"`},
		{"./conf/a/b:/x", `class Web: volumes[0]: ./conf/a/b does not exist; the nearest existing path is ./conf | if miniboss should create the directory, end the path with a slash: "./conf/a/b/:/x"`},
		{"./made/deep/:/x", ""},
		{"./app.conf/:/x", "class Web: volumes[0]: ./app.conf is a file, but the / at its end asks for a directory | remove the / at the end"},
		{"./app.conf/a:/x", `class Web: volumes[0]: ./app.conf/a does not exist; the nearest existing path is ./app.conf | if miniboss should create the directory, end the path with a slash: "./app.conf/a/:/x"`},
		{"./app.conf/a/:/x", "class Web: volumes[0]: cannot create the directory: mkdir DIR/app.conf: not a directory | "},
		{"./dangling:/x", "class Web: volumes[0]: ./dangling does not exist: it is a symbolic link to nowhere | "},
		{"named:/x", ""},
		{"/x", ""},
	} {
		t.Run(test.written, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, name := range []string{"conf"} {
				if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"app.conf", "conf/nginx.conf"} {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("nowhere", filepath.Join(dir, "dangling")); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			d, problems := spec.ParseDefinition(with(object{"volumes": array{test.written}}), dir, spec.AtTurn)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			check := func(shares bool) string {
				r := NewRunner(Setup{File: filepath.Join(dir, "miniboss.js"), Engine: elsewhere{&fakeEngine{}, shares}})
				err := r.mounts(d, "Web", nil).check(t.Context())
				var got []string
				if wrong, ok := errors.AsType[*spec.DefinitionError](err); ok {
					for _, p := range wrong.Problems {
						got = append(got, p.String()+" | "+p.Hint)
					}
				} else if err != nil {
					t.Error(err)
				}
				return strings.ReplaceAll(strings.Join(got, "\n"), dir, "DIR")
			}
			if strings.HasSuffix(test.written, "conf/:/x") { // what is wrong wherever the engine is
				check(false)
			} else if got := check(false); got != "" {
				t.Errorf("an engine elsewhere: %s", got)
			}
			if got := check(true); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			after := tree(t, dir)
			if strings.HasPrefix(test.written, "./made") {
				before += " made made/deep"
			}
			if after != before {
				t.Errorf("there was %s, and is %s", before, after)
			}
		})
	}
}

func (e elsewhere) SharesFiles(context.Context) bool { return e.shares }

func TestMountSourceBesideTheModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "services", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	d, problems := spec.ParseDefinition(with(object{"volumes": object{"./data": object{"bind": "/data"}}}), dir, spec.AtTurn)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := NewRunner(Setup{File: filepath.Join(dir, "miniboss.js"), Engine: elsewhere{&fakeEngine{}, true}})
	err := r.mounts(d, "Db", func(string) spec.Position {
		return spec.Position{File: filepath.Join(dir, "services", "db.js"), Line: 1}
	}).check(t.Context())
	wrong, ok := errors.AsType[*spec.DefinitionError](err)
	if !ok || len(wrong.Problems) != 1 || wrong.Problems[0].String() != "class Db: volumes../data: ./data does not exist" ||
		wrong.Problems[0].Hint != `paths are relative to miniboss.js, but this one exists next to db.js: write path.join(import.meta.dirname, "data") and import path from "node:path"` {
		t.Errorf("%+v", err)
	}
}

// tree lists what is below a directory.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if relative, _ := filepath.Rel(dir, path); relative != "." {
			names = append(names, relative)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}
