package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// patience is what is known of a service that is pinged and does not answer: why,
// and what may help.
type patience struct {
	turn    *turn
	began   time.Time
	last    spec.NotYetError
	lasting time.Time   // since when the reasons are such as seldom pass; zero: they are not
	looking chan string // gives the hint; nil: nobody has looked yet
	hint    string
}

const (
	// sayAfter is how long a service does not answer before more is said of why.
	sayAfter = 3 * time.Second
	// lookLimit is how long it may take to find out why.
	lookLimit = 3 * time.Second
)

func newPatience(t *turn) *patience { return &patience{turn: t, began: time.Now()} }

// heard takes in what a ping has answered.
func (p *patience) heard(ctx context.Context, answer spec.NotYetError) {
	now := time.Now()
	switch {
	case !answer.Lasting:
		p.lasting = time.Time{}
	case p.lasting.IsZero():
		p.lasting = now
	}
	p.last = answer
	if p.looking == nil && now.Sub(p.began) >= sayAfter {
		p.looking = make(chan string, 1)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, lookLimit)
			defer cancel()
			p.looking <- p.turn.pingHint(ctx, answer.Address, false)
		}()
	}
	select {
	case p.hint = <-p.looking:
	default:
	}
}

// event tells of the next ping, and of the answer before it.
func (p *patience) event(attempt int) Event {
	return Event{
		Service: p.turn.service.Name, Phase: PhasePinging, Attempt: attempt, Cause: p.last.Reason, Hint: p.hint,
		Lasting: !p.lasting.IsZero() && time.Since(p.lasting) >= sayAfter,
	}
}

// advice is what may help in the end. It works although ctx has ended.
func (p *patience) advice(ctx context.Context) string {
	if p.hint != "" {
		return p.hint
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit)
	defer cancel()
	return p.turn.pingHint(ctx, p.last.Address, true)
}

// callPing calls a service's ping. answer says why it does not answer yet.
func callPing(ctx context.Context, s *spec.Service) (ready bool, answer spec.NotYetError, err error) {
	ready, reason, err := s.Hooks.Ping(ctx)
	if notYet, ok := errors.AsType[*spec.NotYetError](err); ok {
		return false, *notYet, nil
	}
	return ready, spec.NotYetError{Reason: reason}, err
}
