package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Engines miscount the containers of a network when too many end at once.
func TestStopsAtOnce(t *testing.T) {
	t.Parallel()
	const services = 40
	var graph strings.Builder
	for i := range services {
		fmt.Fprintf(&graph, "s%d:\n", i)
	}
	atOnce := func(t *testing.T, verbs []string, change func(map[string]*spec.Service), run func(*world)) {
		w := newWorld(t, strings.TrimSpace(graph.String()), change)
		var mu sync.Mutex
		now, most, all := 0, 0, 0
		w.engine.before = func(ctx context.Context, operation string) error {
			if verb, _, _ := strings.Cut(operation, " "); !slices.Contains(verbs, verb) {
				return nil
			}
			mu.Lock()
			now++
			all++
			most = max(most, now)
			mu.Unlock()
			err := pass(ctx, time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return err
		}
		run(w)
		if most != stopsAtOnce || all != services {
			t.Errorf("%d of %d at once, and %d in all", most, services, all)
		}
	}
	left := func(w *world) {
		for _, s := range w.runner.Graph.Services() {
			leftBy(w, s.Name, "running")
		}
	}
	bubble(t, "stop", func(t *testing.T) {
		atOnce(t, []string{"stop"}, nil, func(w *world) {
			left(w)
			if err := w.runner.Stop(t.Context(), StopOptions{}); err != nil {
				t.Error(err)
			}
		})
	})
	bubble(t, "replace", func(t *testing.T) {
		atOnce(t, []string{"stop"}, nil, func(w *world) {
			left(w)
			if err := w.start(t.Context()); err != nil {
				t.Error(err)
			}
		})
	})
	bubble(t, "remove what failed", func(t *testing.T) {
		fails := func(services map[string]*spec.Service) {
			for _, s := range services {
				s.Hooks.Ping = func(context.Context) (bool, string, error) { return false, "", errors.New("no luck") }
			}
		}
		atOnce(t, []string{"remove"}, fails, func(w *world) {
			if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
				t.Error(err)
			}
		})
	})
}
