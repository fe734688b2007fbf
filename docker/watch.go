package docker

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/miniboss/miniboss/runtime"
)

// How soon a lost stream is taken up again.
const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = 2 * time.Second
	// lostAfter is when a stream counts as lost: a restart of the engine is over.
	lostAfter = time.Minute
	// refusalComes is how long after the answer its refusal may come.
	refusalComes = time.Millisecond
)

// Watch implements runtime.Engine.
//
// The engine answers before it has subscribed us, so the stream asks for what
// has happened since a moment before, by the engine's clock, which is known to a
// second: what happened within that second is told too. A lost stream is taken up where it
// ended; what the engine has forgotten by then (a restart empties its memory)
// is made up from the containers' states. So an event may come twice, and may
// be news of a while ago: State tells what is true now. One that cannot be taken
// up for a minute is told as runtime.EventLost.
func (e *Engine) Watch(ctx context.Context, group string) (<-chan runtime.ContainerEvent, error) {
	w := &watcher{engine: e, group: group, since: e.clock.notLater(time.Now()).UnixNano(), seen: map[string]int64{}}
	stream, err := w.subscribe(ctx)
	if err != nil {
		return nil, e.failed(ctx, fmt.Sprintf("watch the containers of group %q", group), err)
	}
	out := make(chan runtime.ContainerEvent)
	go func() {
		defer close(out)
		w.out = out
		w.run(ctx, stream)
	}()
	return out, nil
}

// watcher belongs to one goroutine.
type watcher struct {
	engine *Engine
	group  string
	out    chan<- runtime.ContainerEvent
	since  int64            // time of the last event by the engine's clock, in ns
	seen   map[string]int64 // events at or after since, which the engine will repeat
}

// stream is one connection. Its messages end with an error.
type stream struct {
	messages <-chan events.Message
	ended    <-chan error
	cancel   context.CancelFunc
}

// actions are what fromMessage understands. The others, such as a creation and a
// new name, are as many again, and each brings all labels of its container.
var actions = []string{"start", "pause", "unpause", "die", "died", "destroy", "remove", "health_status"}

func (w *watcher) subscribe(ctx context.Context) (*stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	only := filters.NewArgs(filters.Arg("type", "container"), filters.Arg("label", groupFilter(w.group)))
	for _, action := range actions {
		only.Add("event", action)
	}
	messages, ended := w.engine.api.Events(ctx, events.ListOptions{
		Since: fmt.Sprintf("%d.%09d", w.since/1e9, w.since%1e9), Filters: only,
	})
	// Events returns when the engine has answered, and just before it tells of a
	// refusal. One that comes later is how the stream ends.
	moment := time.NewTimer(refusalComes)
	defer moment.Stop()
	select {
	case err := <-ended:
		cancel()
		return nil, err
	case <-moment.C:
		return &stream{messages, ended, cancel}, nil
	}
}

func (w *watcher) run(ctx context.Context, s *stream) {
	for {
		_ = w.follow(ctx, s) // whatever ended it, it is taken up again
		s.cancel()
		if s = w.reconnect(ctx); s == nil {
			return
		}
	}
}

func (w *watcher) follow(ctx context.Context, s *stream) error {
	for {
		select {
		case m := <-s.messages:
			w.handle(ctx, m)
		case err := <-s.ended:
			return err
		}
	}
}

func (w *watcher) reconnect(ctx context.Context) *stream {
	began := time.Now()
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if s, err := w.subscribe(ctx); err == nil {
			// It counts as taken up when the engine answers something else too: one
			// that was refused may look like one that has ended at once.
			if w.catchUp(ctx) == nil {
				return s
			}
			s.cancel()
		}
		if time.Since(began) > lostAfter {
			w.send(ctx, runtime.ContainerEvent{Action: runtime.EventLost})
		}
	}
}

func (w *watcher) handle(ctx context.Context, m events.Message) {
	at := m.TimeNano
	if at == 0 {
		at = m.Time * 1e9
	}
	key := fmt.Sprintf("%d %s %s", at, m.Actor.ID, m.Action)
	if _, repeated := w.seen[key]; repeated {
		return
	}
	if at > w.since {
		w.since = at
		clear(w.seen)
	}
	w.seen[key] = at
	if event, ok := fromMessage(m); ok {
		event.Time = time.Unix(0, at)
		w.send(ctx, event)
	}
}

func (w *watcher) send(ctx context.Context, event runtime.ContainerEvent) {
	select {
	case w.out <- event:
	case <-ctx.Done():
	}
}

// catchUp tells what ended, or changed its health, after the last event and
// before the new stream.
func (w *watcher) catchUp(ctx context.Context) error {
	summaries, err := w.engine.summaries(ctx, runtime.Selector{Group: w.group})
	if err != nil {
		return err // the stream has gone again; the next one catches up
	}
	for _, s := range summaries {
		c := fromSummary(s)
		if c.State == "running" && c.Health != "" {
			w.send(ctx, runtime.ContainerEvent{ID: c.ID, Action: "health", Health: c.Health})
		}
		if c.State != "exited" && c.State != "dead" {
			continue
		}
		// One that had ended before is left out: it may be about to start.
		state, err := w.engine.State(ctx, c.ID)
		if err == nil && !state.Running && state.FinishedAt.UnixNano() > w.since {
			w.send(ctx, runtime.ContainerEvent{ID: c.ID, Action: "die", Time: state.FinishedAt, ExitCode: state.ExitCode})
		}
	}
	return nil
}

func fromMessage(m events.Message) (runtime.ContainerEvent, bool) {
	event := runtime.ContainerEvent{ID: m.Actor.ID, Action: string(m.Action)}
	action, detail, _ := strings.Cut(string(m.Action), ":")
	switch action {
	case "start", "pause", "unpause":
	case "destroy", "remove": // Podman says remove
		event.Action = "destroy"
	case "die", "died":
		event.Action = "die"
		event.ExitCode, _ = strconv.Atoi(firstOf(m.Actor.Attributes, "exitCode", "containerExitCode"))
	case "health_status":
		event.Action = "health"
		event.Health = strings.TrimSpace(detail)
		if event.Health == "" {
			event.Health = firstOf(m.Actor.Attributes, "health_status", "containerHealthStatus")
		}
		if event.Health == "running" { // a probe ran; not a state
			return event, false
		}
	default:
		return event, false
	}
	return event, true
}

func firstOf(values map[string]string, keys ...string) string {
	for _, key := range keys {
		if value := values[key]; value != "" {
			return value
		}
	}
	return ""
}
