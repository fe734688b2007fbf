package runtime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/state"
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
300, expected 300: 8 pings, … 0 71 142 213 285 291 297 303
330, expected 300: 12 pings, … 285 291 297 303 309 315 327 351
270, expected 300: 5 pings, … 0 71 142 213 285
20, expected 300: 2 pings, … 0 71
600, expected 300: 18 pings, … 327 351 399 449 499 549 599 649
4000, expected 4100: 52 pings, … 3450 3529 3607 3686 3764 3843 3921 4000
8, expected 10: 3 pings, … 0 5 10
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

// TestReadyTimesOfStarts starts a service that takes half a second: its time is known
// after that, and what an earlier command has started tells nothing.
func TestReadyTimesOfStarts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		suffix, state string
		action        Action
		known         bool
	}{
		{"", "exited", Restart, true},
		{".new", "running", Await, false},
		{".again", "running", Await, false},
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
			w.runner.ReadyTimes = state.NewReadyTimes(t.TempDir(), "engine")
			if err := w.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			took := w.runner.ReadyTimes.Of(readyKey("a", w.runner.Graph.Service("a").Loaded.Image, test.action))
			if known := took > 0; known != test.known || known && (took < 475*time.Millisecond || took > 525*time.Millisecond) {
				t.Errorf("it took %s", took)
			}
		})
	}
}
