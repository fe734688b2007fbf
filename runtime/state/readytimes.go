package state

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ReadyTimes remembers how long services took to answer when they were started last,
// so that the next start asks in the right moment. They are known by name and
// image, in any group: a wrong guess only makes a ping come a little later. So
// nothing guards the file, and what cannot be read or written is worth no
// message. A nil ReadyTimes remembers nothing.
type ReadyTimes struct {
	path string

	mu    sync.Mutex
	known map[string]float64 // milliseconds by key; nil: not read yet
	noted map[string]float64 // not saved yet
}

// timesKept is how many a file may hold before only the last command's are kept.
const timesKept = 1000

// NewReadyTimes returns the ready times of services on an engine, in a directory.
func NewReadyTimes(dir, engine string) *ReadyTimes {
	return &ReadyTimes{path: filepath.Join(dir, GuardedName(engine)+".paces"), noted: map[string]float64{}}
}

// Of returns how long it took; 0: it is not known.
func (p *ReadyTimes) Of(key string) time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = p.read()
	}
	return time.Duration(p.known[key] * float64(time.Millisecond))
}

// Note remembers that a service did not answer yet after the one time, and did
// after the other.
func (p *ReadyTimes) Note(key string, no, yes time.Duration) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noted[key] = float64((no+yes)/2) / float64(time.Millisecond)
}

func (p *ReadyTimes) read() map[string]float64 {
	var known map[string]float64
	if data, err := os.ReadFile(p.path); err == nil && json.Unmarshal(data, &known) != nil {
		known = nil // a kill may have cut it off
	}
	if known == nil {
		known = map[string]float64{}
	}
	return known
}

// Save adds what was noted to what other commands have written meanwhile.
func (p *ReadyTimes) Save() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.noted) == 0 {
		return
	}
	known := p.read()
	if len(known)+len(p.noted) > timesKept {
		known = map[string]float64{}
	}
	maps.Copy(known, p.noted)
	if data, err := json.Marshal(known); err == nil {
		_ = os.WriteFile(p.path, data, 0o600)
	}
	clear(p.noted)
	p.known = known
}
