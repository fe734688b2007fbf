package runtime

import (
	"context"
	"strings"

	"github.com/miniboss/miniboss/runtime/state"
)

// A container's name says whether it is ready (see naming.go). An engine may
// refuse to rename one that runs: Docker 20.10 always does on an attachable
// overlay network. Then the journal says it instead, as a mark, for as long as
// the container is there or until it can be renamed.

// marks are what the journal can say, by the end of the name that it stands for.
func marks() map[string]state.Verb {
	return map[string]state.Verb{"": state.VerbReady, suffixAgain: state.VerbAwait, suffixFailed: state.VerbFailed}
}

// giveName names a container of a service, whose name is actual, by what it is.
// If the engine cannot, the journal says it, and the engine's error is returned.
func (r *Runner) giveName(ctx context.Context, id, actual, full, suffix string) error {
	if actual != full+suffix {
		if err := r.Engine.Rename(ctx, id, full+suffix); err != nil {
			r.Journal.Note(marks()[suffix], state.MarkKey(id))
			return err
		}
	}
	r.Journal.Note(state.VerbDone, state.MarkKey(id))
	return nil
}

// asMarked gives containers the names that the journal has for them, and forgets
// those of containers that are gone. Their actual names are in Actual.
func (r *Runner) asMarked(containers []Container) []Container {
	marked := r.Journal.Those(func(key string, _ state.Verb) bool { return strings.HasPrefix(key, state.MarkPrefix) })
	for i := range containers {
		c := &containers[i]
		mark, ok := marked[state.MarkKey(c.ID)]
		delete(marked, state.MarkKey(c.ID))
		if !ok {
			continue
		}
		for suffix, v := range marks() {
			if name := fullName(r.Group, c.Labels.Service) + suffix; v == mark && name != c.Name {
				c.Actual, c.Name = c.Name, name
			}
		}
	}
	for key := range marked {
		r.Journal.Note(state.VerbDone, key)
	}
	return containers
}

// nameStopped gives a container that was stopped the name that only the journal
// has for it.
func (r *Runner) nameStopped(ctx context.Context, c Container) {
	if c.Actual == "" {
		return
	}
	full := fullName(r.Group, c.Labels.Service)
	_ = r.giveName(ctx, c.ID, c.Actual, full, strings.TrimPrefix(c.Name, full)) // else the journal still has it
}
