package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// TestLastEnd has services whose start does not succeed: their containers go, and
// logs and exec tell why, with the log of what was removed, until they are started.
func TestLastEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc:", func(s map[string]*spec.Service) { s["a"].Hooks.Ping = ready(time.Second) })
		ends := state.NewLastEnds(dir, "group shop")
		w.runner.LastEnds = ends
		again := func() {
			w.again()
			w.runner.LastEnds = ends
		}
		w.engine.started["a"] = func(e *fakeEngine, c *fakeContainer) {
			c.log = logAt(1, "one") + logAt(2, "two")
			diesAfter(300*time.Millisecond, 3)(e, c)
		}
		if err := w.start(t.Context()); !errors.Is(err, ErrFailed) {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		again()
		got, err := shownLogs(w, LogsOptions{Services: []string{"a", "b"}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "lines", got, "a 1 one, a 2 two")
		same(t, "messages", w.rest(), "notice: a has no container: its last start failed 2 min ago: container exited with code 3 while waiting for ping\n"+
			"here is the end of the removed container's log\n"+
			"notice: b has no container: its last start was skipped 2 min ago: a failed")
		for _, test := range []struct {
			o    LogsOptions
			want string
		}{
			{LogsOptions{Services: []string{"a"}, Tail: 1}, "a 2 two"},
			{LogsOptions{Services: []string{"a"}, Since: time.Date(2026, 1, 2, 0, 0, 2, 0, time.UTC)}, "a 2 two"},
			{LogsOptions{}, "c 0 one, c 0 two, a 1 one, a 2 two"},
			{LogsOptions{Services: []string{"b"}}, ""},
		} {
			if got, err := shownLogs(w, test.o); err != nil || got != test.want {
				t.Errorf("%+v: %q, %v", test.o, got, err)
			}
		}
		_, err = w.runner.Exec(t.Context(), "a", ExecOptions{}, Streams{})
		var notStarted *NotStartedError
		if !errors.As(err, &notStarted) || notStarted.Advice != "run `miniboss logs a` to see the end of its log" {
			t.Errorf("exec: %v, %+v", err, notStarted)
		}
		same(t, "exec", err.Error(), `service "a" has no container: its last start failed 2 min ago: container exited with code 3 while waiting for ping`)
		info, err := os.Stat(theFile(t, dir, "*.last.a"))
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%v %v", info, err)
		}

		write(t, theFile(t, dir, "*.last.b")+".tmp", "of a killed command", 0o600)
		delete(w.engine.started, "a")
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"a", "b", "b.tmp"} {
			if left, err := filepath.Glob(dir + "/*.last." + service); len(left) > 0 {
				t.Errorf("%s: %v, %v", service, left, err)
			}
		}
		ends.Remember("gone", state.LastEnd{Outcome: "failed"})
		if err := w.runner.Stop(t.Context(), StopOptions{Remove: true}); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
		again()
		if _, err := shownLogs(w, LogsOptions{}); err != nil {
			t.Fatal(err)
		}
		same(t, "messages", w.rest(), "notice: no log output: no service in group shop has a container (start them with: miniboss start)")
	})
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for range 20_000 {
		all.WriteString("0123456789\n")
	}
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 10, ""}, {"one\ntwo\n", 100, "one\ntwo\n"}, {"one\ntwo\nthree\n", 10, "three\n"}, {"one\ntwo\nthree", 8, "three"},
		{all.String(), 32, "0123456789\n0123456789\n"},
	} {
		if got := string(lastLines(strings.NewReader(test.text), test.limit)); got != test.want {
			t.Errorf("%.20q: %q", test.text, got)
		}
	}
}
