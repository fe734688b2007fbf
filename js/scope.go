package js

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/miniboss/miniboss/network"
	"github.com/miniboss/miniboss/runtime"
)

// scope is what a running hook belongs to, and everything that it starts. nil
// stands for the file itself.
type scope struct {
	service string            // "": none
	suite   string            // "": none
	hook    string            // ping, onStartServices; "": none
	last    network.Readiness // the last answer that was no; belongs to the loop

	loop     *loop
	deadline time.Time // zero: none

	mu      sync.Mutex // guards the fields below
	ctx     context.Context
	end     context.CancelCauseFunc
	work    int       // async work and timers that are under way
	settled bool      // the hook has returned
	over    error     // its time was up
	overAt  time.Time // when that was
	part    string    // of a class, which is evaluated just now; "": none
}

// newScope makes the scope of a hook that is called with ctx. Where ctx ends
// before the hook is settled, the scope is given up; stop ends the watch.
func (l *loop) newScope(ctx context.Context, service, hook string) (s *scope, stop func() bool) {
	s = &scope{service: service, hook: hook, loop: l}
	if deadline, ok := ctx.Deadline(); ok {
		// ctx must end first: it knows why, and what it ended is to fail for
		// that reason.
		s.deadline = deadline.Add(time.Second)
	}
	s.open()
	return s, context.AfterFunc(ctx, func() { s.giveUp(context.Cause(ctx)) })
}

// open makes a context that lives until the scope's time is up, which may be
// after the hook's caller has gone.
func (s *scope) open() {
	if s.deadline.IsZero() {
		s.ctx, s.end = context.WithCancelCause(s.loop.ctx)
		return
	}
	ctx, stop := context.WithDeadline(s.loop.ctx, s.deadline)
	inner, end := context.WithCancelCause(ctx)
	s.ctx, s.end = inner, func(err error) { end(err); stop() }
}

// settle says that the hook has returned.
func (s *scope) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled = true
	s.closeIdle()
}

func (s *scope) closeIdle() {
	if s.settled && s.work == 0 {
		s.end(context.Canceled)
	}
}

// giveUp ends everything that the scope has under way.
func (s *scope) giveUp(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled {
		return // the caller went away after it had its result
	}
	if s.over == nil {
		s.over, s.overAt = err, time.Now()
		s.end(err)
	}
}

// isOver reports whether what belongs to the scope must not run any more.
func (s *scope) isOver() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over != nil
}

// runs reports whether the hook has not come to its end yet.
func (s *scope) runs() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.settled && s.over == nil
}

// unwanted is how long ago the user has interrupted the hook; 0: not at all. The
// methods of suites are not hurried: their tearDown, which is called then too,
// would have no script any more.
func (s *scope) unwanted() time.Duration {
	if s == nil || s.suite != "" {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !errors.Is(s.over, runtime.ErrInterrupted) {
		return 0
	}
	return time.Since(s.overAt)
}

// evaluate says which part of a class is evaluated from now on; "": none. A
// getter that never gives way is named by that.
func (s *scope) evaluate(part string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.part = part
}

// String names the scope for messages.
func (s *scope) String() string {
	if s == nil {
		return "the file"
	}
	s.mu.Lock()
	part := s.part
	s.mu.Unlock()
	switch {
	case part != "":
		return part
	case s.service == "" && s.hook == "":
		return "the file"
	case s.suite != "":
		return fmt.Sprintf("%s of suite %q", s.hook, s.suite)
	case s.service == "":
		return "a callback of " + s.hook
	default:
		return fmt.Sprintf("the %s of service %q", s.hook, s.service)
	}
}

// begin counts a piece of async work in and returns its context; the function
// returned counts it out. A scope that was idle after its hook had settled is
// opened again: an interval that the hook has left behind may go on fetching.
func (l *loop) begin(s *scope) (context.Context, func()) {
	if s == nil {
		return l.ctx, func() {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled && s.work == 0 && s.over == nil {
		s.deadline = time.Time{}
		s.open()
	}
	s.work++
	return s.ctx, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.work--
		s.closeIdle()
	})
}

// enter makes s the current scope of the running job.
func (l *loop) enter(s *scope) {
	l.scope, l.jobScope = s, s
	l.watch.entered(s)
}

// tracker carries the scope across awaits. goja calls Grab when a reaction is
// added to a promise, and the others around the reaction.
type tracker loop

func (t *tracker) Grab() any { return t.scope }

func (t *tracker) Resumed(s any) { t.scope, _ = s.(*scope) }

func (t *tracker) Exited() { t.scope = t.jobScope }
