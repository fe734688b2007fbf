package docker

import (
	"net/http"
	"sync"
	"time"
)

// clock tells the engine's time, which need not be ours: the engine may run in a
// virtual machine or on another host. Each answer of the engine carries a date in
// whole seconds, so the difference between the two clocks is known within bounds,
// which get closer with every answer. No request is made for it.
type clock struct {
	mu    sync.Mutex
	known bool
	// low and high are the bounds of the engine's time less ours.
	low, high time.Duration
}

// note learns from an answer to a request that was sent and answered at those
// times by our clock.
func (c *clock) note(header http.Header, sent, answered time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	low, high := date.Sub(answered), date.Add(time.Second).Sub(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	// Bounds that exclude the earlier ones mean that a clock was set.
	if c.known && low <= c.high && high >= c.low {
		low, high = max(low, c.low), min(high, c.high)
	}
	c.known, c.low, c.high = true, low, high
}

// timed has a clock learn from each answer.
type timed struct {
	next  http.RoundTripper
	clock *clock
}

func (t timed) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := time.Now()
	answer, err := t.next.RoundTrip(request)
	if err == nil {
		t.clock.note(answer.Header, sent, time.Now())
	}
	return answer, err
}

// now returns the engine's time at an instant of ours. Where the clocks may be
// the same they are taken to be; else it is not later than the engine's time.
func (c *clock) now(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.low <= 0 && c.high >= 0 {
		return at
	}
	return at.Add(c.low)
}

// notLater returns a time that the engine's clock had certainly reached at an
// instant of ours.
func (c *clock) notLater(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return at
	}
	return at.Add(c.low)
}

// Now implements runtime.Engine.
func (e *Engine) Now() time.Time { return e.clock.now(time.Now()) }
