package runtime

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

// The labels of the network and the volumes tell whose they are and nothing of a
// definition, whose values may be secret.
func TestLabelsOfNetworkAndVolumes(t *testing.T) {
	t.Parallel()
	bubble(t, "a service with secrets", func(t *testing.T) {
		w := newWorld(t, "a:", nil)
		w.fields["a"] = object{"name": "a", "image": "web:1", "volumes": []any{"data:/data"}, "env": object{"DB_PASSWORD": "tiger"}, "cmd": "--token tiger"}
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, "made", strings.Join(slices.Sorted(maps.Keys(w.engine.labels)), " "), "miniboss-shop shop_data")
		for name, labels := range w.engine.labels {
			same(t, name, fmt.Sprintf("%+v", labels), fmt.Sprintf("%+v", Labels{Group: "shop", File: w.runner.File}))
		}
	})
}

func TestSecretValueAtTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a:", nil)
	w.runner.Secrets = &spec.Secrets{}
	w.values.set("token", "from-context-77")
	w.fields["a"]["env"] = object{"API_TOKEN": "{token}"}
	if _, err := w.runner.finalDefinition(t.Context(), w.runner.Graph.Service("a")); err != nil {
		t.Fatal(err)
	}
	if got := w.runner.Secrets.Hide("refused: from-context-77"); got != "refused: ***" {
		t.Error(got)
	}
}
