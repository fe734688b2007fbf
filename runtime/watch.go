package runtime

import (
	"context"
	"fmt"
	"sync"
)

// watcher hands the engine's events to those who wait for a container. One
// subscription serves all.
type watcher struct {
	state func(ctx context.Context, id string) (ContainerState, error)

	mu    sync.Mutex
	lives map[string]*life
}

// life is what the events tell of one container since it is followed.
type life struct {
	begun  chan struct{} // closed when the container was started, as far as we start it
	died   chan struct{} // closed when it has died; exitCode is set before
	health chan string   // holds the newest health status that nobody has read

	// revives reports whether the engine starts the container again; revived is
	// called when it does. Both may be nil: it never does. They are set before the
	// container begins.
	revives func(exitCode, before int) bool
	revived func(ctx context.Context, exitCode int)

	exitCode int
	once     sync.Once
	onceRuns sync.Once

	mu      sync.Mutex
	revival int // how often the engine has started it again
}

// DiedError says that a container ended while it was needed.
type DiedError struct {
	ExitCode  int
	OOMKilled bool
	While     string // the hook that was waited for; "": none
	Restarts  int    // how often its restart policy had started it again
	MayEnd    bool   // it is of a one-shot service
	Revived   bool   // the engine is about to start it again
}

func (e *DiedError) Error() string {
	text := fmt.Sprintf("container exited with code %d", e.ExitCode)
	if e.OOMKilled {
		text = fmt.Sprintf("container ran out of memory (exit code %d)", e.ExitCode)
	}
	if e.While != "" {
		text += " while waiting for " + e.While
	}
	if e.Restarts > 0 {
		text += fmt.Sprintf(", after being restarted %s", times(e.Restarts))
	}
	return text
}

// Hint says what to do.
func (e *DiedError) Hint() string {
	if e.ExitCode != 0 || e.MayEnd {
		return ""
	}
	return "if it is meant to exit, set oneShot = true; otherwise give it a cmd that keeps running (a shell exits at once without input)"
}

// watch subscribes. The subscription ends with ctx.
func (r *Runner) watch(ctx context.Context) (*watcher, error) {
	events, err := r.Engine.Watch(ctx, r.Group)
	if err != nil {
		return nil, err
	}
	w := &watcher{state: r.Engine.State, lives: map[string]*life{}}
	go func() {
		for e := range events {
			w.handle(ctx, e)
		}
	}()
	return w, nil
}

func (w *watcher) handle(ctx context.Context, e ContainerEvent) {
	w.mu.Lock()
	l := w.lives[e.ID]
	w.mu.Unlock()
	if l == nil {
		return
	}
	switch e.Action {
	case "die":
		go w.confirmDeath(ctx, l, e)
	case "health":
		l.setHealth(e.Health)
	}
}

// confirmDeath asks the engine whether a container has died in this life: the
// event may tell of the stop that came before, and times of ours say nothing
// about the engine's.
func (w *watcher) confirmDeath(ctx context.Context, l *life, e ContainerEvent) {
	select {
	case <-l.begun:
	case <-ctx.Done():
		return
	}
	state, err := w.state(ctx, e.ID)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		l.die(e.ExitCode)
	case !state.Running || state.Status == "restarting":
		w.ended(ctx, l, e.ID, state)
	case !state.StartedAt.After(e.Time): // the engine has not noticed yet
		state.ExitCode = e.ExitCode
		w.ended(ctx, l, e.ID, state)
	case state.RestartCount > l.deaths(): // it runs again already
		l.revive(ctx, e.ExitCode)
	}
}

// follow begins to follow a container. It is called before the container is
// started, so that nothing is missed.
func (w *watcher) follow(id string) *life {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := &life{begun: make(chan struct{}), died: make(chan struct{}), health: make(chan string, 1)}
	w.lives[id] = l
	return l
}

// begins tells that the container was started, or ran already.
func (l *life) begins() { l.onceRuns.Do(func() { close(l.begun) }) }

func (l *life) die(exitCode int) {
	l.once.Do(func() {
		l.exitCode = exitCode
		close(l.died)
	})
}

// revive notes that the engine has started the container again.
func (l *life) revive(ctx context.Context, exitCode int) {
	l.mu.Lock()
	l.revival++
	l.mu.Unlock()
	if l.revived != nil {
		l.revived(ctx, exitCode)
	}
}

// deaths is how often the engine has started the container again.
func (l *life) deaths() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.revival
}

func (l *life) isDead() bool {
	select {
	case <-l.died:
		return true
	default:
		return false
	}
}

// setHealth replaces what nobody has read by the newer status.
func (l *life) setHealth(status string) {
	select {
	case <-l.health:
	default:
	}
	l.health <- status
}

// during derives a context that ends, with a *DiedError as its cause, when the
// container dies. The caller calls stop when it is done.
func (l *life) during(ctx context.Context) (alive context.Context, stop func()) {
	alive, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-l.died:
			cancel(&DiedError{ExitCode: l.exitCode})
		case <-alive.Done():
		}
	}()
	return alive, func() { cancel(nil) }
}
