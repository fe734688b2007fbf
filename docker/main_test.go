package docker_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Run(m)) } //nolint:forbidigo // as every TestMain

// bench is a group on the engine with what a test needs of it.
type bench struct {
	*docker.Engine
	t     *testing.T
	group string
	image string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	return &bench{Engine: enginetest.Engine(t), t: t, group: enginetest.Group(t), image: enginetest.Image(t)}
}

func (b *bench) labels(service string) runtime.Labels {
	return runtime.Labels{Group: b.group, Service: service, File: "/tmp/" + b.group + "/miniboss.js", Hash: "v1:" + service}
}

// network makes the group's network, once.
func (b *bench) network() runtime.Network {
	b.t.Helper()
	network, err := b.CreateNetwork(b.t.Context(), b.group, runtime.Labels{Group: b.group})
	must(b.t, err)
	return network
}

func (b *bench) spec(d spec.Definition) runtime.ContainerSpec {
	if d.Image == "" {
		d.Image = b.image
	}
	return runtime.ContainerSpec{Group: b.group, Definition: d, NetworkName: b.group, Volumes: d.Volumes}
}

func (b *bench) request(d spec.Definition) []byte {
	b.t.Helper()
	request, err := b.Request(b.spec(d))
	must(b.t, err)
	return request
}

func (b *bench) create(d spec.Definition) string {
	b.t.Helper()
	b.network()
	id, err := b.Create(b.t.Context(), b.group+"-"+d.Name, b.request(d), b.labels(d.Name))
	must(b.t, err)
	return id
}

func (b *bench) start(d spec.Definition) string {
	b.t.Helper()
	id := b.create(d)
	must(b.t, b.Start(b.t.Context(), id))
	return id
}

func (b *bench) state(id string) runtime.ContainerState {
	b.t.Helper()
	state, err := b.State(b.t.Context(), id)
	must(b.t, err)
	return state
}

func (b *bench) log(id string) string {
	b.t.Helper()
	reader, err := b.Logs(b.t.Context(), id, runtime.LogOptions{})
	must(b.t, err)
	defer func() { _ = reader.Close() }()
	var text bytes.Buffer
	_, err = io.Copy(&text, reader)
	must(b.t, err)
	return text.String()
}

// ended waits until the container has ended, by the events.
func (b *bench) ended(id string) runtime.ContainerState {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	events, err := b.Watch(ctx, b.group)
	must(b.t, err)
	if state := b.state(id); !state.Running && state.Status != "created" {
		return state
	}
	for event := range events {
		if event.ID == id && event.Action == "die" {
			return b.state(id)
		}
	}
	b.t.Fatalf("container %s did not end", id)
	return runtime.ContainerState{}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
