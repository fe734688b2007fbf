package display

import (
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// board knows what each service does, from the events.
type board struct {
	services []*service // in the order of their first events
	byName   map[string]*service
	began    time.Time // of the first event about a service
}

// service is what is known of one service.
type service struct {
	name     string
	phase    runtime.Phase
	since    time.Time // when the phase began
	cause    string
	attempt  int
	lasting  bool     // waiting seldom heals the cause
	hint     string   // what to do about the cause
	first    []string // what goes before it
	image    *image   // while it is pulled or built
	duration time.Duration
	ports    []spec.Port
	running  bool // what failed or was skipped runs on as it was
}

func newBoard() *board { return &board{byName: map[string]*service{}} }

// apply takes an event in, and reports whether it also is to be written above
// the rows: what people want to read later.
func (b *board) apply(e runtime.Event) (above bool) {
	switch e.Phase {
	case runtime.PhaseOutput, runtime.PhaseNotice, runtime.PhaseWarning, runtime.PhaseError:
		return true
	}
	if e.Service == "" {
		return true
	}
	s := b.byName[e.Service]
	if s == nil {
		if e.Phase == runtime.PhaseRemoved {
			return true // an orphan
		}
		if b.began.IsZero() {
			b.began = e.Time
		}
		s = &service{name: e.Service, since: e.Time}
		b.byName[e.Service] = s
		b.services = append(b.services, s)
	}
	s.apply(e)
	return e.Phase == runtime.PhaseFailed || e.Phase == runtime.PhaseReplacing || e.Phase == runtime.PhaseStopping && e.Cause != ""
}

func (s *service) apply(e runtime.Event) {
	switch e.Phase {
	case runtime.PhasePulling, runtime.PhaseBuilding:
		if s.image == nil || s.image.phase != e.Phase {
			s.image = newImage(e.Phase, e.Image, e.Time)
		}
		if e.Progress != nil {
			s.image.add(*e.Progress)
		}
		return
	case runtime.PhasePulled, runtime.PhaseBuilt:
		s.image = nil
		if s.phase != "" && s.phase != runtime.PhasePulled && s.phase != runtime.PhaseBuilt {
			return // it still waits, or whatever it does
		}
	case runtime.PhaseQueued, runtime.PhaseWaiting:
		s.first = e.WaitsFor
	default:
		s.image = nil
	}
	if s.phase != e.Phase {
		s.since = e.Time
	}
	s.lasting, s.hint = e.Lasting, e.Hint
	s.phase, s.cause, s.attempt, s.duration, s.ports, s.running = e.Phase, e.Cause, e.Attempt, e.Duration, e.Ports, e.Running
}

// kind is what a row is about.
type kind int

const (
	active kind = iota
	bad         // failed or skipped
	idle        // waits
	good        // done
)

func (s *service) kind() kind {
	if s.image != nil {
		return active
	}
	switch s.phase {
	case runtime.PhaseReady, runtime.PhaseUnchanged, runtime.PhaseStopped, runtime.PhaseRemoved, runtime.PhasePulled, runtime.PhaseBuilt:
		return good
	case runtime.PhaseFailed, runtime.PhaseSkipped:
		return bad
	case runtime.PhaseQueued, runtime.PhaseWaiting, "":
		return idle
	}
	return active
}

// lets reports whether the service keeps no other waiting any more.
func (s *service) lets() bool {
	k := s.kind()
	return k == good || k == bad || s.phase == runtime.PhaseSettling
}

// waitsFor returns the services that one still waits for.
func (b *board) waitsFor(s *service) []string {
	var names []string
	for _, name := range s.first {
		if other := b.byName[name]; other != nil && !other.lets() {
			names = append(names, name)
		}
	}
	return names
}
