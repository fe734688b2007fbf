package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func newStore(t *testing.T) (*ContextStore, string) {
	t.Helper()
	dir := t.TempDir()
	return NewContextStore(dir, t.TempDir(), func(string) {}), filepath.Join(dir, ContextFile)
}

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// content returns what a file holds, or "" where it is not there.
func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// load returns the values without blanks.
func load(t *testing.T, s *ContextStore, group string) string {
	t.Helper()
	values, err := s.Load(group)
	if err != nil {
		t.Fatalf("load %s: %v", group, err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, values); err != nil {
		t.Fatalf("load %s: %v in %q", group, err, values)
	}
	return compact.String()
}

func TestContextStore(t *testing.T) {
	t.Parallel()
	store, path := newStore(t)
	if got := load(t, store, "a"); got != "{}" {
		t.Errorf("nothing saved gives %s", got)
	}
	if content(t, path) != "" {
		t.Error("loading wrote the file")
	}
	for group, values := range map[string]string{"a": `{"id":1,"s":"<ä>"}`, "b": `{}`, "": `{"none":null}`} {
		if err := store.Save(t.Context(), group, []byte(values)); err != nil {
			t.Fatal(err)
		}
	}
	for group, want := range map[string]string{"a": `{"id":1,"s":"<ä>"}`, "b": `{}`, "": `{"none":null}`, "c": `{}`} {
		got := load(t, store, group)
		var g, w any
		if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal([]byte(want), &w) != nil || fmt.Sprint(g) != fmt.Sprint(w) {
			t.Errorf("group %q has %s, want %s", group, got, want)
		}
	}
	// Each group's part goes alone, and the file with the last.
	for _, group := range []string{"a", ""} {
		if err := store.Remove(t.Context(), group); err != nil {
			t.Fatal(err)
		}
	}
	if got := load(t, store, "a"); got != "{}" {
		t.Errorf("a was removed and has %s", got)
	}
	if content(t, path) == "" {
		t.Error("the file went with a group that was not the last")
	}
	for range 2 { // the second time there is nothing to remove, which is fine
		if err := store.Remove(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
	}
	if left := names(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("the last group was removed, and there is %v", left)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestContextFileFormat(t *testing.T) {
	t.Parallel()
	store, path := newStore(t)
	if err := store.Save(t.Context(), "shop", []byte(`{"id":1}`)); err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"version\": 1,\n  \"groups\": {\n    \"shop\": {\n      \"id\": 1\n    }\n  }\n}\n"
	if got := content(t, path); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// Nobody else reads it, not for an instant: a context may hold secrets.
func TestContextFileMode(t *testing.T) {
	t.Parallel()
	if goruntime.GOOS == "windows" {
		t.Skip("modes are not what they are on Unix")
	}
	store, path := newStore(t)
	// What was there before does not count: an older file and a temporary
	// one that a killed process left, both open to all.
	write(t, path, `{"version":1,"groups":{}}`, 0o644)
	write(t, path+".tmp", "left", 0o644)
	// A second name of the temporary file shows whether it was written to.
	if err := os.Link(path+".tmp", path+".witness"); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(t.Context(), "a", []byte(`{"secret":1}`)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if got := content(t, path+".witness"); got != "left" {
		t.Errorf("the temporary file that was there was written to: %s", got)
	}
	if left := names(t, filepath.Dir(path)); !slices.Equal(left, []string{ContextFile, ContextFile + ".witness"}) {
		t.Errorf("there is %v", left)
	}
}

// A link is read through and then replaced: what it points to is not ours to
// write.
func TestContextFileIsALink(t *testing.T) {
	t.Parallel()
	store, path := newStore(t)
	target := filepath.Join(t.TempDir(), "target")
	text := `{"version":1,"groups":{"a":{"id":1}}}`
	write(t, target, text, 0o644)
	if err := os.Symlink(target, path); err != nil {
		t.Skip("no links here:", err)
	}
	if err := os.Symlink(target, path+".tmp"); err != nil {
		t.Fatal(err)
	}
	if got := load(t, store, "a"); got != `{"id":1}` {
		t.Errorf("read through the link: %s", got)
	}
	if err := store.Save(t.Context(), "b", []byte(`{"secret":1}`)); err != nil {
		t.Fatal(err)
	}
	if got := content(t, target); got != text {
		t.Errorf("the target has become %s", got)
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the file is %v, %v", info, err)
	}
	if a, b := load(t, store, "a"), load(t, store, "b"); a != `{"id":1}` || b != `{"secret":1}` {
		t.Errorf("the groups have %s and %s", a, b)
	}
}

// What cannot be understood may still be needed: nothing touches it.
func TestContextFileBroken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "it is not a JSON object: unexpected end of JSON input"},
		{"garbage", "\x00\xffgarbage", `it is not a JSON object: invalid character '\x00' looking for beginning of value`},
		{"truncated", `{"version": 1, "groups": {"a": {"id": 1}`, "it is not a JSON object: unexpected end of JSON input"},
		{"two objects", `{} {}`, "it is not a JSON object: invalid character '{' after top-level value"},
		{"null", "null", "it is not a JSON object"},
		{"array", "[]", "it is not a JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage"},
		{"newer", `{"version": 2, "groups": {}}`, "it has version 2, but this miniboss supports 1"},
		{"newer, laid out otherwise", `{"version": 2, "values": []}`, "it has version 2, but this miniboss supports 1"},
		{"newer, groups of another kind", `{"version": 2, "groups": []}`, "it has version 2, but this miniboss supports 1"},
		{"version of another kind", `{"version": "1", "groups": {}}`, "it is not a context file of miniboss: json: cannot unmarshal string into Go struct field contextContent.version of type int"},
		{"without groups", `{"version": 1, "id": 7}`, "it is not a context file of miniboss: it has no groups"},
		{"groups null", `{"version": 1, "groups": null}`, "it is not a context file of miniboss: it has no groups"},
		{"group is no object", `{"version": 1, "groups": {"b": [1]}}`, `the values of group "b" are not a JSON object: json: cannot unmarshal array into Go value of type map[string]interface {}`},
		{"group is null", `{"version": 1, "groups": {"b": null}}`, `the values of group "b" are not a JSON object`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store, path := newStore(t)
			write(t, path, test.text, 0o600)
			want := "context file " + path + ": " + test.want
			_, err := store.Load("a")
			check := func(what string, err error) {
				var broken *ContextFileError
				if !errors.As(err, &broken) || err.Error() != want {
					t.Errorf("%s:\n got %v\nwant %s", what, err, want)
					return
				}
				if broken.Hint() != "fix it, or move it away and run stop and start: the hooks of new containers set its values again" {
					t.Errorf("hint: %s", broken.Hint())
				}
			}
			check("load", err)
			check("save", store.Save(t.Context(), "a", []byte(`{}`)))
			check("remove", store.Remove(t.Context(), "a"))
			if got := content(t, path); got != test.text {
				t.Errorf("the file has become %q", got)
			}
			if left := names(t, filepath.Dir(path)); !slices.Equal(left, []string{ContextFile}) {
				t.Errorf("there is %v", left)
			}
		})
	}
}

// The original miniboss wrote the bare values of its one group.
func TestContextFileOfTheOriginal(t *testing.T) {
	t.Parallel()
	store, path := newStore(t)
	write(t, path, "{\"todo_id\": 1, \"user\": {\"name\": \"x\"}}\n", 0o644)
	if got := load(t, store, "any"); got != `{"todo_id":1,"user":{"name":"x"}}` {
		t.Errorf("loaded %s", got)
	}
	if err := store.Save(t.Context(), "any", []byte(`{"todo_id":2}`)); err != nil {
		t.Fatal(err)
	}
	if a, b := load(t, store, "any"), load(t, store, "other"); a != `{"todo_id":2}` || b != "{}" {
		t.Errorf("saved, the groups have %s and %s", a, b)
	}
}

// Values that are no JSON never get to the file.
func TestContextStoreRefusesBrokenValues(t *testing.T) {
	t.Parallel()
	for _, values := range []string{"", "{", "null", "[]", "1", "{} {}"} {
		store, path := newStore(t)
		if err := store.Save(t.Context(), "a", []byte(`{"id":1}`)); err != nil {
			t.Fatal(err)
		}
		before := content(t, path)
		err := store.Save(t.Context(), "a", []byte(values))
		if err == nil || err.Error() != "context: the values to save are not a JSON object" {
			t.Errorf("%q: %v", values, err)
		}
		if got := content(t, path); got != before {
			t.Errorf("%q: the file has become %s", values, got)
		}
	}
}

// The temporary file cannot be made, and then the file stays as it was.
func TestContextFileStaysWhereWritingFails(t *testing.T) {
	t.Parallel()
	store, path := newStore(t)
	text := `{"version":1,"groups":{"a":{"id":1}}}`
	write(t, path, text, 0o600)
	if err := os.MkdirAll(path+".tmp/in-the-way", 0o700); err != nil {
		t.Fatal(err)
	}
	err := store.Save(t.Context(), "a", []byte(`{"id":2}`))
	if want := "context: remove " + path + ".tmp: directory not empty"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := content(t, path); got != text {
		t.Errorf("the file has become %s", got)
	}
}

// A directory has the place of the file: it cannot be replaced, and the
// temporary file does not stay.
func TestContextFileIsADirectory(t *testing.T) {
	t.Parallel()
	store, path := newStore(t)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := store.Load("a")
	if want := "context: read " + path + ": is a directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := store.write(contextContent{Version: 1}); err == nil {
		t.Error("a directory was replaced")
	}
	if left := names(t, filepath.Dir(path)); !slices.Equal(left, []string{ContextFile}) {
		t.Errorf("there is %v", left)
	}
}

// Who reads while others write sees a whole file, and no group loses its part.
func TestContextStoreConcurrently(t *testing.T) {
	t.Parallel()
	dir, locks := t.TempDir(), t.TempDir()
	const groups, rounds = 4, 25
	var all sync.WaitGroup
	for g := range groups {
		// Each has a store of its own, as a process has.
		store := NewContextStore(dir, locks, func(string) {})
		group := fmt.Sprintf("g%d", g)
		all.Go(func() {
			for i := range rounds {
				if err := store.Save(t.Context(), group, fmt.Appendf(nil, `{"round":%d}`, i)); err != nil {
					t.Errorf("save: %v", err)
				}
				if values, err := store.Load(group); err != nil || !strings.Contains(string(values), fmt.Sprintf(`"round":%d`, i)) {
					t.Errorf("round %d of %s: %s, %v", i, group, values, err)
				}
			}
		})
	}
	all.Wait()
	store := NewContextStore(dir, locks, func(string) {})
	for g := range groups {
		if got, want := load(t, store, fmt.Sprintf("g%d", g)), fmt.Sprintf(`{"round":%d}`, rounds-1); got != want {
			t.Errorf("group %d has %s, want %s", g, got, want)
		}
	}
}

func FuzzContextFile(f *testing.F) {
	for _, seed := range []string{"", "{}", "null", `{"version":1,"groups":{"a":{"x":1},"b":{}}}`, `{"version":1}`, `{"id":1}`, `{"version":2}`,
		`{"version":1,"groups":{"a":null}}`, `{"Version":1,"GROUPS":{}}`, `{"version":1,"groups":{"a":{"x":1}},"groups":{}}`, "\xff", `{"\ud800":1}`} {
		f.Add([]byte(seed))
	}
	locks := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, ContextFile)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		store := NewContextStore(dir, locks, func(string) {})
		values, err := store.Load("a")
		if err != nil {
			if saved := store.Save(t.Context(), "a", []byte("{}")); saved == nil {
				t.Error("what could not be read was overwritten")
			}
			if now, _ := os.ReadFile(path); !bytes.Equal(now, data) {
				t.Errorf("the file was %q and is %q", data, now)
			}
			return
		}
		var object map[string]any
		if err := json.Unmarshal(values, &object); err != nil || object == nil {
			t.Fatalf("the values are %q: %v", values, err)
		}
		// Saving another group's values loses nothing of this one's.
		if err := store.Save(t.Context(), "a", values); err != nil {
			t.Fatalf("save: %v", err)
		}
		if err := store.Save(t.Context(), "b", []byte(`{"id":1}`)); err != nil {
			t.Fatalf("save: %v", err)
		}
		again, err := store.Load("a")
		var objectAgain map[string]any
		if err != nil || json.Unmarshal(again, &objectAgain) != nil || fmt.Sprint(object) != fmt.Sprint(objectAgain) {
			t.Errorf("the values were %q and are %q, %v", values, again, err)
		}
	})
}

// heldStore is a store whose file another process uses, and how often it said
// that it waits.
func heldStore(t *testing.T) (store *ContextStore, said *int, holder *Lock) {
	t.Helper()
	said = new(int)
	dir, locks := t.TempDir(), t.TempDir()
	store = NewContextStore(dir, locks, func(path string) {
		if *said++; path != filepath.Join(dir, ContextFile) {
			t.Errorf("it waits for %s", path)
		}
	})
	holder, err := TakeLock(t.Context(), locks, store.lockName(), never(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = holder.Release() })
	return store, said, holder
}

// A process that was stopped in the middle may hold the file for ever.
func TestContextFileIsHeld(t *testing.T) {
	t.Parallel()
	values := []byte(`{"id":1}`)
	release := func(t *testing.T, holder *Lock, after time.Duration) {
		time.AfterFunc(after, func() {
			if err := holder.Release(); err != nil {
				t.Error(err)
			}
		})
	}
	bubble(t, "for as long as writing it takes, nothing is said", func(t *testing.T) {
		store, said, holder := heldStore(t)
		release(t, holder, writingLimit/2)
		if err := store.Save(t.Context(), "a", values); err != nil || *said != 0 {
			t.Errorf("%v, said %d times", err, *said)
		}
	})
	bubble(t, "longer, and it is said once", func(t *testing.T) {
		store, said, holder := heldStore(t)
		release(t, holder, time.Hour)
		if err := store.Save(t.Context(), "a", values); err != nil || *said != 1 {
			t.Errorf("%v, said %d times", err, *said)
		}
		same(t, "values", load(t, store, "a"), string(values))
	})
	for name, change := range map[string]func(context.Context, *ContextStore) error{
		"save":   func(ctx context.Context, s *ContextStore) error { return s.Save(ctx, "a", values) },
		"remove": func(ctx context.Context, s *ContextStore) error { return s.Remove(ctx, "a") },
	} {
		bubble(t, "Ctrl-C ends the wait of "+name, func(t *testing.T) {
			store, said, _ := heldStore(t)
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errInterrupted)
			defer cancel()
			if err := change(ctx, store); !errors.Is(err, errInterrupted) || *said != 1 {
				t.Errorf("%v, said %d times", err, *said)
			}
		})
	}
	bubble(t, "after Ctrl-C it is still waited for, while it may be written", func(t *testing.T) {
		store, said, holder := heldStore(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errInterrupted)
		began := time.Now()
		err := store.Save(ctx, "a", values)
		if want := "another miniboss command is using the context file " + store.path; err == nil || err.Error() != want || *said != 0 {
			t.Errorf("got %v, want %s; said %d times", err, want, *said)
		}
		if took := time.Since(began); took > 2*writingLimit {
			t.Errorf("it gave up after %v", took)
		}
		release(t, holder, writingLimit/2)
		if err := store.Save(ctx, "a", values); err != nil {
			t.Error(err)
		}
	})
	bubble(t, "reading does not wait, and leaves what is being written", func(t *testing.T) {
		store, said, _ := heldStore(t)
		write(t, store.temporary(), "half", 0o600)
		if got := load(t, store, "a"); got != "{}" || *said != 0 {
			t.Errorf("loaded %s, said %d times", got, *said)
		}
		same(t, "what is being written", content(t, store.temporary()), "half")
	})
}
