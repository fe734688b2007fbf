package js

import (
	"fmt"
	"sync"
	"time"
)

// stuckGrace is how long a native function may go on after the interrupt, which
// goja only notices between two instructions of JavaScript.
const stuckGrace = time.Second

// busyError says that a job did not give way.
type busyError struct{ limit time.Duration }

func (e *busyError) Error() string {
	return fmt.Sprintf("ran for %s without giving way (an endless loop?)", e.limit)
}

// watchdog interrupts a job that keeps the loop busy for too long. An interrupt
// must not hit the job after the one it was meant for, so both sides hold the
// lock.
type watchdog struct {
	limit     time.Duration
	interrupt func(any)
	stuck     func(error) // the job did not even end after the interrupt

	mu      sync.Mutex // guards the fields below
	running bool
	job     int // number of the running job
	fired   error
	timer   *time.Timer
}

func (w *watchdog) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.job++
	w.running = true
	if w.timer == nil {
		w.timer = time.AfterFunc(w.limit, w.fire)
	} else {
		w.timer.Reset(w.limit)
	}
}

// end returns the reason where the job was interrupted.
func (w *watchdog) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = false
	w.timer.Stop()
	return w.fired
}

func (w *watchdog) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running || w.fired != nil {
		return
	}
	w.fired = &busyError{w.limit}
	w.interrupt(w.fired)
	job := w.job
	w.timer = time.AfterFunc(stuckGrace, func() {
		w.mu.Lock()
		stuck, err := w.running && w.job == job, w.fired
		w.mu.Unlock()
		if stuck {
			w.stuck(err)
		}
	})
}

// stop interrupts the running job, if there is one.
func (w *watchdog) stop(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running && w.fired == nil {
		w.fired = reason
		w.interrupt(reason)
	}
}
