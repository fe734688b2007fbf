package runtime

import (
	"context"
	"fmt"
	"sync"
)

// watcher hands the engine's events to those who wait for a container. One
// subscription serves all.
type watcher struct {
	mu    sync.Mutex
	lives map[string]*life
}

// life is what the events tell of one container since it is followed.
type life struct {
	died   chan struct{} // closed when it has died; exitCode is set before
	health chan string   // holds the newest health status that nobody has read

	exitCode int
	once     sync.Once
}

// DiedError says that a container ended while it was needed.
type DiedError struct {
	ExitCode  int
	OOMKilled bool
}

func (e *DiedError) Error() string {
	if e.OOMKilled {
		return fmt.Sprintf("its container died: out of memory (exit code %d)", e.ExitCode)
	}
	return fmt.Sprintf("its container died with exit code %d", e.ExitCode)
}

// watch subscribes. The subscription ends with ctx.
func (r *Runner) watch(ctx context.Context) (*watcher, error) {
	events, err := r.Engine.Watch(ctx, r.Group)
	if err != nil {
		return nil, err
	}
	w := &watcher{lives: map[string]*life{}}
	go func() {
		for e := range events {
			w.handle(e)
		}
	}()
	return w, nil
}

func (w *watcher) handle(e ContainerEvent) {
	w.mu.Lock()
	l := w.lives[e.ID]
	w.mu.Unlock()
	if l == nil {
		return
	}
	switch e.Action {
	case "die":
		l.die(e.ExitCode)
	case "health":
		l.setHealth(e.Health)
	}
}

// follow begins to follow a container. It is called before the container is
// started, so that nothing is missed.
func (w *watcher) follow(id string) *life {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := &life{died: make(chan struct{}), health: make(chan string, 1)}
	w.lives[id] = l
	return l
}

func (l *life) die(exitCode int) {
	l.once.Do(func() {
		l.exitCode = exitCode
		close(l.died)
	})
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
