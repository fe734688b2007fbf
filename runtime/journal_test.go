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
	open := func() *Journal {
		j := NewJournal(dir, "group shop")
		t.Cleanup(func() { _ = j.Close() })
		return j
	}
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

func TestNoJournal(t *testing.T) {
	t.Parallel()
	var none *Journal
	none.note(verbStop, "a")
	if len(none.unfinished()) > 0 || none.Close() != nil {
		t.Error("a nil journal notes nothing")
	}
}
