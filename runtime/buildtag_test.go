package runtime

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/runtime/state"
)

// The image of a build that was cut off is removed when it comes, however many
// commands later, but it is not looked for for ever.
func TestLateBuild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		locks := t.TempDir()
		next := func() []string {
			w.again()
			w.runner.Journal = state.NewJournal(locks, "group shop")
			defer func() { _ = w.runner.Journal.Close() }()
			w.runner.removeOldImages(t.Context(), nil)
			return slices.Sorted(maps.Keys(w.runner.Journal.Those(func(_ string, v state.Verb) bool { return v == state.VerbBuild })))
		}
		cutOff := errors.New("cut off")
		w.engine.before = func(context.Context, string) error { return cutOff }
		w.runner.Journal = state.NewJournal(locks, "group shop")
		_, err := w.runner.build(t.Context(), BuildOptions{Tag: "web:1"}, nil)
		w.runner.Journal.Note(state.VerbBuild, "nonsense")
		_ = w.runner.Journal.Close()
		if !errors.Is(err, cutOff) {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		known := next()
		if len(known) != 1 {
			t.Fatalf("known: %q", known)
		}
		w.engine.late = map[string]bool{known[0]: true}
		if known := next(); len(known) != 0 || len(w.engine.late) != 0 {
			t.Errorf("known: %q, there are %v", known, w.engine.late)
		}

		w.runner.Journal = state.NewJournal(locks, "group shop")
		_, _ = w.runner.build(t.Context(), BuildOptions{Tag: "web:1"}, nil)
		_ = w.runner.Journal.Close()
		time.Sleep(lateLimit + time.Second)
		if known := next(); len(known) != 0 {
			t.Errorf("for ever known: %q", known)
		}
	})
}

// An engine that still removes a container says that its image is in use, which
// is no reason to forget the image.
func TestImageOfContainerThatIsBeingRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a:", nil)
	locks := t.TempDir()
	w.runner.Journal = state.NewJournal(locks, "group shop")
	known := func() int {
		return len(w.runner.Journal.Those(func(_ string, v state.Verb) bool { return v == state.VerbImage }))
	}
	cutOff := errors.New("cut off")
	w.engine.before = func(context.Context, string) error { return cutOff }
	w.runner.Journal.Note(state.VerbImage, "old")
	if err := w.runner.removeContainer(t.Context(), "c1"); !errors.Is(err, cutOff) {
		t.Fatal(err)
	}
	w.engine.before = nil
	if w.runner.removeOldImages(t.Context(), nil); known() != 1 {
		t.Error("the image is forgotten")
	}
	if err := w.runner.removeContainer(t.Context(), "c1"); err != nil {
		t.Fatal(err)
	}
	if w.runner.removeOldImages(t.Context(), nil); known() != 0 {
		t.Error("the image is looked for for ever")
	}
	_ = w.runner.Journal.Close()
}
