package runtime

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/state"
)

// A kill while services are put back is put in order by the next command also if
// the script has died: what is being stopped is noted.
func TestPutBackWithoutTheScript(t *testing.T) {
	t.Parallel()
	bubble(t, "a", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		dir := t.TempDir()
		w.runner.Journal = journalIn(t, dir)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		dead := make(chan struct{})
		close(dead)
		w.runner.ScriptDead, w.runner.ScriptErr = dead, func() error { return errors.New("it never gives way") }
		noted := ""
		w.engine.before = func(_ context.Context, operation string) error {
			if strings.HasPrefix(operation, "stop") {
				journal, _ := os.ReadFile(filepath.Join(dir, state.GuardedName("group shop")+".journal"))
				noted = string(journal)
			}
			return nil
		}
		if err := w.runner.putBack(t.Context(), TestOptions{}, asFound{network: true, stopped: []string{"a"}}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(noted, string(state.VerbStop)+" ") {
			t.Errorf("while it stops, the journal has %q", noted)
		}
	})
}
