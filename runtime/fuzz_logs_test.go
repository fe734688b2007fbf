package runtime

import (
	"io"
	"strings"
	"testing"
)

// The lines of logs as the engine sends them, with times before them.
func FuzzLogLines(f *testing.F) {
	f.Add("2026-01-02T03:04:05.000000006Z one\r\n2026-01-02T03:04:06Z two\nnone\n", 2)
	f.Add("2026-01-02T03:04:05.000000006Z "+strings.Repeat("x", longLine)+"2026-01-02T03:04:05.000000006Z y\n", 1)
	f.Add("\n\n \n", 0)
	f.Fuzz(func(t *testing.T, text string, last int) {
		read := func() *logSource {
			s := &logSource{service: "a"}
			s.use(io.NopCloser(strings.NewReader(text)))
			return s
		}
		all := 0
		for s := read(); ; all++ {
			line, err := s.next()
			if err != nil {
				break
			}
			if strings.Contains(line.Text, "\n") || len(line.Text) > len(text) || line.Service != "a" {
				t.Fatalf("a line is %+v", line)
			}
		}
		if want := strings.Count(text, "\n"); all != want && all != want+1 {
			t.Fatalf("%d lines of %d", all, want)
		}
		if last <= 0 {
			return
		}
		s := read()
		if err := s.keepLast(last); err != nil || len(s.kept) != min(last, all) {
			t.Fatalf("the last %d of %d are %d, %v", last, all, len(s.kept), err)
		}
	})
}
