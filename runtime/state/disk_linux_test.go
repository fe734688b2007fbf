package state

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fullDisk mounts a disk for the time of the test, on which nothing is free but
// one page. It wants root.
func fullDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	page := os.Getpagesize()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", 2*page)); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(filepath.Join(dir, "full"), bytes.Repeat([]byte("x"), page), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A journal that does not fit on the disk has no half lines, and tells of nothing
// that is done.
func TestJournalOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := fullDisk(t)
	unfinished := func() map[string]Verb {
		next := NewJournal(dir, "group shop")
		defer func() { _ = next.Close() }()
		return next.Unfinished()
	}
	id := func(i int) string { return strings.Repeat("0", 60) + fmt.Sprintf("%04d", i) }
	lines := 2 * os.Getpagesize() / len(id(0))

	j := NewJournal(dir, "group shop")
	defer func() { _ = j.Close() }()
	j.Note(VerbCreate, "shop_a.new")
	for i := range lines {
		j.Note(VerbStop, id(i))
		if got, want := unfinished(), (map[string]Verb{"shop_a.new": VerbCreate, id(i): VerbStop}); !maps.Equal(got, want) {
			t.Fatalf("at %d it tells of %v", i, got)
		}
		j.Note(VerbDone, id(i))
		if got, want := unfinished(), (map[string]Verb{"shop_a.new": VerbCreate}); !maps.Equal(got, want) {
			t.Fatalf("done with %d it tells of %v", i, got)
		}
	}

	// More than fits: what does is right.
	want := map[string]Verb{"shop_a.new": VerbCreate}
	for i := range lines {
		j.Note(VerbStop, id(i))
		want[id(i)] = VerbStop
	}
	got := unfinished()
	if len(got) < lines/4 || len(got) > lines {
		t.Errorf("of %d lines %d fit", lines, len(got))
	}
	for id, v := range got {
		if want[id] != v {
			t.Errorf("it tells of %q %q", v, id)
		}
	}

	// With room again, all that comes is noted.
	if err := os.Remove(filepath.Join(dir, "full")); err != nil {
		t.Fatal(err)
	}
	next := NewJournal(dir, "group shop")
	defer func() { _ = next.Close() }()
	next.Settled(next.Unfinished())
	next.Note(VerbStop, "a")
	if got, want := unfinished(), (map[string]Verb{"a": VerbStop}); !maps.Equal(got, want) {
		t.Errorf("with room again it tells of %v", got)
	}
}

// A key that cannot be written is none, and leaves nothing behind. One that was
// made before is the same on a full disk, and so is one that is read-only.
func TestKeyOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir, locks := fullDisk(t), t.TempDir()
	last := filepath.Join(dir, "last")
	if err := os.WriteFile(last, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if hash := hashOf(t, NewHashKey(dir, locks), aRequest); hash != "" {
		t.Errorf("without a key the hash is %s", hash)
	}
	same(t, "files", strings.Join(names(t, dir), " "), "full last")
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	first := hashOf(t, NewHashKey(dir, locks), aRequest)
	if again := hashOf(t, NewHashKey(dir, locks), aRequest); first == "" || again != first {
		t.Errorf("%q and then %q", first, again)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if again := hashOf(t, NewHashKey(dir, locks), aRequest); again != first {
		t.Errorf("%q and, read-only, %q", first, again)
	}
}
