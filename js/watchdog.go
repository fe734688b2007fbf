package js

import (
	"errors"
	"fmt"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// What the watchdog looks at while a job runs, and how often.
const (
	watchEvery = 100 * time.Millisecond
	// stuckGrace is how long a native function may go on after the interrupt,
	// which goja only notices between two instructions of JavaScript.
	stuckGrace = time.Second
	// interruptGrace is how long a hook may go on that the user has interrupted.
	interruptGrace = time.Second
	// defaultMemory is what the whole process may have allocated.
	defaultMemory = 2 << 30
)

// busyError says that a job did not give way.
type busyError struct{ limit time.Duration }

func (e *busyError) Error() string {
	return fmt.Sprintf("ran for %s without giving way: an endless loop?", e.limit)
}

// memoryError says that a job has allocated too much.
type memoryError struct{ limit uint64 }

func (e *memoryError) Error() string {
	return fmt.Sprintf("allocated more than %d MiB: an endless loop?", e.limit>>20)
}

// unwantedError says that a job went on though the user had interrupted it.
type unwantedError struct{}

func (*unwantedError) Error() string { return "was interrupted and did not give way" }
func (*unwantedError) Unwrap() error { return runtime.ErrInterrupted }

// isRunaway reports whether err is why the watchdog interrupts.
func isRunaway(err error) bool {
	var busy *busyError
	var memory *memoryError
	return errors.As(err, &busy) || errors.As(err, &memory)
}

// watchdog interrupts a job that keeps the loop busy for too long, or takes too
// much memory, or goes on after a Ctrl-C. An interrupt must not hit the job after
// the one it was meant for, so both sides hold the lock.
type watchdog struct {
	interrupt func(any)
	stuck     func(error, *scope) // the job did not even end after the interrupt

	mu      sync.Mutex // guards the fields below
	limit   time.Duration
	memory  uint64
	running bool
	began   time.Time
	scope   *scope // of the job, as far as it is known
	fired   error
	firedAt time.Time
	timer   *time.Timer
}

// allow sets how long a job may run and how much memory the process may have;
// 0 stands for the usual.
func (w *watchdog) allow(limit time.Duration, memory uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit, w.memory = limit, memory
	if limit <= 0 {
		w.limit = defaultLimit
	}
	if memory == 0 {
		w.memory = defaultMemory
	}
}

func (w *watchdog) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running, w.began, w.scope = true, time.Now(), nil
	every := min(watchEvery, w.limit)
	if w.timer == nil {
		w.timer = time.AfterFunc(every, w.look)
	} else {
		w.timer.Reset(every)
	}
}

func (w *watchdog) entered(s *scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scope = s
}

// end returns the reason where the job was interrupted.
func (w *watchdog) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = false
	w.timer.Stop()
	return w.fired
}

func (w *watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running {
		return
	}
	used := allocated()
	switch {
	case w.fired != nil:
		if time.Since(w.firedAt) >= stuckGrace || used > w.memory*3/2 {
			go w.stuck(w.fired, w.scope) // which may need this lock
			return
		}
	case time.Since(w.began) >= w.limit:
		w.fire(&busyError{w.limit})
	case min(time.Since(w.began), w.scope.unwanted()) >= interruptGrace:
		w.fire(&unwantedError{})
	case used > w.memory:
		w.fire(&memoryError{w.memory})
	}
	w.timer.Reset(min(watchEvery, w.limit))
}

func (w *watchdog) fire(reason error) {
	w.fired, w.firedAt = reason, time.Now()
	w.interrupt(reason)
}

// stop interrupts the running job, if there is one.
func (w *watchdog) stop(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running && w.fired == nil {
		w.fire(reason)
	}
}

// allocated is the size of the objects on the heap.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
