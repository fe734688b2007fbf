package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

// fileAt makes a file and returns its path.
func fileAt(t *testing.T, path string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestGroupTaken has each command come to a group of which another file that is
// still there has something: it says so, and does nothing.
func TestGroupTaken(t *testing.T) {
	t.Parallel()
	commands := map[string]func(w *world) error{
		"start":   func(w *world) error { return w.start(t.Context()) },
		"stop":    func(w *world) error { return w.runner.Stop(t.Context(), StopOptions{}) },
		"remove":  func(w *world) error { return w.runner.Stop(t.Context(), StopOptions{Remove: true, Volumes: true}) },
		"reload":  func(w *world) error { return w.runner.Reload(t.Context(), ReloadOptions{Service: "a"}) },
		"restart": func(w *world) error { return w.runner.Restart(t.Context(), RestartOptions{}) },
		"test":    func(w *world) error { _, err := w.runner.find(t.Context(), []string{"a"}); return err },
		"dry run": func(w *world) error { _, err := w.runner.Plan(t.Context(), startOptions()); return err },
		"run":     func(w *world) error { _, err := w.runner.RunOneOff(t.Context(), RunOptions{Service: "a"}); return err },
		"exec": func(w *world) error {
			_, err := w.runner.Exec(t.Context(), "a", ExecOptions{}, Streams{})
			return err
		},
	}
	has := map[string]func(w *world, by Labels){
		"container shop_a": func(w *world, by Labels) {
			by.Service = "a"
			w.engine.add(Container{ID: "theirs", Name: "shop_a", State: "running", Labels: by})
		},
		"container shop_x.run1": func(w *world, by Labels) {
			by.Service, by.OneOff = "x", true
			w.engine.add(Container{ID: "theirs", Name: "shop_x.run1", State: "running", Labels: by})
		},
		"volume shop_data": func(w *world, by Labels) {
			w.engine.volumes["shop_data"], w.engine.labels["shop_data"] = true, by
		},
		"network miniboss-shop": func(w *world, by Labels) {
			w.engine.networks["miniboss-shop"] = Network{ID: "n", Name: "miniboss-shop", Ours: true}
			w.engine.labels["miniboss-shop"] = by
		},
	}
	for what, leave := range has {
		for name, command := range commands {
			if name == "exec" && !strings.HasPrefix(what, "container") {
				continue // it only looks for a container
			}
			t.Run(name+" with "+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "a:", func(s map[string]*spec.Service) { s["a"].Loaded.Build = &spec.Build{} })
				other := fileAt(t, filepath.Join(t.TempDir(), "miniboss.ts"))
				leave(w, Labels{Group: "shop", File: other})
				before := w.left()
				w.engine.before = func(_ context.Context, operation string) error {
					if !slices.Contains([]string{"list", "network miniboss-shop", "image web:1", "sources ."}, operation) { // it may look
						t.Errorf("it does: %s", operation)
					}
					return nil
				}
				err := command(w)
				want := fmt.Sprintf("group %q belongs to another file, %s, which created %s", "shop", other, what)
				if err == nil || err.Error() != want {
					t.Errorf("error: %v, want %s", err, want)
				}
				w.engine.before = nil
				same(t, "left", w.left(), before)
			})
		}
	}
}

// left is all that there is on the engine.
func (w *world) left() string {
	volumes, _ := w.runner.volumeNames(w.t.Context())
	return fmt.Sprintf("%s; %d networks; %s", w.engine.list(), len(w.engine.networks), strings.Join(volumes, " "))
}

// TestOwner tells whose a container is by the file on its label.
func TestOwner(t *testing.T) {
	t.Parallel()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(path string) string { return filepath.Join(root, filepath.FromSlash(path)) }
	link := func(from, to string) {
		if err := os.Symlink(at(from), at(to)); err != nil {
			t.Skip(err)
		}
	}
	fileAt(t, at("shop/miniboss.js"))
	fileAt(t, at("copy/miniboss.js"))
	fileAt(t, at("file"))
	if err := errors.Join(os.MkdirAll(at("linked"), 0o755), os.MkdirAll(at("hard"), 0o755), os.MkdirAll(at("now/miniboss.js"), 0o755),
		os.Link(at("shop/miniboss.js"), at("hard/miniboss.js"))); err != nil {
		t.Fatal(err)
	}
	link("shop", "way")
	link("shop/miniboss.js", "linked/miniboss.js")
	for _, c := range []struct {
		labels Labels
		want   whose
	}{
		{Labels{File: at("shop/miniboss.js")}, ours},
		{Labels{File: at("shop") + "/../shop/miniboss.js"}, ours},
		{Labels{File: at("way/miniboss.js")}, ours},
		{Labels{File: at("linked/miniboss.js")}, ours},
		{Labels{}, ours},
		{Labels{File: at("copy/miniboss.js")}, another},
		{Labels{File: at("hard/miniboss.js")}, another}, // a copy that shares its disk space
		{Labels{File: at("shop/miniboss.ts")}, gone},
		{Labels{File: at("gone/miniboss.js")}, gone},
		{Labels{File: at("file/miniboss.js")}, gone},
		{Labels{File: at("now/miniboss.js")}, gone},
		{Labels{File: at("gone/miniboss.js"), Machine: "laptop"}, another},
		{Labels{File: at("shop/miniboss.js"), Machine: "laptop"}, ours},
	} {
		r := NewRunner(Setup{Group: "shop", File: at("shop/miniboss.js")})
		if _, got := r.owner(thing{labels: c.labels}); got != c.want {
			t.Errorf("%+v: %d, want %d", c.labels, got, c.want)
		}
	}
}

// TestTakenOver moves a directory. Its things stay its own, also where another
// file comes to be at the old place.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	root, locks := t.TempDir(), t.TempDir()
	old, moved := filepath.Join(root, "shop", "miniboss.js"), fileAt(t, filepath.Join(root, "shop-old", "miniboss.js"))
	w := newWorld(t, "a:", nil)
	w.runner.File = old
	leftBy(w, "a", "exited")
	w.engine.volumes["shop_data"], w.engine.labels["shop_data"] = true, Labels{Group: "shop", File: old}
	next := func(file string) *Runner {
		w.again()
		w.runner.File, w.runner.Adopted = file, NewAdopted(locks, "shop")
		return w.runner
	}
	if err := next(moved).Stop(t.Context(), StopOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "messages", w.rest(), "notice: group shop: taking over container shop_a and volume shop_data from "+old+", which no longer exists")
	if err := next(moved).Stop(t.Context(), StopOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "messages of the next", w.rest(), "")

	fileAt(t, old)
	if _, err := next(moved).claim(t.Context()); err != nil {
		t.Error(err)
	}
	want := `group "shop" belongs to another file, ` + moved + `, which created container shop_a and volume shop_data`
	if _, err := next(old).claim(t.Context()); err == nil || err.Error() != want {
		t.Errorf("error: %v, want %s", err, want)
	}

	// What it removes is forgotten.
	if err := next(moved).Stop(t.Context(), StopOptions{Remove: true, Volumes: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := next(old).claim(t.Context()); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(locks, "*.adopted")); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

// TestGroupTakenHints reads what a user is told to do.
func TestGroupTakenHints(t *testing.T) {
	t.Parallel()
	container := thing{kind: "container", name: "shop_db"}
	volume := thing{kind: "volume", name: "shop_data"}
	var many []thing
	for i := range 8 {
		many = append(many, thing{kind: "container", name: fmt.Sprintf("shop_%d", i)})
	}
	for _, c := range []struct {
		err  *GroupTakenError
		want string
	}{
		{&GroupTakenError{Group: "shop", File: "/work/shop/miniboss.js", Suggested: "shop-fix", here: true, things: []thing{container}},
			`group "shop" belongs to another file, /work/shop/miniboss.js, which created container shop_db
  hint: give this file its own group: groupName("shop-fix")
  hint: or remove what the other file created: miniboss stop --remove -f /work/shop/miniboss.js
  hint: or, if that file uses another group now: docker rm -f shop_db`},
		{&GroupTakenError{Group: "shop", File: "/my work/miniboss.js", Suggested: "shop-fix", here: true, things: []thing{container, volume}},
			`group "shop" belongs to another file, /my work/miniboss.js, which created container shop_db and volume shop_data
  hint: give this file its own group: groupName("shop-fix")
  hint: or remove what the other file created: miniboss stop --remove --volumes -f '/my work/miniboss.js'
  hint: or, if that file uses another group now: docker rm -f shop_db && docker volume rm shop_data`},
		{&GroupTakenError{Group: "shop", File: "/work/miniboss.js", Machine: "laptop", Suggested: "shop-2", things: []thing{volume}},
			`group "shop" belongs to another file, /work/miniboss.js on machine laptop, which created volume shop_data
  hint: give this file its own group: groupName("shop-2")
  hint: or remove what the other file created: docker volume rm shop_data`},
		{&GroupTakenError{Group: "shop", File: "/work/miniboss.js", Suggested: "shop-2", here: true, things: many},
			`group "shop" belongs to another file, /work/miniboss.js, which created containers shop_0, shop_1, shop_2, shop_3, shop_4, shop_5 and 2 more
  hint: give this file its own group: groupName("shop-2")
  hint: or remove what the other file created: miniboss stop --remove -f /work/miniboss.js`},
	} {
		same(t, "message", c.err.Error()+"\n  hint: "+c.err.Hint(), c.want)
	}
}

func TestOtherGroup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ group, file, other, want string }{
		{"backend", "/two/backend/miniboss.js", "/one/backend/miniboss.js", "backend-two"},
		{"shop", "/work/shop-fix/miniboss.js", "/work/shop/miniboss.js", "shop-fix"},
		{"shop", "/work/Fix It/miniboss.ts", "/work/shop/miniboss.js", "shop-fix-it"},
		{"shop", "/work/shop/two.js", "/work/shop/one.js", "shop-two"},
		{"shop", "/work/shop/miniboss.ts", "/work/shop/miniboss.js", "shop-2"},
		{"x", "/数据/miniboss.js", "/資料/miniboss.js", "x-2"},
	} {
		if got := otherGroup(c.group, filepath.FromSlash(c.file), filepath.FromSlash(c.other)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
