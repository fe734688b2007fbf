package state

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

func TestReadyTimes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *ReadyTimes { return NewReadyTimes(dir, "on unix:///run/docker.sock") }
	p := open()
	if got := p.Of("db"); got != 0 {
		t.Errorf("nothing is known yet: %s", got)
	}
	p.Save()
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("nothing was noted, and there is %s", files[0].Name())
	}
	other := open()
	p.Note("db", 450*time.Millisecond, 500*time.Millisecond)
	p.Note("web", 0, 3*time.Millisecond)
	p.Save()
	other.Note("api", 0, 2*time.Second) // another command, at the same time
	other.Save()
	next := open()
	if got := []time.Duration{next.Of("db"), next.Of("web"), next.Of("api"), next.Of("new")}; !slices.Equal(got, []time.Duration{475 * time.Millisecond, 1500 * time.Microsecond, time.Second, 0}) {
		t.Errorf("%s", got)
	}
	if got := NewReadyTimes(dir, "on tcp://10.0.0.5:2375").Of("db"); got != 0 {
		t.Errorf("on another engine: %s", got)
	}
}

// TestReadyTimesOfABadFile writes anew what cannot be read.
func TestReadyTimesOfABadFile(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", `{"new db`, "null", "[1]", `{"db": "soon"}`} {
		p := NewReadyTimes(t.TempDir(), "engine")
		if err := os.WriteFile(p.path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := p.Of("db"); got != 0 {
			t.Errorf("%q: %s", bad, got)
		}
		p.Note("db", 0, 2*time.Second)
		p.Save()
		if got := (&ReadyTimes{path: p.path}).Of("db"); got != time.Second {
			t.Errorf("%q: written anew: %s", bad, got)
		}
	}
}

// TestReadyTimesDoNotGrow lets a thousand services come and go.
func TestReadyTimesDoNotGrow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range timesKept + 1 {
		p := NewReadyTimes(dir, "engine")
		p.Note(fmt.Sprintf("new s%d nginx", i), 0, 2*time.Second)
		p.Save()
	}
	p := NewReadyTimes(dir, "engine")
	first, last := p.Of("new s0 nginx"), p.Of(fmt.Sprintf("new s%d nginx", timesKept))
	if first != 0 || last != time.Second {
		t.Errorf("of the first %s, of the last %s", first, last)
	}
}
