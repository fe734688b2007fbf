package timeline

import (
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// Timeline is what the services of a group did, when. Times count from Began.
type Timeline struct {
	Group    string
	Began    time.Time
	Total    time.Duration
	Bars     []Bar
	Critical []Link // in the order of time; empty where nothing happened
}

// Bar is one service.
type Bar struct {
	Service  string
	Outcome  runtime.Phase // ready, failed, …; "": interrupted
	After    string        // the service it waited for longest; "": none
	Segments []Segment     // without overlaps; there may be gaps
}

// Segment is a phase of a service. Beside those of events there is Preparing:
// the file's class is evaluated and the engine asked, or an image awaited that
// another service builds.
type Segment struct {
	Phase    runtime.Phase
	From, To time.Duration
	Critical bool // part of the chain that the end of the command waited for
}

// Preparing is the phase between the readiness of a service's dependencies and
// what it does first.
const Preparing runtime.Phase = "preparing"

// Link is a service's part in the critical path.
type Link struct {
	Service  string
	From, To time.Duration
}

// Recorder keeps of the events what a timeline needs.
type Recorder struct {
	events []runtime.Event
	last   map[string]runtime.Phase
}

// Add takes an event in.
func (r *Recorder) Add(e runtime.Event) {
	if e.Service == "" || isMessage(e.Phase) || e.Progress != nil {
		return
	}
	if r.last == nil {
		r.last = map[string]runtime.Phase{}
	}
	if r.last[e.Service] == e.Phase {
		return // another ping
	}
	r.last[e.Service] = e.Phase
	kept := runtime.Event{Time: e.Time, Service: e.Service, Phase: e.Phase}
	if e.Phase == runtime.PhaseQueued {
		kept.WaitsFor = e.WaitsFor
	}
	r.events = append(r.events, kept)
}

// Timeline returns what happened so far.
func (r *Recorder) Timeline(group string) Timeline { return of(group, r.events) }

func isMessage(p runtime.Phase) bool {
	switch p {
	case runtime.PhaseOutput, runtime.PhaseNotice, runtime.PhaseWarning, runtime.PhaseError:
		return true
	}
	return false
}

// track is what is known of one service while the events are read.
type track struct {
	name    string
	first   []string // what it depends on
	steps   []step   // without those about its image
	images  []Segment
	outcome runtime.Phase
	up, end time.Duration // when its dependants could go on; when it was done; -1: never
}

type step struct {
	phase runtime.Phase
	at    time.Duration
}

func of(group string, events []runtime.Event) Timeline {
	t := Timeline{Group: group}
	if len(events) == 0 {
		return t
	}
	t.Began = events[0].Time
	t.Total = events[len(events)-1].Time.Sub(t.Began)
	tracks, order := read(events, t.Began, t.Total)
	for _, name := range order {
		t.Bars = append(t.Bars, tracks[name].bar(tracks, t.Total))
	}
	t.Critical = critical(tracks, order, t.Bars)
	t.mark()
	return t
}

func read(events []runtime.Event, began time.Time, total time.Duration) (tracks map[string]*track, order []string) {
	tracks = map[string]*track{}
	for _, e := range events {
		at := e.Time.Sub(began)
		k := tracks[e.Service]
		if k == nil {
			k = &track{name: e.Service, up: -1, end: -1}
			tracks[e.Service] = k
			order = append(order, e.Service)
		}
		k.add(e, at, total)
	}
	return tracks, order
}

func (k *track) add(e runtime.Event, at, total time.Duration) {
	switch e.Phase {
	case runtime.PhasePulling, runtime.PhaseBuilding:
		k.images = append(k.images, Segment{Phase: e.Phase, From: at, To: total})
		return
	case runtime.PhasePulled, runtime.PhaseBuilt:
		if n := len(k.images); n > 0 {
			k.images[n-1].To = at
		}
		return
	case runtime.PhaseQueued:
		k.first = e.WaitsFor
		k.outcome, k.up, k.end = "", -1, -1
	case runtime.PhaseSettling:
		k.up = at
	default:
		if isOutcome(e.Phase) {
			k.finish(e.Phase, at, total)
		}
	}
	k.steps = append(k.steps, step{e.Phase, at})
}

func (k *track) finish(outcome runtime.Phase, at, total time.Duration) {
	k.outcome, k.end = outcome, at
	if k.up < 0 {
		k.up = at
	}
	if n := len(k.images); n > 0 && k.images[n-1].To == total {
		k.images[n-1].To = at // it failed
	}
}

func isOutcome(p runtime.Phase) bool {
	switch p {
	case runtime.PhaseReady, runtime.PhaseUnchanged, runtime.PhaseFailed, runtime.PhaseSkipped, runtime.PhaseStopped, runtime.PhaseRemoved:
		return true
	}
	return false
}

// release returns which of the services that one waits for let it go on last,
// and when.
func (k *track) release(tracks map[string]*track) (by string, at time.Duration) {
	for _, name := range k.first {
		if other := tracks[name]; other != nil && other.up >= at {
			by, at = name, other.up
		}
	}
	return by, at
}

// bar makes the segments: what is done for the image lies over the waiting.
func (k *track) bar(tracks map[string]*track, total time.Duration) Bar {
	by, released := k.release(tracks)
	b := Bar{Service: k.name, Outcome: k.outcome, After: by}
	var waits, works []Segment
	for i, s := range k.steps {
		to := total
		if i+1 < len(k.steps) {
			to = k.steps[i+1].at
		}
		switch s.phase {
		case runtime.PhaseQueued, runtime.PhaseWaiting:
			middle := max(s.at, min(released, to))
			if by == "" {
				middle = s.at
			}
			waits = append(waits, Segment{Phase: runtime.PhaseWaiting, From: s.at, To: middle}, Segment{Phase: Preparing, From: middle, To: to})
		default:
			if !isOutcome(s.phase) {
				works = append(works, Segment{Phase: s.phase, From: s.at, To: to})
			}
		}
	}
	for _, i := range k.images {
		waits = append(without(waits, i.From, i.To), i)
	}
	if k.outcome == runtime.PhaseSkipped {
		works = nil // it did nothing but wait
	}
	b.Segments = slices.DeleteFunc(append(waits, works...), func(s Segment) bool { return s.To-s.From < time.Millisecond })
	slices.SortStableFunc(b.Segments, func(x, y Segment) int { return int(x.From - y.From) })
	b.Segments = merged(b.Segments)
	return b
}

// merged joins what follows each other and is the same: queued, then waiting.
func merged(segments []Segment) []Segment {
	var all []Segment
	for _, s := range segments {
		if n := len(all); n > 0 && all[n-1].Phase == s.Phase && s.From-all[n-1].To < time.Millisecond {
			all[n-1].To = s.To
			continue
		}
		all = append(all, s)
	}
	return all
}

// without cuts a time out of segments.
func without(segments []Segment, from, to time.Duration) []Segment {
	var rest []Segment
	for _, s := range segments {
		if left := (Segment{Phase: s.Phase, From: s.From, To: min(s.To, from)}); left.To > left.From {
			rest = append(rest, left)
		}
		if right := (Segment{Phase: s.Phase, From: max(s.From, to), To: s.To}); right.To > right.From {
			rest = append(rest, right)
		}
	}
	return rest
}
