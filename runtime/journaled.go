package runtime

import (
	"context"

	"github.com/miniboss/miniboss/runtime/state"
)

// removeContainer removes a container so that a later command knows of it where
// this one does not see its end.
func (r *Runner) removeContainer(ctx context.Context, id string) error {
	err := r.Journal.Doing(state.VerbRemove, id, func() error { return r.Engine.Remove(ctx, id) })
	if err == nil {
		r.Journal.Note(state.VerbDone, state.MarkKey(id))
	}
	return err
}

// createContainer creates a container. An error means that it does not exist.
func (r *Runner) createContainer(ctx context.Context, name string, request []byte, labels Labels) (string, error) {
	r.Journal.Note(state.VerbCreate, name)
	defer r.Journal.Note(state.VerbDone, name)
	return r.Engine.Create(ctx, name, request, labels)
}

// startContainer starts a container, and notes next when it is started. Where
// that fails, its state tells.
func (r *Runner) startContainer(ctx context.Context, id string, next state.Verb) error {
	r.Journal.Note(state.VerbStart, id)
	err := r.Engine.Start(ctx, id)
	switch {
	case err == nil:
		r.Journal.Note(next, id)
	case ctx.Err() == nil:
		r.Journal.Note(state.VerbDone, id)
	}
	return err
}

// awaitStart returns when a start that was begun by a killed command is done:
// the engine does one after the other, and what it says of the second does not
// matter.
func (r *Runner) awaitStart(ctx context.Context, id string) { _ = r.Engine.Start(ctx, id) }
