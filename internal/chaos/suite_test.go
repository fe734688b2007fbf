package chaos

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestKilledTests kills `test` while a suite's container runs, and while the
// services are put back, and compares what any next command comes to.
func TestKilledTests(t *testing.T) {
	t.Parallel()
	waits, passes := []string{"test", "waits", flags, "--settle=0.1"}, []string{"test", "passes", flags, "--settle=0.1"}
	for _, c := range []struct {
		name string
		next []string
		want state
	}{
		{"start", startArgs, running},
		{"test", passes, running}, // which leaves them as it found them
		{"stop", []string{"stop", flags}, stopped},
		{"stop --remove", []string{"stop", "--remove", flags}, nothing},
	} {
		t.Run("then "+c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			killed := w.interrupted(interruption{at: step{"output", 1}, do: w.suiteRuns, signal: os.Kill}, waits...)
			if !killed.came {
				t.Fatalf("it was not killed: %s", killed)
			}
			w.comesTo(killed, c.next, c.want)
		})
	}
	t.Run("while it puts back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		killed := w.interrupted(interruption{at: step{"stopping", 2}}, passes...)
		if !killed.came {
			t.Fatalf("it was not killed: %s", killed)
		}
		w.comesTo(killed, startArgs, running)
	})
}

// suiteRuns returns when the container of the suite runs.
func (w *world) suiteRuns() {
	w.Helper()
	for deadline := time.Now().Add(longest / 2); ; time.Sleep(5 * time.Millisecond) {
		for _, c := range w.containers() {
			if strings.Contains(c.Names[0], "_waits.run") && c.State == "running" {
				return
			}
		}
		if time.Now().After(deadline) {
			w.Fatal("the suite's container does not come to run")
		}
	}
}

// comesTo runs a command after one that was killed, and compares.
func (w *world) comesTo(killed outcome, args []string, want state) {
	w.Helper()
	next := w.run(args...)
	if strings.Contains(next.stderr, engineFault) {
		w.Skip("the engine has miscounted")
	}
	wrong := w.differences(want)
	if next.code != 0 {
		wrong = append(wrong, "the next command failed")
	}
	if len(wrong) > 0 {
		w.Errorf("differs:\n- %s\n\nkilled: %s\n\nthen: %s", strings.Join(wrong, "\n- "), killed, next)
	}
}
