package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// What an earlier command began and did not see the end of, as the journal tells
// it, is finished before a command looks at what there is.

// recoverForStart lists the group's containers for a start, when those are
// started, stopped and removed which an earlier command did not see the end of.
// What it created, the start itself takes up: it makes one of the same name.
func (s *startRun) recoverForStart(ctx context.Context) ([]Container, error) {
	containers, unfinished, err := s.interruptedOps(ctx)
	if err != nil || len(unfinished) == 0 {
		return containers, err
	}
	stopped := s.stopUnfinished(ctx, containers, unfinished)
	for _, c := range containers {
		settled := stopped[c.ID]
		switch v := unfinished[c.ID]; {
		case v == state.VerbRemove:
			settled = s.removeContainer(ctx, c.ID)
		case v == state.VerbStart:
			s.awaitStart(ctx, c.ID)
		}
		if settled == nil {
			s.nameByJournal(ctx, c, unfinished[c.ID])
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if settled != nil { // it is taken as the engine shows it
			s.phase(c.Labels.Service, PhaseWarning, settled.Error())
		}
	}
	s.Journal.Settled(unfinished)
	return s.groupContainers(ctx)
}

// stopUnfinished stops what an earlier command did not see the end of, side by
// side, and returns what went wrong by container.
func (s *startRun) stopUnfinished(ctx context.Context, containers []Container, unfinished map[string]state.Verb) map[string]error {
	var all sync.WaitGroup
	var lock sync.Mutex
	failed := map[string]error{}
	for _, c := range containers {
		if unfinished[c.ID] != state.VerbStop || !runs(c) {
			continue
		}
		all.Go(func() {
			name := c.Labels.Service
			s.phase(name, PhaseNotice, "finishing a stop that an earlier command began")
			var d spec.Definition
			if service := s.Graph.Service(name); service != nil {
				d = service.Loaded
			}
			if err := s.stopContainer(ctx, s.stops, name, c.ID, graceOf(d, s.StopTimeout)); err != nil {
				lock.Lock()
				defer lock.Unlock()
				failed[c.ID] = err
			}
		})
	}
	all.Wait()
	return failed
}

// nameByJournal gives a container the name that says whether it is ready, where a
// killed command had only noted it. If the engine cannot, a mark says it.
func (r *Runner) nameByJournal(ctx context.Context, c Container, v state.Verb) {
	full := fullName(r.Group, c.Labels.Service)
	actual := cmp.Or(c.Actual, c.Name)
	switch {
	case c.Name == full && (v == state.VerbStart || v == state.VerbAwait):
		_ = r.giveName(ctx, c.ID, actual, full, suffixAgain)
	case c.Name != full && v == state.VerbReady:
		_ = r.giveName(ctx, c.ID, actual, full, "")
	}
}

// interruptedOps lists the group's containers, and what earlier commands did not see
// the end of. The networks among that are there then, or will not be.
func (r *Runner) interruptedOps(ctx context.Context) ([]Container, map[string]state.Verb, error) {
	containers, err := r.claim(ctx)
	if err != nil {
		return nil, nil, err
	}
	unfinished := r.Journal.Unfinished()
	return containers, unfinished, r.awaitNetworks(ctx, unfinished)
}

// groupContainers lists the group's containers, one-off ones too.
func (r *Runner) groupContainers(ctx context.Context) ([]Container, error) {
	containers, err := r.Engine.Containers(ctx, Selector{Group: r.Group, OneOffs: true})
	if err != nil {
		return nil, err
	}
	return r.asMarked(containers), nil
}

// removeOldImages removes those of some images, and of those that a killed
// command has left, that have no name any more and that nothing uses.
func (r *Runner) removeOldImages(ctx context.Context, ids []string) {
	for name := range r.Journal.Those(func(_ string, v state.Verb) bool { return v == state.VerbBuild }) {
		r.removeBuildName(ctx, name)
	}
	for id := range r.Journal.Those(func(_ string, v state.Verb) bool { return v == state.VerbImage }) {
		ids = append(ids, id)
	}
	// One whose container is still being removed, by a request that was cut off, is
	// not gone: the next command looks again.
	removing := len(r.Journal.Those(func(_ string, v state.Verb) bool { return v == state.VerbRemove })) > 0
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if err := r.Engine.RemoveImage(ctx, id); err != nil {
			r.phase("", PhaseWarning, fmt.Sprintf("cannot remove the old image %s yet, the next command tries again: %v", id, err))
			continue
		}
		if !removing {
			r.Journal.Note(state.VerbDone, id)
		}
	}
}

// recoverForStart lists the group's containers for a stop, when those are
// there and run which an earlier command had created and started, and did not
// see the end of: else they would be left over.
func (s *stopRun) recoverForStop(ctx context.Context) ([]Container, error) {
	containers, unfinished, err := s.interruptedOps(ctx)
	if err != nil || len(unfinished) == 0 {
		return containers, err
	}
	for id, v := range unfinished {
		switch v {
		case state.VerbCreate:
			err := awaitCreation(ctx, creationLimit, func() error {
				_, err := s.Engine.InspectContainer(ctx, id)
				return err
			})
			if err != nil {
				return nil, err
			}
		case state.VerbStart:
			s.awaitStart(ctx, id)
		}
	}
	for _, c := range containers {
		s.nameByJournal(ctx, c, unfinished[c.ID])
	}
	s.Journal.Settled(unfinished)
	return s.groupContainers(ctx)
}

// awaitNetworks waits for networks that an earlier command had the engine
// create. The engine would make another one of the same name.
func (r *Runner) awaitNetworks(ctx context.Context, unfinished map[string]state.Verb) error {
	for name, v := range unfinished {
		if v != state.VerbNetwork {
			continue
		}
		err := awaitCreation(ctx, networkLimit, func() error {
			_, err := r.Engine.Network(ctx, name)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// How long a command waits for what an earlier one had the engine create, and
// how often it looks: the engine does not tell whether it is at it. A network's
// creation may also have been refused.
const (
	creationLimit = 15 * time.Second
	networkLimit  = 15 * time.Second
	creationLook  = 20 * time.Millisecond
)

// awaitCreation calls look until it finds something. The error is the end of
// ctx.
func awaitCreation(ctx context.Context, limit time.Duration, look func() error) error {
	for deadline := time.Now().Add(limit); ; {
		if err := look(); !errors.Is(err, ErrNotFound) || time.Now().After(deadline) {
			return nil // another error shows when the containers are listed
		}
		select {
		case <-time.After(creationLook):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
