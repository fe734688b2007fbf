package runtime

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The pause between two pings begins short and doubles, so that what starts
// fast is noticed fast. The contract allows 0.1 s between two calls: half of it
// leaves room for what a call takes, and for a machine that is busy with a
// hundred services (see docs/performance.md).
const (
	firstPause  = 5 * time.Millisecond
	longestWait = 50 * time.Millisecond
)

// expected bounds the time around the one at which a service is expected to
// answer, in which it is asked often.
const (
	expectedLeast = 10 * time.Millisecond
	expectedMost  = 100 * time.Millisecond
)

// pauseAfter returns how long to wait for the next ping: the last pause was
// last, the container has been up for elapsed, and is expected to answer after
// expected; 0: it is not known.
func pauseAfter(last, elapsed, expected time.Duration) time.Duration {
	around := min(max(expected/20, expectedLeast), expectedMost)
	switch {
	case expected > 0 && elapsed < expected-around:
		return min(max(expected-around-elapsed, firstPause), longestWait)
	case expected > 0 && elapsed < expected+around:
		return firstPause
	}
	return min(max(2*last, firstPause), longestWait)
}

// Paces remembers how long services took to answer when they were started last,
// so that the next start asks in the right moment. It is for who has the lock of
// the group. A nil Paces remembers nothing. What cannot be read or written is
// worth no message: pings come a little later then.
type Paces struct {
	path string

	mu      sync.Mutex
	known   map[string]float64 // milliseconds by service; nil: not read yet
	changed bool
}

// NewPaces returns the paces of the services of what a lock of that name guards,
// in the directory of locks (see TakeLock).
func NewPaces(dir, name string) *Paces {
	return &Paces{path: filepath.Join(dir, guardedName(name)+".paces")}
}

// of returns how long a service took to answer; 0: it is not known.
func (p *Paces) of(service string) time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read()
	return time.Duration(p.known[service] * float64(time.Millisecond))
}

// note remembers that a service did not answer yet after the one time, and did
// after the other.
func (p *Paces) note(service string, no, yes time.Duration) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read()
	p.known[service] = float64((no+yes)/2) / float64(time.Millisecond)
	p.changed = true
}

func (p *Paces) read() {
	if p.known != nil {
		return
	}
	if data, err := os.ReadFile(p.path); err == nil && json.Unmarshal(data, &p.known) != nil {
		p.known = nil // a kill may have cut it off
	}
	if p.known == nil {
		p.known = map[string]float64{}
	}
}

// save writes what has changed.
func (p *Paces) save() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.changed {
		return
	}
	if data, err := json.Marshal(p.known); err == nil {
		_ = os.WriteFile(p.path, data, 0o600)
	}
	p.changed = false
}
