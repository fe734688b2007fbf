package runtime

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestOneNetwork(t *testing.T) {
	t.Parallel()
	const name = "miniboss-shop"
	for _, test := range []struct {
		title    string
		networks string // in the order of their creation; ! before one that is not ours
		on       string // the networks of the group's containers
		keeps    string
		left     string
		warned   string // of those that are not ours and not the one that is kept
	}{
		{"two of ours, none in use: the first", "x y", "", "x", "x", ""},
		{"two of ours, the later in use", "x y", "y", "y", "y", ""},
		{"the one with most containers", "x y z", "x z z", "z", "z", ""},
		{"ours in use beside a later one of others", "x !y", "x", "x", "x y", "y"},
		{"ours in use beside an earlier one of others", "!x y", "y", "y", "x y", "x"},
		{"theirs in use beside ours", "x !y", "y", "y", "y", ""},
		{"none in use: theirs, which cannot go", "x !y", "", "y", "y", ""},
		{"containers on neither of them", "x !y", "other", "y", "y", ""},
		{"two of others: the first", "!x !y", "", "x", "x y", "y"},
		{"all kinds", "!w x !y z", "x z z", "z", "w y z", "w y"},
	} {
		w := newWorld(t, "a:", nil)
		var all []Network
		for id := range strings.FieldsSeq(test.networks) {
			theirs := strings.HasPrefix(id, "!")
			n := Network{ID: strings.TrimPrefix(id, "!"), Name: name, Ours: !theirs}
			all = append(all, n)
			w.engine.networks[n.ID] = n
		}
		first := all[0]
		first.Twins = all[1:]
		var containers []Container
		for id := range strings.FieldsSeq(test.on) {
			containers = append(containers, Container{Networks: map[string]string{name: id, "another": "x"}})
		}
		run := &startRun{Runner: w.runner, network: mostUsed(first, containers)}
		if err := run.oneNetwork(t.Context()); err != nil {
			t.Errorf("%s: %v", test.title, err)
		}
		same(t, test.title+": keeps", run.network.ID, test.keeps)
		same(t, test.title+": left", strings.Join(slices.Sorted(maps.Keys(w.engine.networks)), " "), test.left)
		var warned []string
		for _, e := range w.events {
			if e.Phase == PhaseWarning {
				_, id, _ := strings.Cut(strings.TrimSuffix(e.Cause, ")"), "docker network rm ")
				warned = append(warned, id)
			}
		}
		same(t, test.title+": warned of", strings.Join(warned, " "), test.warned)
	}
}

// What cannot be removed is in use by something else: nothing is started then.
func TestOneNetworkThatCannotGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a:", nil)
	w.engine.networks["miniboss-shop"] = Network{ID: "x", Name: "miniboss-shop", Ours: true,
		Twins: []Network{{ID: "y", Name: "miniboss-shop", Ours: true}}}
	w.engine.before = func(_ context.Context, operation string) error {
		if operation == "remove network" {
			return errors.New("boom")
		}
		return nil
	}
	err := w.start(t.Context())
	want := "there are 2 networks named miniboss-shop (miniboss stop --remove removes those of this group): boom"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	same(t, "containers", w.engine.list(), "")
}

// What is added for a network that has twins, to the requests that want it.
func TestNetworkByID(t *testing.T) {
	t.Parallel()
	twin := Network{ID: "x1", Name: "mine", Twins: []Network{{ID: "x2", Name: "mine"}}}
	for _, test := range []struct {
		title         string
		network       Network
		request, want string
	}{
		{"with an alias", twin, `{"HostConfig":{"Memory":9007199254740993,"NetworkMode":"mine"},"NetworkingConfig":{"EndpointsConfig":{"mine":{"Aliases":["a"]}}}}`,
			`{"HostConfig":{"Memory":9007199254740993,"NetworkMode":"mine"},"NetworkingConfig":{"EndpointsConfig":{"mine":{"Aliases":["a"],"NetworkID":"x1"}}}}`},
		{"of a one-off container", twin, `{"HostConfig":{"NetworkMode":"mine"},"NetworkingConfig":{}}`,
			`{"HostConfig":{"NetworkMode":"mine"},"NetworkingConfig":{"EndpointsConfig":{"mine":{"NetworkID":"x1"}}}}`},
		{"configure took it off", twin, `{"HostConfig":{"NetworkMode":"host"}}`, `{"HostConfig":{"NetworkMode":"host"}}`},
		{"no twin", Network{ID: "x1", Name: "mine"}, `{"HostConfig":{"NetworkMode":"mine"}}`, `{"HostConfig":{"NetworkMode":"mine"}}`},
	} {
		got, err := test.network.byID([]byte(test.request))
		if err != nil {
			t.Errorf("%s: %v", test.title, err)
		}
		same(t, test.title, string(got), test.want)
	}
}
