package runtime

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// logAt is a line as the engine tells it, so many seconds after midnight.
func logAt(second int, text string) string {
	return fmt.Sprintf("2026-01-02T00:00:%02d.000000000Z %s\n", second, text)
}

func shownLogs(w *world, o LogsOptions) (string, error) {
	var shown []string
	err := w.runner.Logs(w.t.Context(), o, func(l LogLine) error {
		shown = append(shown, fmt.Sprintf("%s %d %s", l.Service, l.Time.Second(), l.Text))
		return nil
	})
	return strings.Join(shown, ", "), err
}

func TestLogsInOrder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", longLine)
	for _, test := range []struct {
		name    string
		logs    map[string]string
		options LogsOptions
		want    string
	}{
		{name: "none", want: ""},
		{name: "by time", logs: map[string]string{"a": logAt(1, "one") + logAt(4, "four"), "b": logAt(2, "two") + logAt(3, "three") + logAt(5, "five")},
			want: "a 1 one, b 2 two, b 3 three, a 4 four, b 5 five"},
		{name: "each in its own order at one time", logs: map[string]string{"a": logAt(1, "z") + logAt(1, "a"), "b": logAt(1, "m")},
			want: "a 1 z, a 1 a, b 1 m"},
		{name: "named", logs: map[string]string{"a": logAt(1, "one"), "b": logAt(2, "two")}, options: LogsOptions{Services: []string{"b"}}, want: "b 2 two"},
		{name: "no end of line", logs: map[string]string{"a": strings.TrimSuffix(logAt(1, "one"), "\n")}, want: "a 1 one"},
		{name: "empty lines and carriage returns", logs: map[string]string{"a": logAt(1, "") + logAt(2, "two\r")}, want: "a 1 , a 2 two"},
		{name: "no time", logs: map[string]string{"a": logAt(3, "three") + "more\n", "b": logAt(4, "four")}, want: "a 3 three, a 3 more, b 4 four"},
		{name: "grep", logs: map[string]string{"a": logAt(1, "one") + logAt(2, "two"), "b": logAt(3, "three")}, options: LogsOptions{Grep: regexp.MustCompile("^t")},
			want: "a 2 two, b 3 three"},
		{name: "the last that match", logs: map[string]string{"a": logAt(1, "t1") + logAt(2, "x") + logAt(3, "t3") + logAt(4, "t4") + logAt(5, "x")},
			options: LogsOptions{Grep: regexp.MustCompile("t"), Tail: 2}, want: "a 3 t3, a 4 t4"},
		{name: "a line in pieces", logs: map[string]string{"a": strings.TrimSuffix(logAt(1, long), "\n") + strings.TrimSuffix(logAt(1, long), "\n") + logAt(1, "end")},
			want: "a 1 " + long + long + "end"},
		{name: "none of those there are", logs: map[string]string{"a": logAt(1, "one")}, options: LogsOptions{Tail: -1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a:\nb:", nil)
			for service, log := range test.logs {
				w.engine.add(Container{ID: service, Name: "shop_" + service, State: "running", Labels: Labels{Group: "shop", Service: service, File: w.runner.File}})
				w.engine.containers[service].log = log
			}
			got, err := shownLogs(w, test.options)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "lines", got, test.want)
		})
	}
}

// TestLogsCut has a log whose connection is lost: the lines that came are shown,
// half a line is not, the other log is shown to its end, and it is a failure.
func TestLogsCut(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]LogsOptions{"all": {}, "the last that match": {Tail: 5, Grep: regexp.MustCompile("")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a:\nb:", nil)
			for service, log := range map[string]string{"a": logAt(1, "one") + strings.TrimSuffix(logAt(3, "thr"), "\n"), "b": logAt(2, "two") + logAt(4, "four")} {
				w.engine.add(Container{ID: service, Name: "shop_" + service, State: "running", Labels: Labels{Group: "shop", Service: service, File: w.runner.File}})
				w.engine.containers[service].log = log
			}
			w.engine.containers["a"].lost = errors.New("the connection was lost")
			got, err := shownLogs(w, o)
			if !errors.Is(err, ErrFailed) || err.Error() != "1 failed: a" {
				t.Error(err)
			}
			same(t, "lines", got, "a 1 one, b 2 two, b 4 four")
			same(t, "outcomes", w.outcomes(), "a: failed: the connection was lost")
		})
	}
}

func TestLogsUnknownService(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "web:", nil)
	_, err := shownLogs(w, LogsOptions{Services: []string{"wep"}})
	if err == nil || err.Error() != `there is no service "wep"` {
		t.Error(err)
	}
}

// TestLogsFollow follows two containers of which one is made later and the
// other is started again.
func TestLogsFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:\nb:", nil)
		w.engine.add(Container{ID: "a", Name: "shop_a", State: "exited", Labels: Labels{Group: "shop", Service: "a", File: w.runner.File}})
		w.engine.containers["a"].log = logAt(1, "one")
		ctx, cancel := context.WithCancelCause(t.Context())
		var mu sync.Mutex
		var shown []string
		done := make(chan error)
		go func() {
			done <- w.runner.Logs(ctx, LogsOptions{Follow: true}, func(l LogLine) error {
				mu.Lock()
				defer mu.Unlock()
				shown = append(shown, l.Service+" "+l.Text)
				return nil
			})
		}()
		time.Sleep(time.Second)
		w.engine.add(Container{ID: "b", Name: "shop_b", State: "created", Labels: Labels{Group: "shop", Service: "b", File: w.runner.File}})
		w.engine.mu.Lock()
		w.engine.containers["b"].log = logAt(7, "seven") + logAt(5, "five")
		w.engine.containers["a"].log += logAt(6, "six")
		w.engine.send(ContainerEvent{ID: "a", Action: "start"})
		w.engine.send(ContainerEvent{ID: "b", Action: "start"})
		w.engine.mu.Unlock()
		time.Sleep(time.Second)
		cancel(ErrInterrupted)
		if err := <-done; err != nil {
			t.Error(err)
		}
		same(t, "lines", strings.Join(shown, ", "), "a one, b five, a six, b seven")
	})
}

// TestLogsFollowCut has streams that end though the container runs: what comes
// is read on, and a line that was cut off is shown once and whole.
func TestLogsFollowCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.engine.add(Container{ID: "a", Name: "shop_a", State: "running", Labels: Labels{Group: "shop", Service: "a", File: w.runner.File}})
		a := w.engine.containers["a"]
		var away atomic.Bool
		w.engine.before = func(_ context.Context, name string) error {
			if away.Load() && name == "state a" {
				return errors.New("does not answer")
			}
			return nil
		}
		write := func(text string) {
			w.engine.mu.Lock()
			a.log += text
			w.engine.mu.Unlock()
			time.Sleep(5 * time.Second)
		}
		var shown []string
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() {
			done <- w.runner.Logs(ctx, LogsOptions{Follow: true}, func(l LogLine) error {
				shown = append(shown, l.Text)
				return nil
			})
		}()
		write(logAt(1, "one"))
		write(strings.TrimSuffix(logAt(2, "two, "), "\n"))
		write("whole\n")
		away.Store(true)
		write(logAt(3, "three"))
		time.Sleep(time.Minute)
		away.Store(false)
		write("")
		w.engine.mu.Lock()
		a.State = "exited"
		w.engine.mu.Unlock()
		write(strings.TrimSuffix(logAt(4, "four"), "\n"))
		write(logAt(5, "of nobody"))
		cancel(ErrInterrupted)
		if err := <-done; err != nil {
			t.Error(err)
		}
		same(t, "lines", strings.Join(shown, "; "), "one; two, whole; three; four")
	})
}

// TestLogsFollowEngineGone ends when the engine does not come back, with what
// it says, and not while it does.
func TestLogsFollowEngineGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		var gone atomic.Bool
		w.engine.before = func(_ context.Context, name string) error {
			if gone.Load() && name == "list" {
				return errors.New("the engine does not answer")
			}
			return nil
		}
		done := make(chan error, 1)
		go func() {
			_, err := shownLogs(w, LogsOptions{Follow: true})
			done <- err
		}()
		lost := func() {
			synctest.Wait()
			w.engine.mu.Lock()
			w.engine.send(ContainerEvent{Action: EventLost})
			w.engine.mu.Unlock()
			synctest.Wait()
		}
		lost()
		if len(done) > 0 {
			t.Error(<-done)
		}
		gone.Store(true)
		lost()
		if err := <-done; err == nil || err.Error() != "the engine does not answer" {
			t.Error(err)
		}
	})
}
