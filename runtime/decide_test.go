package runtime

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// wanted is a service web of group shop, with an image that is there.
func wanted() Desired {
	return Desired{Service: "web", FullName: "shop_web", Image: "web:1", ImageID: "image1", Hash: "key:1", NetworkName: "net", NetworkID: "net1"}
}

// container makes one that matches what is wanted. state is "running",
// "exited 3", "running unhealthy", ...
func container(name, state string) Container {
	c := Container{
		ID: name + "-" + state, Name: name, State: state, ExitCode: -1, ImageID: "image1",
		Labels: Labels{Group: "shop", Service: "web", Hash: "key:1"}, Networks: map[string]string{"net": "net1"},
		Created: time.Unix(1000, 0),
	}
	word, rest, _ := strings.Cut(state, " ")
	c.State = word
	switch {
	case word == "exited":
		c.ExitCode = int(rest[0] - '0')
	case rest != "":
		c.Health = rest
	}
	return c
}

// printed is the decision, and the containers that go.
func printed(d Decision) string {
	text := d.String()
	if d.Container.ID != "" {
		text += " <" + d.Container.Name + ">"
	}
	for _, c := range d.Remove {
		text += " -" + c.ID
	}
	return text
}

// Every state under every name, with a definition that matches. What is
// printed is what --dry-run shows, the container that is used, and the ones
// that go.
func TestDecideByState(t *testing.T) {
	t.Parallel()
	ready, fresh, again, failed := "shop_web", "shop_web.new", "shop_web.again", "shop_web.failed"
	for _, test := range []struct{ name, state, want string }{
		{ready, "running", "keep: running and up to date <shop_web>"},
		{ready, "running healthy", "keep: running and up to date <shop_web>"},
		{ready, "running starting", "keep: running and up to date <shop_web>"},
		{ready, "running unhealthy", "await: container is unhealthy <shop_web>"},
		{ready, "restarting", "await: container exited and is restarting <shop_web>"},
		{ready, "exited 0", "restart: it was stopped <shop_web>"},
		{ready, "exited 1", "restart: it was stopped <shop_web>"},
		{ready, "created", "restart: it was stopped <shop_web>"},
		{ready, "paused", "restart: it was paused <shop_web>"},
		{ready, "dead", "replace: container is dead -shop_web-dead"},
		{ready, "removing", "replace: container is removing -shop_web-removing"},

		{fresh, "running", "resume: an earlier start did not finish <shop_web.new>"},
		{fresh, "running healthy", "resume: an earlier start did not finish <shop_web.new>"},
		{fresh, "running starting", "resume: an earlier start did not finish <shop_web.new>"},
		{fresh, "running unhealthy", "resume: an earlier start did not finish <shop_web.new>"},
		{fresh, "restarting", "resume: an earlier start did not finish <shop_web.new>"},
		{fresh, "exited 0", "replace: an earlier start did not finish -shop_web.new-exited 0"},
		{fresh, "exited 1", "replace: an earlier start did not finish -shop_web.new-exited 1"},
		{fresh, "created", "replace: an earlier start did not finish -shop_web.new-created"},
		{fresh, "paused", "replace: an earlier start did not finish -shop_web.new-paused"},
		{fresh, "dead", "replace: container is dead -shop_web.new-dead"},

		{again, "running", "await: an earlier start did not finish <shop_web.again>"},
		{again, "running unhealthy", "await: an earlier start did not finish <shop_web.again>"},
		{again, "restarting", "await: an earlier start did not finish <shop_web.again>"},
		{again, "exited 0", "restart: an earlier start did not finish <shop_web.again>"},
		{again, "exited 1", "restart: an earlier start did not finish <shop_web.again>"},
		{again, "created", "restart: an earlier start did not finish <shop_web.again>"},
		{again, "paused", "restart: an earlier start did not finish <shop_web.again>"},
		{again, "dead", "replace: container is dead -shop_web.again-dead"},

		{failed, "running", "replace: previous start failed -shop_web.failed-running"},
		{failed, "exited 0", "replace: previous start failed -shop_web.failed-exited 0"},
		{failed, "exited 1", "replace: previous start failed -shop_web.failed-exited 1"},
		{failed, "created", "replace: previous start failed -shop_web.failed-created"},
		{failed, "paused", "replace: previous start failed -shop_web.failed-paused"},
		{failed, "restarting", "replace: previous start failed -shop_web.failed-restarting"},
		{failed, "dead", "replace: container is dead -shop_web.failed-dead"},

		// Renamed by hand: the labels count.
		{"my-web", "running", "keep: running and up to date <my-web>"},
		{"my-web", "exited 0", "restart: it was stopped <my-web>"},
	} {
		if got := printed(Decide(wanted(), []Container{container(test.name, test.state)}, nil)); got != test.want {
			t.Errorf("%s %s:\n got %s\nwant %s", test.name, test.state, got, test.want)
		}
	}
}

func TestDecideWithoutContainer(t *testing.T) {
	t.Parallel()
	for _, want := range []Desired{wanted(), {OneShot: true}, {AlwaysNew: true, Force: "reload"}} {
		if got := printed(Decide(want, nil, nil)); got != "new container" {
			t.Errorf("%+v: %s", want, got)
		}
	}
}

// oneShot and alwaysStartNew.
func TestDecideByKind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, name, state, want string }{
		{"oneShot", "shop_web", "exited 0", "keep: completed and up to date <shop_web>"},
		{"oneShot", "shop_web", "exited 3", "replace: previous run failed with exit code 3 -shop_web-exited 3"},
		{"oneShot", "shop_web", "running", "await: still running <shop_web>"},
		{"oneShot", "shop_web", "restarting", "await: still running <shop_web>"},
		{"oneShot", "shop_web", "paused", "replace: previous run did not complete -shop_web-paused"},
		{"oneShot", "shop_web", "created", "replace: previous run did not complete -shop_web-created"},
		{"oneShot", "shop_web.new", "running", "resume: an earlier start did not finish <shop_web.new>"},
		// Killed between the end of the work and the note of it: the hooks
		// have not run, so that it is done again.
		{"oneShot", "shop_web.new", "exited 0", "replace: an earlier start did not finish -shop_web.new-exited 0"},
		{"oneShot", "shop_web.failed", "exited 1", "replace: previous start failed -shop_web.failed-exited 1"},

		{"alwaysStartNew", "shop_web", "running", "keep: running and up to date <shop_web>"},
		{"alwaysStartNew", "shop_web", "exited 0", "replace: alwaysStartNew -shop_web-exited 0"},
		{"alwaysStartNew", "shop_web", "paused", "replace: alwaysStartNew -shop_web-paused"},
		{"alwaysStartNew", "shop_web", "created", "replace: alwaysStartNew -shop_web-created"},
		{"alwaysStartNew", "shop_web.again", "running", "await: an earlier start did not finish <shop_web.again>"},
		{"alwaysStartNew", "shop_web.again", "exited 0", "replace: alwaysStartNew -shop_web.again-exited 0"},
	} {
		want := wanted()
		want.OneShot, want.AlwaysNew = test.kind == "oneShot", test.kind == "alwaysStartNew"
		if got := printed(Decide(want, []Container{container(test.name, test.state)}, nil)); got != test.want {
			t.Errorf("%s %s %s:\n got %s\nwant %s", test.kind, test.name, test.state, got, test.want)
		}
	}
}

// What no longer matches is replaced whatever its state, and the reasons say
// why.
func TestDecideByMismatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		change  func(w *Desired, c *Container)
		changes []spec.Change
		want    string
	}{
		{"hash", func(w *Desired, _ *Container) { w.Hash = "key:2" }, nil, "definition changed"},
		{"hash, with fields", func(w *Desired, _ *Container) { w.Hash = "key:2" }, []spec.Change{{Field: "cmd"}, {Field: "env.DB_URI"}}, "cmd changed, env.DB_URI changed"},
		{"image rebuilt", func(w *Desired, _ *Container) { w.ImageID = "image2" }, nil, "image web:1 was rebuilt"},
		{"image absent", func(w *Desired, _ *Container) { w.ImageID = "" }, nil, "image web:1 is missing"},
		{"another image", func(w *Desired, _ *Container) { w.ImageID, w.Hash = "image2", "key:2" }, []spec.Change{{Field: "image"}}, "image changed"},
		{"image pulled", func(w *Desired, _ *Container) { w.ImageID, w.Pulled = "image2", true }, nil, "image web:1 was updated"},
		{"env and image rebuilt", func(w *Desired, _ *Container) { w.ImageID, w.Hash = "image2", "key:2" }, []spec.Change{{Field: "env.A"}}, "env.A changed, image web:1 was rebuilt"},
		{"another network of the name", func(w *Desired, _ *Container) { w.NetworkID = "net2" }, nil, "network net was recreated"},
		{"network is gone", func(_ *Desired, c *Container) { c.Networks = nil }, nil, "network net was recreated"},
		{"network whose id the list does not tell", func(_ *Desired, c *Container) { c.Networks = map[string]string{"net": ""} }, nil, ""},
		{"network not there yet", func(w *Desired, _ *Container) { w.NetworkID = "" }, nil, ""},
		{"network changed with the definition", func(w *Desired, _ *Container) { w.NetworkName, w.Hash = "other", "key:2" }, []spec.Change{{Field: "network"}}, "network changed"},
		{"force", func(w *Desired, _ *Container) { w.Force = "reload" }, nil, "reload"},
		{"force and more", func(w *Desired, _ *Container) { w.Force, w.ImageID = "reload", "image2" }, nil, "image web:1 was rebuilt (reload)"},
	} {
		for _, state := range []string{"running", "exited 0", "exited 1", "created", "paused", "restarting"} {
			for _, suffix := range []string{"", suffixNew, suffixAgain, suffixFailed} {
				want, c := wanted(), container("shop_web"+suffix, state)
				test.change(&want, &c)
				got := Decide(want, []Container{c}, test.changes)
				if test.want == "" {
					if other := Decide(wanted(), []Container{container(c.Name, state)}, nil); printed(got) != printed(other) {
						t.Errorf("%s, %s %s: %s, and without: %s", test.name, c.Name, state, printed(got), printed(other))
					}
					continue
				}
				if line := "replace: " + test.want + " -" + c.ID; printed(got) != line {
					t.Errorf("%s, %s %s:\n got %s\nwant %s", test.name, c.Name, state, printed(got), line)
				}
			}
		}
	}
}

// The hash counts where it was made with the user's key, else the fields: a
// container is not replaced because the key is another one.
func TestDecideByHash(t *testing.T) {
	t.Parallel()
	const keep, unknown, fields = "keep: running and up to date", "replace: definition changed", "replace: env.A changed"
	for _, test := range []struct {
		name, want, have string
		same, differs    string // where no field differs, and where one does
	}{
		{"same", "key:1", "key:1", keep, keep},
		{"another hash", "key:2", "key:1", unknown, fields},
		{"another key", "new:2", "key:1", keep, fields},
		{"another key, the same hash", "new:1", "key:1", keep, fields},
		{"no key", "", "key:1", keep, fields},
		{"made without a key", "key:1", "", keep, fields},
		{"neither has one", "", "", keep, fields},
		{"made without keys, by an older version", "key:1", "1-0f", keep, fields},
		{"by an older version, and no key", "", "1-0f", keep, fields},
		{"not ours", "key:1", "key", keep, fields},
	} {
		for _, changes := range [][]spec.Change{nil, {{Field: "env.A", Old: "1", New: "2"}}} {
			want, c := wanted(), container("shop_web", "running")
			want.Hash, c.Labels.Hash = test.want, test.have
			line, given := test.same, changes
			if len(changes) > 0 {
				line = test.differs
			}
			d := Decide(want, []Container{c}, changes)
			if d.String() != line {
				t.Errorf("%s, %v:\n got %s\nwant %s", test.name, changes, d, line)
			}
			if line == keep {
				given = nil
			}
			if !slices.Equal(d.Changes, given) {
				t.Errorf("%s: its changes are %v, not %v", test.name, d.Changes, given)
			}
			// The network's id counts where nothing else has changed.
			c.Networks = map[string]string{"net": "net2"}
			if line == keep {
				line = "replace: network net was recreated"
			}
			if d := Decide(want, []Container{c}, changes); d.String() != line {
				t.Errorf("%s, %v, with another network:\n got %s\nwant %s", test.name, changes, d, line)
			}
		}
	}
}

// One service may have several containers: after a kill, or made by hand.
func TestDecideDuplicates(t *testing.T) {
	t.Parallel()
	at := func(c Container, second int64) Container {
		c.Created = time.Unix(second, 0)
		return c
	}
	for _, test := range []struct {
		name string
		have []Container
		want string
	}{
		{"ready one and a new one", []Container{at(container("shop_web.new", "created"), 2), at(container("shop_web", "running"), 1)},
			"keep: running and up to date <shop_web> -shop_web.new-created"},
		{"the ready one counts although it is older and stopped", []Container{at(container("shop_web.new", "running"), 9), at(container("shop_web", "exited 0"), 1)},
			"restart: it was stopped <shop_web> -shop_web.new-running"},
		{"failed and new", []Container{at(container("shop_web.failed", "exited 1"), 1), at(container("shop_web.new", "running"), 2)},
			"resume: an earlier start did not finish <shop_web.new> -shop_web.failed-exited 1"},
		{"newest of those not ready", []Container{at(container("shop_web.again", "exited 0"), 1), at(container("shop_web.failed", "exited 1"), 2)},
			"replace: previous start failed -shop_web.again-exited 0 -shop_web.failed-exited 1"},
		{"same second, by id", []Container{at(container("b", "running"), 1), at(container("a", "running"), 1)},
			"keep: running and up to date <a> -b-running"},
		{"three", []Container{at(container("x", "running"), 1), at(container("shop_web", "dead"), 2), at(container("y", "running"), 3)},
			"replace: container is dead -y-running -x-running -shop_web-dead"},
	} {
		if got := printed(Decide(wanted(), test.have, nil)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		slices.Reverse(test.have)
		if got := printed(Decide(wanted(), test.have, nil)); got != test.want {
			t.Errorf("%s, in another order:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestDecideChangesNothing(t *testing.T) {
	t.Parallel()
	have := []Container{container("b", "running"), container("shop_web", "dead"), container("a", "exited 0")}
	before := slices.Clone(have)
	Decide(wanted(), have, nil)
	for i := range have {
		if have[i].ID != before[i].ID || !maps.Equal(have[i].Networks, before[i].Networks) {
			t.Errorf("container %d was %v and is %v", i, before[i], have[i])
		}
	}
}

// A start that is killed at any instant and run again ends as one that was not:
// for each state that a kill can leave, decisions come to keep in two runs, and
// postStart has run unless the container was ready before.
func TestDecideAfterKill(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		instant string
		left    []Container
		want    string
	}{
		{"before anything", nil, "new container"},
		{"old one stopped, not removed", []Container{changed(container("shop_web", "exited 0"))}, "replace: definition changed -shop_web-exited 0"},
		{"old one removed", nil, "new container"},
		{"created, not started", []Container{container("shop_web.new", "created")}, "replace: an earlier start did not finish -shop_web.new-created"},
		{"started", []Container{container("shop_web.new", "running")}, "resume: an earlier start did not finish <shop_web.new>"},
		{"pinged", []Container{container("shop_web.new", "running")}, "resume: an earlier start did not finish <shop_web.new>"},
		{"in postStart, and died since", []Container{container("shop_web.new", "exited 1")}, "replace: an earlier start did not finish -shop_web.new-exited 1"},
		{"renamed", []Container{container("shop_web", "running")}, "keep: running and up to date <shop_web>"},
		{"restart: renamed, not started", []Container{container("shop_web.again", "exited 0")}, "restart: an earlier start did not finish <shop_web.again>"},
		{"restart: started", []Container{container("shop_web.again", "running")}, "await: an earlier start did not finish <shop_web.again>"},
		{"created, and the file changed since", []Container{changed(container("shop_web.new", "running"))}, "replace: definition changed -shop_web.new-running"},
		{"while it was removed", []Container{container("shop_web", "removing")}, "replace: container is removing -shop_web-removing"},
	} {
		if got := printed(Decide(wanted(), test.left, nil)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.instant, got, test.want)
		}
	}
}

func changed(c Container) Container {
	c.Labels.Hash = "key:0"
	return c
}
