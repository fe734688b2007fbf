package docker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func TestNetworks(t *testing.T) {
	b := newBench(t)
	if _, err := b.Network(t.Context(), b.group); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	made := b.network()
	if !made.Ours || made.Name != b.group || made.ID == "" {
		t.Errorf("%+v", made)
	}
	// One whose name has ours as a part, made by somebody else.
	var other struct{ ID string }
	must(t, enginetest.API(t).Do(t.Context(), "POST", "/networks/create", nil, map[string]any{"Name": b.group + "-2"}, &other))
	defer func() { must(t, b.RemoveNetwork(t.Context(), other.ID)) }()

	found, err := b.Network(t.Context(), b.group)
	must(t, err)
	if found.ID != made.ID || !found.Ours || len(found.Twins) > 0 {
		t.Errorf("%+v, want %+v", found, made)
	}
	foreign, err := b.Network(t.Context(), b.group+"-2")
	must(t, err)
	if foreign.Ours || foreign.ID != other.ID {
		t.Errorf("%+v", foreign)
	}
	again, err := b.CreateNetwork(t.Context(), b.group, runtime.Labels{Group: b.group})
	must(t, err)
	if again.ID != made.ID {
		t.Errorf("made twice: %+v", again)
	}
	list, err := b.Networks(t.Context(), b.group)
	must(t, err)
	if len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("%+v", list)
	}
	must(t, b.RemoveNetwork(t.Context(), made.ID))
	must(t, b.RemoveNetwork(t.Context(), made.ID)) // gone already: no error
}

func TestNetworkInUse(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web"})
	network, err := b.Network(t.Context(), b.group)
	must(t, err)
	err = b.RemoveNetwork(t.Context(), network.ID)
	want := fmt.Sprintf(`remove network %q: it is in use by container "%s-web"`, b.group, b.group)
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	must(t, b.Remove(t.Context(), id))
	must(t, b.RemoveNetwork(t.Context(), network.ID))
}

func TestVolumes(t *testing.T) {
	b := newBench(t)
	name, foreign := b.group+"_data", b.group+"_foreign"
	must(t, b.CreateVolume(t.Context(), name, runtime.Labels{Group: b.group}))
	must(t, b.CreateVolume(t.Context(), name, runtime.Labels{Group: b.group})) // exists: no error
	api := enginetest.API(t)
	must(t, api.Do(t.Context(), "POST", "/volumes/create", nil, map[string]any{"Name": foreign}, nil))
	must(t, b.CreateVolume(t.Context(), foreign, runtime.Labels{Group: b.group}))
	list, err := b.Volumes(t.Context(), b.group)
	must(t, err)
	if len(list) != 1 || list[0].Name != name {
		t.Errorf("a volume that was there is not ours: %v", list)
	}
	id := b.create(spec.Definition{Name: "web", Volumes: []spec.Volume{{Source: name, Named: true, Target: "/data"}}})
	err = b.RemoveVolume(t.Context(), name)
	if err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf(`it is in use by container "%s-web"`, b.group)) {
		t.Error(err)
	}
	must(t, b.Remove(t.Context(), id))
	for _, volume := range []string{name, name, foreign} {
		must(t, b.RemoveVolume(t.Context(), volume))
	}
}
