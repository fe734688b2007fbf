package docker

import (
	"bytes"
	"strings"
	"testing"
)

func TestRefusalWriter(t *testing.T) {
	t.Parallel()
	const real = `OCI runtime exec failed: exec failed: unable to start container process: exec: "x": executable file not found in $PATH: unknown` + "\n"
	for _, test := range []struct {
		name, writes  string // "|" parts the writes
		code          int
		shown, refuse string
	}{
		{"output", "hello|\nworld", 0, "hello\nworld", ""},
		{"nothing", "", 1, "", ""},
		{"refusal", real, 126, "", `exec: "x": executable file not found in $PATH`},
		{"refusal in pieces", "OCI run|time exec failed: exec| failed: no", 127, "", "no"},
		{"begins like one", "OCI |images are nice", 0, "OCI images are nice", ""},
		{"ends like the beginning of one", "OCI runtime", 126, "OCI runtime", ""},
		{"a command that prints one", real, 0, real, ""},
		{"long", refusal + strings.Repeat("x", refusalLimit), 126, refusal + strings.Repeat("x", refusalLimit), ""},
	} {
		var out bytes.Buffer
		w := &execFailureWriter{out: &out}
		for part := range strings.SplitSeq(test.writes, "|") {
			if n, err := w.Write([]byte(part)); err != nil || n != len(part) {
				t.Errorf("%s: wrote %d of %d, %v", test.name, n, len(part), err)
			}
		}
		if got := w.refused(test.code); got != test.refuse {
			t.Errorf("%s: refused %q, want %q", test.name, got, test.refuse)
		}
		if err := w.flush(); err != nil {
			t.Error(err)
		}
		if out.String() != test.shown {
			t.Errorf("%s: shown %q, want %q", test.name, out.String(), test.shown)
		}
	}
}
