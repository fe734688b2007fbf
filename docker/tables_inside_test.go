package docker_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

// TestTablesInside reads them as for engines whose containers are no processes of this machine.
func TestTablesInside(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "cat", Image: "debian:bookworm-slim", Cmd: []string{"sleep", "1000"}})
	tables, err := b.TablesInside(t.Context(), id)
	if err != nil || !strings.Contains(tables, "local_address") {
		t.Errorf("got %q, %v", tables, err)
	}
	without := b.start(spec.Definition{Name: "without", Cmd: []string{"-http", "127.0.0.1:8080"}})
	if tables, err := b.TablesInside(t.Context(), without); err == nil {
		t.Errorf("without cat: got %q", tables)
	}
	here, err := b.Listeners(t.Context(), without)
	for err == nil && len(here) == 0 { // it starts
		here, err = b.Listeners(t.Context(), without)
	}
	if got := fmt.Sprint(here, err); got != "[127.0.0.1:8080] <nil>" {
		t.Errorf("here: got %s", got)
	}
}
