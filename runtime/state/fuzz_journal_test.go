package state

import (
	"bytes"
	"maps"
	"os"
	"testing"
)

// What a killed process left of its journal, whatever it is, is read or left out.
func FuzzJournalFile(f *testing.F) {
	for _, seed := range []string{"", "stop a\n", "stop a\ndone a\n", "create a\nstop", "x y\n\n \nremove \n", "image sha256:a\nnetwork b c\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		j := NewJournal(t.TempDir(), "x")
		if err := os.WriteFile(j.path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		open := j.Unfinished()
		if len(open) > bytes.Count(data, []byte("\n")) {
			t.Fatalf("%q tells of %v", data, open)
		}
		// What is noted now is known afterwards, and so is what was.
		j.Note(VerbStop, "now")
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		again := &Journal{path: j.path}
		open["now"] = VerbStop
		if got := again.Unfinished(); !maps.Equal(got, open) {
			t.Fatalf("%q, and then %v, not %v", data, got, open)
		}
	})
}
