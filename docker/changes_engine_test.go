package docker_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// TestTheEngineKeepsWhatWasAsked is the other half of the comparison: whatever
// this engine makes of a request, it is not taken for a change.
func TestTheEngineKeepsWhatWasAsked(t *testing.T) {
	b := newBench(t)
	b.network()
	colon := filepath.Join(t.TempDir(), "with:colon")
	must(t, os.Mkdir(colon, 0o755))
	d := docker.Rich()
	d.Image = b.image
	d.Volumes[0].Source = b.group + "_data"
	d.Volumes[2].Source = colon
	must(t, b.CreateVolume(t.Context(), d.Volumes[0].Source, runtime.Labels{Group: b.group}))

	request := string(b.request(d))
	request = strings.Replace(request, `"HostConfig": {`, `"HostConfig": {"CpuShares": 512, "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},`, 1)
	request = strings.Replace(request, `"Config": {`, `"Config": {"Domainname": "example.org", "StopTimeout": 3,
		"Healthcheck": {"Test": ["CMD", "/testserver", "exit", "0"], "Interval": 1000000000, "Retries": 2},`, 1)
	id, err := b.Create(t.Context(), b.group+"-web", []byte(request), b.labels("web"))
	must(t, err)
	unchanged := func(when string) {
		t.Helper()
		changes, err := b.Changes(t.Context(), id, []byte(request))
		must(t, err)
		if len(changes) > 0 {
			t.Errorf("%s: %+v", when, changes)
		}
	}
	unchanged("created")
	must(t, b.Start(t.Context(), id))
	unchanged("running")
	must(t, b.Stop(t.Context(), id, 0))
	unchanged("stopped")

	d.Env["A"] = "changed"
	changes, err := b.Changes(t.Context(), id, b.request(d))
	must(t, err)
	var fields []string
	for _, change := range changes {
		fields = append(fields, change.Field)
	}
	want := "configure: Config.Domainname, configure: Config.Healthcheck.Interval, configure: Config.Healthcheck.Retries, configure: Config.Healthcheck.Test, " +
		"configure: Config.StopTimeout, configure: HostConfig.CpuShares, " +
		"configure: HostConfig.LogConfig.Config.max-size, configure: HostConfig.LogConfig.Type, env.A"
	if got := strings.Join(fields, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestVolumesAndDirectories(t *testing.T) {
	b := newBench(t)
	missing := filepath.Join(t.TempDir(), "made", "by the engine")
	d := spec.Definition{Name: "web", Volumes: []spec.Volume{
		{Source: missing, Target: "/host"},
		{Source: t.TempDir(), Target: "/read-only", Mode: "ro"},
		{Source: b.group + "_data", Named: true, Target: "/data"},
	}}
	must(t, b.CreateVolume(t.Context(), b.group+"_data", runtime.Labels{Group: b.group}))
	id := b.start(d)
	write := func(id, path string) string {
		t.Helper()
		result, err := b.Exec(t.Context(), id, runtime.ExecOptions{Cmd: []string{"/testserver", "write", path, "written"}})
		must(t, err)
		return result.Stderr
	}
	if problem := write(id, "/host/file"); problem != "" {
		t.Error(problem)
	}
	if text, err := os.ReadFile(filepath.Join(missing, "file")); string(text) != "written" {
		t.Errorf("%q %v", text, err)
	}
	if problem := write(id, "/read-only/file"); !strings.Contains(problem, "read-only file system") {
		t.Errorf("%q", problem)
	}
	write(id, "/data/file")
	must(t, b.Remove(t.Context(), id))
	id = b.start(d)
	result, err := b.Exec(t.Context(), id, runtime.ExecOptions{Cmd: []string{"/testserver", "cat", "/data/file"}})
	must(t, err)
	if result.Stdout != "written" {
		t.Errorf("%+v", result)
	}
}

func TestHealth(t *testing.T) {
	b := newBench(t)
	b.network()
	create := func(name, answer string) string {
		request := strings.Replace(string(b.request(spec.Definition{Name: name})), `"Config": {`,
			`"Config": {"Healthcheck": {"Test": ["CMD", "/testserver", `+answer+`], "Interval": 50000000, "Retries": 1},`, 1)
		id, err := b.Create(t.Context(), b.group+"-"+name, []byte(request), b.labels(name))
		must(t, err)
		return id
	}
	well, ill, none := create("well", `"echo", "fine"`), create("ill", `"cat", "/no/such/file"`), b.create(spec.Definition{Name: "none"})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	events, err := b.Watch(ctx, b.group)
	must(t, err)
	for _, id := range []string{well, ill, none} {
		must(t, b.Start(t.Context(), id))
	}
	told := map[string]string{}
	for event := range events {
		if event.Action == "health" {
			told[event.ID] = event.Health
		}
		if len(told) == 2 {
			break
		}
	}
	if told[well] != "healthy" || told[ill] != "unhealthy" {
		t.Errorf("events: %v", told)
	}
	if state := b.state(well); state.Health != "healthy" || state.HealthLog != "fine" {
		t.Errorf("%+v", state)
	}
	if state := b.state(ill); state.Health != "unhealthy" || !strings.Contains(state.HealthLog, "/no/such/file") {
		t.Errorf("%+v", state)
	}
	if state := b.state(none); state.Health != "" {
		t.Errorf("%+v", state)
	}
	list, err := b.Containers(t.Context(), runtime.Selector{Group: b.group})
	must(t, err)
	for _, container := range list {
		if want := told[container.ID]; container.Health != want {
			t.Errorf("listed %s: %q, want %q", container.Name, container.Health, want)
		}
	}
}
