package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPauseAfter prints when a service is pinged that takes a while to answer,
// where a ping takes no time.
func TestPauseAfter(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, c := range []struct{ takes, expected int }{
		{300, 0}, {300, 300}, {330, 300}, {270, 300}, {20, 300}, {600, 300}, {4000, 4100}, {8, 10},
	} {
		var at, wait time.Duration
		var pings []string
		for takes := time.Duration(c.takes) * time.Millisecond; ; {
			pings = append(pings, fmt.Sprint(at.Milliseconds()))
			if at >= takes {
				break
			}
			wait = pauseAfter(wait, at, time.Duration(c.expected)*time.Millisecond)
			at += wait
		}
		last := pings[max(0, len(pings)-8):]
		fmt.Fprintf(&got, "%d, expected %d: %d pings, … %s\n", c.takes, c.expected, len(pings), strings.Join(last, " "))
	}
	want := `300, expected 0: 10 pings, … 15 35 75 125 175 225 275 325
300, expected 300: 10 pings, … 100 150 200 250 285 290 295 300
330, expected 300: 15 pings, … 290 295 300 305 310 315 325 345
270, expected 300: 7 pings, … 0 50 100 150 200 250 285
20, expected 300: 2 pings, … 0 50
600, expected 300: 21 pings, … 325 345 385 435 485 535 585 635
4000, expected 4100: 81 pings, … 3650 3700 3750 3800 3850 3900 3950 4000
8, expected 10: 3 pings, … 0 5 10
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

func TestPaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := NewPaces(dir, "group shop")
	if got := p.of("db"); got != 0 {
		t.Errorf("nothing is known yet: %s", got)
	}
	p.save()
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("nothing was noted, and there is %s", files[0].Name())
	}
	p.note("db", 450*time.Millisecond, 500*time.Millisecond)
	p.note("web", 0, 3*time.Millisecond)
	p.save()
	next := NewPaces(dir, "group shop")
	if got := []time.Duration{next.of("db"), next.of("web"), next.of("new")}; !slices.Equal(got, []time.Duration{475 * time.Millisecond, 1500 * time.Microsecond, 0}) {
		t.Errorf("%s", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.paces"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.Truncate(files[0], 9); err != nil {
		t.Fatal(err)
	}
	cut := NewPaces(dir, "group shop")
	if got := cut.of("db"); got != 0 {
		t.Errorf("of a file that was cut off: %s", got)
	}
	cut.note("db", 0, 2*time.Second)
	cut.save()
	if got := NewPaces(dir, "group shop").of("db"); got != time.Second {
		t.Errorf("written anew: %s", got)
	}
}

// TestPacesOfStarts starts a service that takes half a second: its time is known
// after that, and what an earlier command has started tells nothing.
func TestPacesOfStarts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		suffix, state string
		known         bool
	}{
		{"", "exited", true},
		{".new", "running", false},
		{".again", "running", false},
	} {
		bubble(t, test.state+test.suffix, func(t *testing.T) {
			w := newWorld(t, "a:", nil)
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := w.engine.containers["c1"]
			c.State, c.Name = test.state, c.Name+test.suffix
			w.again()
			w.runner.Graph.Service("a").Hooks.Ping = ready(500 * time.Millisecond)
			w.runner.Paces = NewPaces(t.TempDir(), "group shop")
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			took := w.runner.Paces.of("a")
			if known := took > 0; known != test.known || known && (took < 475*time.Millisecond || took > 525*time.Millisecond) {
				t.Errorf("it took %s", took)
			}
		})
	}
}
