package js

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// errClosed is what those get who still wait for a loop that was closed.
var errClosed = errors.New("the file was closed")

// loop runs jobs one after the other on a goroutine of its own, the only one
// that may touch the runtime.
type loop struct {
	rt  *goja.Runtime
	ctx context.Context // ends when the loop is closed or dead
	end context.CancelCauseFunc

	wake chan struct{} // capacity 1: there are jobs
	dead chan struct{} // closed when no job will run any more
	done chan struct{} // closed when the goroutine has ended
	work sync.WaitGroup

	mu    sync.Mutex // guards the fields below
	queue []func()
	err   error // why it is dead
	shut  bool

	watch watchdog

	// The fields below belong to the goroutine of the loop.
	scope    *scope // what is running belongs to it; nil: the file
	jobScope *scope // what the current job began with
	timers   timers
	rejected rejections
	active   int // pieces of async work under way

	onFatal func(err error, s *scope) error // makes the error that ends the loop
	onIdle  func()                          // runs each time the queue is empty
}

// newLoop makes a loop that does nothing until its run is called.
func newLoop(rt *goja.Runtime, onFatal func(error, *scope) error, onIdle func()) *loop {
	ctx, end := context.WithCancelCause(context.Background())
	l := &loop{
		rt: rt, ctx: ctx, end: end,
		wake: make(chan struct{}, 1),
		dead: make(chan struct{}),
		done: make(chan struct{}),

		onFatal: onFatal, onIdle: onIdle,
	}
	l.watch.allow(0, 0)
	l.watch.interrupt = rt.Interrupt
	l.watch.stuck = func(err error, s *scope) { l.die(deadly(&Error{err: err}, s, err.Error())) }
	l.timers.loop = l
	rt.SetAsyncContextTracker((*tracker)(l))
	rt.SetPromiseRejectionTracker(l.trackRejection)
	return l
}

func (l *loop) run() {
	defer close(l.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		job := l.next()
		if job == nil {
			job = l.timers.next(time.Now())
		}
		if job != nil {
			l.runJob(job)
			continue
		}
		if !l.isDead() {
			l.runJob(l.onIdle)
		}
		var fire <-chan time.Time
		if at, ok := l.timers.first(); ok {
			timer.Reset(time.Until(at))
			fire = timer.C
		}
		select {
		case <-l.wake:
		case <-fire:
		case <-l.dead:
			return
		}
	}
}

// isQuiet reports whether nothing is under way that could wake the loop. On the
// loop only.
func (l *loop) isQuiet() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue) == 0 && l.active == 0 && len(l.timers.queue) == 0
}

func (l *loop) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 || l.err != nil {
		return nil
	}
	job := l.queue[0]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	return job
}

// runJob runs one job under the watchdog. A job handles its errors itself; what
// comes out of it as a panic is a mistake in a binding or an uncatchable error
// of goja, and ends the loop.
func (l *loop) runJob(job func()) {
	defer func() {
		if x := recover(); x != nil {
			l.fatal(panicError(x))
		}
		if err := l.watch.end(); err != nil {
			l.fatal(err)
		}
		l.scope, l.jobScope = nil, nil
	}()
	l.watch.begin()
	job()
}

func panicError(x any) error {
	if err, ok := x.(error); ok && (isUncatchable(err) || isException(err)) {
		return err
	}
	return fmt.Errorf("internal error: %v\n%s", x, debug.Stack())
}

func isException(err error) bool {
	var ex *goja.Exception
	return errors.As(err, &ex)
}

// isUncatchable reports whether goja gave up what it was running, with all its
// promise jobs.
func isUncatchable(err error) bool {
	var interrupted *goja.InterruptedError
	var overflow *goja.StackOverflowError
	return errors.As(err, &interrupted) || errors.As(err, &overflow)
}

// post queues a job. It returns false where the loop is closed or dead: the job
// will never run.
func (l *loop) post(job func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.shut {
		return false
	}
	l.queue = append(l.queue, job)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return true
}

// do runs a function on the loop and waits for it. Where ctx ends first, the
// function may still run later.
func (l *loop) do(ctx context.Context, f func() error) error {
	result := make(chan error, 1)
	if !l.post(func() {
		if err := ctx.Err(); err != nil {
			result <- context.Cause(ctx)
			return
		}
		result <- f()
	}) {
		return l.deadErr()
	}
	return receive(ctx, l, result, func(err error) error { return err })
}

// receive waits for a result of the loop, the end of ctx or of the loop. A
// result that is there wins.
func receive[T any](ctx context.Context, l *loop, result <-chan T, failed func(error) T) T {
	select {
	case r := <-result:
		return r
	case <-ctx.Done():
	case <-l.dead:
	}
	select {
	case r := <-result:
		return r
	default:
	}
	if l.isDead() {
		return failed(l.deadErr())
	}
	return failed(context.Cause(ctx))
}

// fatal ends the loop because of an error of the running job.
func (l *loop) fatal(err error) {
	if l.isDead() {
		return
	}
	l.die(l.onFatal(err, l.scope))
}

// die ends the loop. Any goroutine may call it.
func (l *loop) die(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	l.err = err
	l.queue = nil
	close(l.dead)
	l.end(err)
}

func (l *loop) isDead() bool {
	select {
	case <-l.dead:
		return true
	default:
		return false
	}
}

func (l *loop) deadErr() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	return errClosed
}

// closeGrace is how long close waits for work that ought to end at once.
const closeGrace = 2 * time.Second

// close ends the loop and waits for its goroutines.
func (l *loop) close() {
	l.mu.Lock()
	l.shut = true
	l.mu.Unlock()
	l.end(errClosed)
	l.watch.stop(errClosed)
	l.die(errClosed)
	ended := make(chan struct{})
	go func() {
		<-l.done
		l.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(closeGrace):
	}
}
