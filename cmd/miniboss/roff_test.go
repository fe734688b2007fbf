package main

import "testing"

func TestRoff(t *testing.T) {
	t.Parallel()
	var page roff
	page.request("TH", `a "b"`, "")
	page.text("One-liner with \\ in it:\n.dots are no request\n\n  miniboss start --build\n'quoted\n\n  last\n")
	want := `.TH "a \(dqb\(dq" ""
One\-liner with \e in it:
\&.dots are no request
.PP
.EX
  miniboss start \-\-build
.EE
\&'quoted
.PP
.EX
  last
.EE
`
	if got := page.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
