package runtime

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *Journal { return journalIn(t, dir) }
	first := open()
	first.note(verbStop, "a")
	first.note(verbRemove, "b")
	first.note(verbDone, "b")
	first.note(verbCreate, "c")
	if got, want := open().unfinished(), (map[string]verb{"a": verbStop, "c": verbCreate}); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	// What a killed process was just writing tells of nothing that had begun.
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	data, err := os.ReadFile(files[0])
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], append(data, "stop d"...), 0o600); err != nil {
		t.Fatal(err)
	}
	second := open()
	unfinished := second.unfinished()
	if _, begun := unfinished["d"]; begun || len(unfinished) != 2 {
		t.Errorf("%v", unfinished)
	}
	second.settled(unfinished)
	if data, err := os.ReadFile(files[0]); err != nil || len(data) > 0 {
		t.Errorf("%q %v", data, err)
	}
}

// journalIn is the journal of the next command.
func journalIn(t *testing.T, dir string) *Journal {
	j := NewJournal(dir, "group shop")
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestNoJournal(t *testing.T) {
	t.Parallel()
	var none *Journal
	none.note(verbStop, "a")
	if len(none.unfinished()) > 0 || none.Close() != nil {
		t.Error("a nil journal notes nothing")
	}
}

func TestJournalOfRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *Journal { return journalIn(t, dir) }
	first := open()
	for _, service := range []string{"db", "app", "gone"} {
		first.note(verbRestart, serviceKey(service))
	}
	first.note(verbDone, serviceKey("db"))
	second := open()
	for service, want := range map[string]bool{"db": false, "app": true, "gone": true, "other": false} {
		if got := second.toRestart(service); got != want {
			t.Errorf("%s: %t", service, got)
		}
	}
	if unfinished := second.unfinished(); len(unfinished) > 0 {
		t.Errorf("the engine has nothing to finish: %v", unfinished)
	}
	second.forgetRestarts(func(service string) bool { return service != "gone" })
	if second.toRestart("gone") || !second.toRestart("app") {
		t.Error("those are forgotten that are not known")
	}
}

// What stays to be done does not make the file grow with every command.
func TestJournalStaysShort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	size := func() int64 {
		j := journalIn(t, dir)
		j.note(verbRestart, serviceKey("app"))
		for _, id := range []string{"a", "b", "c"} {
			j.note(verbStart, id)
			j.note(verbDone, id)
		}
		return j.size
	}
	size()
	second := size()
	for range 3 {
		if now := size(); now != second {
			t.Errorf("%d bytes, and before %d", now, second)
		}
	}
	if !journalIn(t, dir).toRestart("app") {
		t.Error("what is left to be done is lost")
	}
}
