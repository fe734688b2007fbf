package state

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
	first.Note(VerbStop, "a")
	first.Note(VerbRemove, "b")
	first.Note(VerbDone, "b")
	first.Note(VerbCreate, "c")
	if got, want := open().Unfinished(), (map[string]Verb{"a": VerbStop, "c": VerbCreate}); !maps.Equal(got, want) {
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
	unfinished := second.Unfinished()
	if _, begun := unfinished["d"]; begun || len(unfinished) != 2 {
		t.Errorf("%v", unfinished)
	}
	second.Settled(unfinished)
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
	none.Note(VerbStop, "a")
	if len(none.Unfinished()) > 0 || none.Close() != nil {
		t.Error("a nil journal notes nothing")
	}
}

func TestJournalOfRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *Journal { return journalIn(t, dir) }
	first := open()
	for _, service := range []string{"db", "app", "gone"} {
		first.Note(VerbRestart, ServiceKey(service))
	}
	first.Note(VerbDone, ServiceKey("db"))
	second := open()
	for service, want := range map[string]bool{"db": false, "app": true, "gone": true, "other": false} {
		if got := second.ToRestart(service); got != want {
			t.Errorf("%s: %t", service, got)
		}
	}
	if unfinished := second.Unfinished(); len(unfinished) > 0 {
		t.Errorf("the engine has nothing to finish: %v", unfinished)
	}
	second.ForgetRestarts(func(service string) bool { return service != "gone" })
	if second.ToRestart("gone") || !second.ToRestart("app") {
		t.Error("those are forgotten that are not known")
	}
}

// What stays to be done does not make the file grow with every command.
func TestJournalStaysShort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	size := func() int64 {
		j := journalIn(t, dir)
		j.Note(VerbRestart, ServiceKey("app"))
		for _, id := range []string{"a", "b", "c"} {
			j.Note(VerbStart, id)
			j.Note(VerbDone, id)
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
	if !journalIn(t, dir).ToRestart("app") {
		t.Error("what is left to be done is lost")
	}
}
