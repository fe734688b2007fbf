package lazyregexp

import "testing"

func TestRegexp(t *testing.T) {
	t.Parallel()
	wrong := New(`(`) // which nobody uses yet
	r := New(`a(b+)`)
	if !r.MatchString("xabb") || r.MatchString("xa") {
		t.Error("MatchString")
	}
	if got := r.FindStringSubmatch("xabb"); len(got) != 2 || got[1] != "bb" {
		t.Errorf("FindStringSubmatch: %q", got)
	}
	if got := r.ReplaceAllString("xabb", "<$1>"); got != "x<bb>" {
		t.Errorf("ReplaceAllString: %q", got)
	}
	if got := r.ReplaceAllStringFunc("xabb", func(s string) string { return "(" + s + ")" }); got != "x(abb)" {
		t.Errorf("ReplaceAllStringFunc: %q", got)
	}
	if got := r.FindAllStringSubmatch("abxabb", -1); len(got) != 2 || got[1][1] != "bb" {
		t.Errorf("FindAllStringSubmatch: %q", got)
	}
	if got := r.FindStringIndex("xabb"); len(got) != 2 || got[0] != 1 || got[1] != 4 {
		t.Errorf("FindStringIndex: %v", got)
	}
	if got := r.FindStringSubmatchIndex("xabb"); len(got) != 4 || got[2] != 2 {
		t.Errorf("FindStringSubmatchIndex: %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a wrong pattern did not panic")
		}
	}()
	wrong.MatchString("")
}
