package docker_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func TestContainerFromCreationToRemoval(t *testing.T) {
	b := newBench(t)
	network := b.network()
	labels := b.labels("web")
	labels.DependsOn = []string{"cache", "db"}
	id, err := b.Create(t.Context(), b.group+"-x", b.request(spec.Definition{Name: "web", Cmd: []string{"-repeat", "1h"}}), labels)
	must(t, err)
	if state := b.state(id); state.Status != "created" || state.Running || !state.StartedAt.IsZero() {
		t.Errorf("after creation: %+v", state)
	}
	must(t, b.Rename(t.Context(), id, b.group+"-web"))
	must(t, b.Start(t.Context(), id))
	must(t, b.Start(t.Context(), id)) // running already: no error
	if state := b.state(id); state.Status != "running" || !state.Running || time.Since(state.StartedAt) > time.Hour {
		t.Errorf("after the start: %+v", state)
	}
	list, err := b.Containers(t.Context(), runtime.Selector{Group: b.group})
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("listed: %+v", list)
	}
	image, err := b.Image(t.Context(), b.image)
	must(t, err)
	want := runtime.Container{
		ID: id, Name: b.group + "-web", Labels: labels, State: "running", ExitCode: -1, Image: b.image, ImageID: image.ID,
		Networks: map[string]string{b.group: network.ID}, Created: list[0].Created,
	}
	if !reflect.DeepEqual(list[0], want) {
		t.Errorf("listed:\n%+v\nwant:\n%+v", list[0], want)
	}
	for !strings.Contains(b.log(id), "tick 1") { // now it minds signals
		must(t, t.Context().Err())
	}
	must(t, b.Stop(t.Context(), id, 10*time.Second))
	must(t, b.Stop(t.Context(), id, 10*time.Second)) // stopped already: no error
	state := b.state(id)
	if state.Status != "exited" || state.Running || state.ExitCode != 0 || state.FinishedAt.IsZero() {
		t.Errorf("after the stop: %+v", state)
	}
	if log := b.log(id); !strings.Contains(log, "got terminated") {
		t.Errorf("log: %q", log)
	}
	must(t, b.Remove(t.Context(), id))
	must(t, b.Remove(t.Context(), id)) // gone already: no error
	must(t, b.Stop(t.Context(), id, time.Second))
	if _, err := b.State(t.Context(), id); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("state of what is gone: %v", err)
	}
}

func TestListsOnlyWhatIsSelected(t *testing.T) {
	b := newBench(t)
	b.network()
	// A group whose name is a part of ours, a file of another, a one-off.
	other := b.group + "-2"
	enginetest.CleanUp(t, other)
	mine := b.create(spec.Definition{Name: "web"})
	add := func(name string, change func(*runtime.Labels)) string {
		labels := b.labels("web")
		change(&labels)
		id, err := b.Create(t.Context(), b.group+"-"+name, b.request(spec.Definition{Name: "web", Cmd: []string{"-repeat", "1h"}}), labels)
		must(t, err)
		return id
	}
	theirs := add("theirs", func(l *runtime.Labels) { l.Group = other })
	elsewhere := add("elsewhere", func(l *runtime.Labels) { l.File = "/elsewhere/miniboss.js" })
	add("oneoff", func(l *runtime.Labels) { l.OneOff = true })

	for _, c := range []struct {
		of   runtime.Selector
		want []string
	}{
		{runtime.Selector{Group: b.group}, []string{elsewhere, mine}},
		{runtime.Selector{Group: other}, []string{theirs}},
		{runtime.Selector{Group: "no-such-group"}, nil},
	} {
		list, err := b.Containers(t.Context(), c.of)
		must(t, err)
		got := map[string]bool{}
		for _, container := range list {
			got[container.ID] = true
		}
		want := map[string]bool{}
		for _, id := range c.want {
			want[id] = true
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %v, want %v", c.of, got, want)
		}
	}
}

func TestExitCodeIsToldByTheListToo(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-exit", "7"}})
	if state := b.ended(id); state.ExitCode != 7 {
		t.Errorf("%+v", state)
	}
	list, err := b.Containers(t.Context(), runtime.Selector{Group: b.group})
	must(t, err)
	if len(list) != 1 || list[0].ExitCode != 7 || list[0].State != "exited" {
		t.Errorf("%+v", list)
	}
}

func TestStopKillsWhatIgnoresTheSignal(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-ignore-term"}})
	began := time.Now()
	must(t, b.Stop(t.Context(), id, time.Second))
	if took := time.Since(began); took < time.Second || took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	if state := b.state(id); state.Running || state.ExitCode != 137 {
		t.Errorf("%+v", state)
	}
}

func TestStopSendsTheServicesSignal(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", StopSignal: "SIGINT"})
	must(t, b.Stop(t.Context(), id, 10*time.Second))
	if log := b.log(id); !strings.Contains(log, "got interrupt") {
		t.Errorf("log: %q", log)
	}
}

func TestPausedContainers(t *testing.T) {
	b := newBench(t)
	pause := func(id string) {
		t.Helper()
		must(t, enginetest.API(t).Do(t.Context(), "POST", "/containers/"+id+"/pause", nil, nil, nil))
		if state := b.state(id); state.Status != "paused" || !state.Running {
			t.Fatalf("%+v", state)
		}
	}
	id := b.start(spec.Definition{Name: "web"})
	pause(id)
	must(t, b.Start(t.Context(), id))
	if state := b.state(id); state.Status != "running" {
		t.Errorf("after the start: %+v", state)
	}
	pause(id)
	must(t, b.Stop(t.Context(), id, 10*time.Second))
	if state := b.state(id); state.Status != "exited" || state.ExitCode != 0 {
		t.Errorf("after the stop: %+v", state)
	}
	must(t, b.Start(t.Context(), id))
	pause(id)
	must(t, b.Remove(t.Context(), id))
}

func TestRemoveTakesARunningContainerWithItsVolumes(t *testing.T) {
	b := newBench(t)
	b.network()
	request := strings.Replace(string(b.request(spec.Definition{Name: "web"})), `"Config": {`, `"Config": {"Volumes": {"/data": {}},`, 1)
	id, err := b.Create(t.Context(), b.group+"-web", []byte(request), b.labels("web"))
	must(t, err)
	must(t, b.Start(t.Context(), id))
	var inspect struct{ Mounts []struct{ Name string } }
	must(t, enginetest.API(t).Do(t.Context(), "GET", "/containers/"+id+"/json", nil, nil, &inspect))
	if len(inspect.Mounts) != 1 {
		t.Fatalf("mounts: %+v", inspect)
	}
	must(t, b.Remove(t.Context(), id))
	err = enginetest.API(t).Do(t.Context(), "GET", "/volumes/"+inspect.Mounts[0].Name, nil, nil, nil)
	if err == nil {
		t.Error("the anonymous volume is still there")
	}
}

func TestRemoveTwiceAtOnce(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web"})
	results := make(chan error, 4)
	for range cap(results) {
		go func() { results <- b.Remove(t.Context(), id) }()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	// The name is free when any of them has returned.
	must(t, b.Remove(t.Context(), b.create(spec.Definition{Name: "web"})))
}

func TestCreateTakesTheNameOfALeftover(t *testing.T) {
	// A command that was killed had asked for it, and the engine made it later.
	b := newBench(t)
	left := b.start(spec.Definition{Name: "web"})
	id, err := b.Create(t.Context(), b.group+"-web", b.request(spec.Definition{Name: "web"}), b.labels("web"))
	must(t, err)
	if _, err := b.State(t.Context(), left); id == left || !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("the one that was left over: %v", err)
	}
	// One of another service is not ours to remove.
	_, err = b.Create(t.Context(), b.group+"-web", b.request(spec.Definition{Name: "web"}), b.labels("db"))
	if err == nil || !strings.Contains(err.Error(), "is taken by a container of group") {
		t.Error(err)
	}
	if state := b.state(id); state.Status != "created" {
		t.Errorf("the one of another service is %s", state.Status)
	}
}

func TestCreateWithoutImage(t *testing.T) {
	b := newBench(t)
	b.network()
	_, err := b.Create(t.Context(), b.group+"-web", b.request(spec.Definition{Name: "web", Image: "no-such-image:1"}), b.labels("web"))
	if !errors.Is(err, runtime.ErrNotFound) || !strings.Contains(err.Error(), "no-such-image:1") {
		t.Error(err)
	}
}

func TestStartOfAWrongCommandSaysWhy(t *testing.T) {
	b := newBench(t)
	id := b.create(spec.Definition{Name: "web", Entrypoint: []string{"/no/such/program"}})
	err := b.Start(t.Context(), id)
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Error(err)
	}
}

func TestWhatTheContainerSees(t *testing.T) {
	b := newBench(t)
	db := b.start(spec.Definition{Name: "db", Cmd: []string{"-http", ":80"}})
	_ = db
	id := b.start(spec.Definition{
		Name: "web", Cmd: []string{"-out", "two words"}, User: "app", WorkingDir: "/etc",
		Env: map[string]string{"A": "1", "EMPTY": "", "EQUALS": "a=b"}, ExtraHosts: []string{"elsewhere:10.1.2.3"},
		Tmpfs: map[string]string{"/scratch": "size=1m"},
	})
	result, err := b.Exec(t.Context(), id, runtime.ExecOptions{Cmd: []string{"/testserver", "whoami"}})
	must(t, err)
	for _, want := range []string{`"A":"1"`, `"EMPTY":""`, `"EQUALS":"a=b"`, `"FROM_IMAGE":"yes"`, `"hostname":"web"`, `"uid":1000`, `"cwd":"/etc"`} {
		if !strings.Contains(result.Stdout, want) {
			t.Errorf("%s is not in %s", want, result.Stdout)
		}
	}
	if log := b.log(id); log != "two words\n" {
		t.Errorf("log: %q", log)
	}
	// The alias on the network is the service's name.
	result, err = b.Exec(t.Context(), id, runtime.ExecOptions{Cmd: []string{"/testserver", "health", "http://db/health"}})
	must(t, err)
	if result.ExitCode != 0 {
		// The server may not listen yet; the name must be known.
		if strings.Contains(result.Stdout, "no such host") {
			t.Errorf("%+v", result)
		}
	}
}

func TestCancelledCallsReturn(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-ignore-term"}})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := b.Stop(ctx, id, time.Minute)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// TestStopSignal asks what main processes do about their stop signal.
func TestStopSignal(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		definition spec.Definition
		want       runtime.StopSignal
	}{
		{spec.Definition{Name: "handles"}, runtime.StopSignal{Name: "SIGTERM", Reaction: runtime.ReactionHandles}},
		{spec.Definition{Name: "ignores", StopSignal: "SIGINT", Cmd: []string{"-drop-term"}}, runtime.StopSignal{Name: "SIGINT", Reaction: runtime.ReactionIgnores}},
		{spec.Definition{Name: "killed", StopSignal: "SIGKILL"}, runtime.StopSignal{Name: "SIGKILL"}},
	} {
		test.definition.Cmd = append(test.definition.Cmd, "-repeat", "1h")
		id := b.start(test.definition)
		for !strings.Contains(b.log(id), "tick 1") { // now it minds signals
			must(t, t.Context().Err())
		}
		got, err := b.StopSignal(t.Context(), id, false)
		must(t, err)
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", test.definition.Name, got, test.want)
		}
	}
	if _, err := b.StopSignal(t.Context(), "nosuch", true); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("error: %v", err)
	}
}
