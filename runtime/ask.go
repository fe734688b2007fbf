package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// What runs is not believed to be ready because it once was: it is asked, once.

const (
	// startAskLimit is how long a service that runs may take to answer before a
	// start pings it as one that was restarted.
	startAskLimit = 5 * time.Second
	// statusAskLimit is the same for a status, which is not to hang.
	statusAskLimit = 2 * time.Second
)

// Answers is the health of a service whose ping says that it answers.
const Answers = "answers"

// ask asks a service whose container runs whether it is ready, by its ping or
// else its healthcheck, which the engine has called health. It returns its health
// in words: Answers, healthy, or why it is not ready; "" where there is nothing
// to ask.
func (r *Runner) ask(ctx context.Context, s *spec.Service, id, health string, limit time.Duration) (ready bool, answer string) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", seconds(limit)))
	defer cancel()
	if s.Hooks.Ping != nil {
		ready, notYet, err := callPing(ctx, s)
		switch {
		case ctx.Err() != nil:
			return false, context.Cause(ctx).Error()
		case err != nil:
			return false, err.Error()
		case ready:
			return true, Answers
		case notYet.Reason == "":
			return false, "ping returned false"
		}
		return false, notYet.Reason
	}
	if health == "" || health == "healthy" {
		return true, health
	}
	state, err := r.Engine.State(ctx, id)
	if err != nil || state.Healthcheck == nil || runHealthcheck(ctx, r.Engine, id, *state.Healthcheck) != nil {
		return false, health
	}
	return true, "healthy"
}

// inquiry is a question that was asked before its answer is needed.
type inquiry struct {
	done chan struct{}
	// These are set before done is closed.
	ready  bool
	answer string
}

// How many services are asked ahead at once, and how long one counts as being
// asked: many at once would all answer late, the first ones too, for which the
// others wait. A ping that takes long because it waits keeps no other from its turn.
const (
	asksAhead   = 6
	askingCount = 4 * time.Millisecond
)

// askAhead asks the services that run before their turns, dependencies first: the
// answers of many would take long one after the other.
func (s *startRun) askAhead(ctx context.Context, names []string) {
	var asked []*node
	ids := map[*node]string{}
	for _, name := range names {
		n := s.nodes[name]
		c, _ := Candidate(Desired{FullName: fullName(s.Group, name)}, s.have[name])
		if n.Hooks.Ping != nil && !n.Loaded.OneShot && c != nil && c.State == "running" && c.Name == fullName(s.Group, name) {
			n.inquiry = &inquiry{done: make(chan struct{})}
			asked, ids[n] = append(asked, n), c.ID
		}
	}
	go func() {
		atOnce := make(chan struct{}, asksAhead)
		for _, n := range asked {
			atOnce <- struct{}{}
			next := sync.OnceFunc(func() { <-atOnce })
			timer := time.AfterFunc(askingCount, next)
			go func() {
				defer close(n.inquiry.done)
				n.inquiry.ready, n.inquiry.answer = s.ask(ctx, n.Service, ids[n], "", startAskLimit)
				timer.Stop()
				next()
			}()
		}
	}()
}

// stillReady makes of the decision to keep a container one to wait for it, where it
// does not answer.
func (t *turn) stillReady(ctx context.Context, d Decision) (Decision, error) {
	if t.def.OneShot {
		return d, nil
	}
	var ready bool
	var answer string
	if q := t.node.inquiry; q != nil && !t.node.changed {
		<-q.done
		ready, answer = q.ready, q.answer
	} else {
		// Its ping may use what its dependencies have set since.
		ready, answer = t.runner.ask(ctx, t.service, d.Container.ID, d.Container.Health, startAskLimit)
	}
	if ctx.Err() != nil {
		return d, context.Cause(ctx)
	}
	if !ready {
		d.Action, d.Cause = Await, "running but not answering: "+answer
	}
	return d, t.runner.saveContext(ctx)
}
