package runtime

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

func TestPaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *Paces { return NewPaces(dir, "on unix:///run/docker.sock") }
	p := open()
	if got := p.of("db"); got != 0 {
		t.Errorf("nothing is known yet: %s", got)
	}
	p.save()
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("nothing was noted, and there is %s", files[0].Name())
	}
	other := open()
	p.note("db", 450*time.Millisecond, 500*time.Millisecond)
	p.note("web", 0, 3*time.Millisecond)
	p.save()
	other.note("api", 0, 2*time.Second) // another command, at the same time
	other.save()
	next := open()
	if got := []time.Duration{next.of("db"), next.of("web"), next.of("api"), next.of("new")}; !slices.Equal(got, []time.Duration{475 * time.Millisecond, 1500 * time.Microsecond, time.Second, 0}) {
		t.Errorf("%s", got)
	}
	if got := NewPaces(dir, "on tcp://10.0.0.5:2375").of("db"); got != 0 {
		t.Errorf("on another engine: %s", got)
	}
}

// TestPacesOfABadFile writes anew what cannot be read.
func TestPacesOfABadFile(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", `{"new db`, "null", "[1]", `{"db": "soon"}`} {
		p := NewPaces(t.TempDir(), "engine")
		if err := os.WriteFile(p.path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := p.of("db"); got != 0 {
			t.Errorf("%q: %s", bad, got)
		}
		p.note("db", 0, 2*time.Second)
		p.save()
		if got := (&Paces{path: p.path}).of("db"); got != time.Second {
			t.Errorf("%q: written anew: %s", bad, got)
		}
	}
}

// TestPacesDoNotGrow lets a thousand services come and go.
func TestPacesDoNotGrow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range pacesKept + 1 {
		p := NewPaces(dir, "engine")
		p.note(pace(fmt.Sprintf("s%d", i), "nginx", Create), 0, 2*time.Second)
		p.save()
	}
	p := NewPaces(dir, "engine")
	first, last := p.of(pace("s0", "nginx", Create)), p.of(pace(fmt.Sprintf("s%d", pacesKept), "nginx", Create))
	if first != 0 || last != time.Second {
		t.Errorf("of the first %s, of the last %s", first, last)
	}
}
