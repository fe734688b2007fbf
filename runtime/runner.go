package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// Setup is what a Runner works with.
type Setup struct {
	Group  string
	File   string      // absolute path of the user's file
	Graph  *spec.Graph // nil where the file cannot be loaded; only Stop works then
	Engine Engine
	Values Values // nil where the file cannot be loaded
	Store  *state.ContextStore
	Sink   Sink
	// Containers is what the hooks see of the group's containers.
	Containers *GroupContainers
	// ScriptDead is closed when the user's script cannot run any more (see
	// ScriptErr): an endless loop was interrupted. Both may be nil.
	ScriptDead <-chan struct{}
	ScriptErr  func() error

	// Saved is the shared context as its file has it, as compact JSON; empty:
	// the file has none. The caller sets it to what it has read.
	Saved []byte
	// ReadOnly never saves the shared context: the command has not locked the
	// group, and another one may be at work.
	ReadOnly bool
	// TryLock takes a lock among the user's processes, of that name on this
	// engine. release is nil where another process has it. A nil function:
	// there is no other process.
	TryLock func(name string) (release func(), err error)
	// HashKey is the key that definitions are hashed with; may be nil.
	HashKey *state.HashKey
	// Secrets learns the values that are not to be seen; may be nil.
	Secrets *spec.Secrets
	// Journal notes what is stopped and removed; may be nil.
	Journal *state.Journal
	// Builds remembers what images were built from; may be nil.
	Builds *Builds
	// LastEnds remembers why services have no container; may be nil.
	LastEnds *state.LastEnds
	// ReadyTimes remembers how long services take to answer; may be nil.
	ReadyTimes *state.ReadyTimes
	// Adopted remembers what was taken over from files that are gone; may be nil.
	Adopted *Adopted
	// Machine is the name of this machine where the engine is on another one,
	// which other machines may use too; "": it is on this one.
	Machine string
}

// Runner carries out commands on one group of services. It is used for one
// command and not by several goroutines at once.
type Runner struct {
	Setup

	fileLock sync.Mutex
	files    map[string]whose // what is known of other files
	told     map[string]bool  // see tellOnce

	sinkLock sync.Mutex
	saveLock sync.Mutex
	unsaved  []byte // what could not be saved, which has been told
}

// NewRunner makes a runner, whose hooks see the containers of the group that are
// of its file.
func NewRunner(s Setup) *Runner {
	r := &Runner{Setup: s}
	if r.Containers != nil {
		r.Containers.only(r.Owns)
	}
	return r
}

// withoutScript makes a runner for the same group that calls no hook: the script
// has died.
func (r *Runner) withoutScript() *Runner {
	s := r.Setup
	s.Graph, s.Values, s.ScriptDead, s.ScriptErr = nil, nil, nil, nil
	return NewRunner(s)
}

// ErrFailed is wrapped by the error of a command in which something failed
// that has been reported already, as an event.
var ErrFailed = errors.New("failed")

// ErrInterrupted is the cause of a context that the user cancelled.
var ErrInterrupted = errors.New("interrupted")

// HookError is an error of a hook, or of what is done around it.
type HookError struct {
	Service string
	Hook    string
	Err     error
}

func (e *HookError) Error() string {
	return fmt.Sprintf("service %q: %s: %v", e.Service, e.Hook, e.Err)
}

func (e *HookError) Unwrap() error { return e.Err }

// HookTimeoutError says that a hook took too long. It does not unwrap to
// context.DeadlineExceeded: it is a failure of the service, not of the run.
type HookTimeoutError struct {
	Timeout time.Duration
}

func (e *HookTimeoutError) Error() string {
	return "timed out after " + seconds(e.Timeout)
}

// seconds formats a duration as people write it: 300 s, 0.5 s.
func seconds(d time.Duration) string { return spec.FormatNumber(d.Seconds()) + " s" }

func (r *Runner) emit(e Event) {
	r.sinkLock.Lock()
	defer r.sinkLock.Unlock()
	e.Time = time.Now()
	r.Sink(e)
}

func (r *Runner) phase(service string, phase Phase, cause string) {
	r.emit(Event{Service: service, Phase: phase, Cause: cause})
}

func (r *Runner) dir() string { return filepath.Dir(r.File) }

// guard derives a context that ends when the script dies. The caller calls
// stop when it does not need it any more.
func (r *Runner) guard(ctx context.Context) (guarded context.Context, stop func()) {
	guarded, cancel := context.WithCancelCause(ctx)
	if r.ScriptDead != nil {
		go func() {
			select {
			case <-r.ScriptDead:
				cancel(r.ScriptErr())
			case <-guarded.Done():
			}
		}()
	}
	return guarded, func() { cancel(nil) }
}

// ending reports whether the whole run ends: it was interrupted, or the script
// has died. Who saw the script die may be ahead of the guard, which is waited
// for, so that the run ends in one way.
func (r *Runner) ending(guarded context.Context) bool {
	if r.scriptDead() {
		<-guarded.Done()
	}
	return guarded.Err() != nil
}

// hook runs a hook with its timeout, and saves the shared context when the
// hook is done, whether or not it failed: what it has set is not lost.
func (r *Runner) hook(ctx context.Context, service string, phase Phase, timeout time.Duration, run func(context.Context) error) error {
	if run == nil {
		return nil
	}
	r.phase(service, phase, "")
	if err := r.call(ctx, timeout, run); err != nil {
		return &HookError{Service: service, Hook: string(phase), Err: err}
	}
	return nil
}

// call calls into the script with a timeout, and saves the shared context.
func (r *Runner) call(ctx context.Context, timeout time.Duration, run func(context.Context) error) error {
	timedOut := &HookTimeoutError{Timeout: timeout}
	timed, cancel := context.WithTimeoutCause(ctx, timeout, timedOut)
	defer cancel()
	err := run(timed)
	if err != nil && errors.Is(context.Cause(timed), timedOut) {
		err = timedOut
	}
	return errors.Join(err, r.saveContext(ctx))
}

// saveContext writes the shared context to its file where it has changed. It
// also does so when ctx has ended: nothing that a hook has set is lost. What
// cannot be saved is tried again after each hook, but is an error once: it is
// that of the hook that has set it, and not of all that come later.
func (r *Runner) saveContext(ctx context.Context) error {
	if r.Values == nil || r.ReadOnly {
		return nil
	}
	r.saveLock.Lock()
	defer r.saveLock.Unlock()
	values, err := r.snapshot(ctx)
	if err != nil && r.scriptDead() {
		return nil // a dead script has no values any more; its error ends the command
	}
	if err != nil || bytes.Equal(values, r.Saved) || len(r.Saved) == 0 && bytes.Equal(values, []byte("{}")) {
		return err
	}
	if err := r.Store.Save(ctx, r.Group, values); err != nil {
		if bytes.Equal(values, r.unsaved) {
			return nil
		}
		r.unsaved = values
		return err
	}
	r.Saved = values
	return nil
}

// snapshotLimit is how long the script may take to hand over its values while
// it runs other hooks.
const snapshotLimit = 30 * time.Second

func (r *Runner) snapshot(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), snapshotLimit)
	defer cancel()
	return r.Values.Snapshot(ctx)
}

// contextValues returns the shared context as it is now.
func (r *Runner) contextValues(ctx context.Context) (map[string]any, error) {
	data, err := r.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	return values, json.Unmarshal(data, &values)
}

// collectionHook runs a hook of the whole group. Its error is reported as an
// event and makes the command fail.
func (r *Runner) collectionHook(ctx context.Context, name string, timeout time.Duration, run func(context.Context) error) error {
	err := r.call(ctx, timeout, run)
	if err == nil || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.emit(Event{Phase: PhaseError, Err: fmt.Errorf("%s: %w", name, err)})
	return fmt.Errorf("%s: %w", name, ErrFailed)
}

// Values is the shared context of the hooks, which JavaScript owns.
type Values interface {
	// Snapshot returns all values as one JSON object. What cannot be saved is
	// left as it was: it is an error of the hook that has set it.
	Snapshot(ctx context.Context) ([]byte, error)
}
