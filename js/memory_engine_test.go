package js

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// memoryEngine starts containers at once and has nothing else: what is left is
// the time that miniboss itself takes. A method that no start needs panics.
type memoryEngine struct {
	runtime.Engine
	started func(service string) // called when a container is started

	mu    sync.Mutex
	names map[string]string // container to service
}

func (e *memoryEngine) Containers(context.Context, runtime.Selector) ([]runtime.Container, error) {
	return nil, nil
}

func (e *memoryEngine) Now() time.Time { return time.Now() }

func (e *memoryEngine) State(context.Context, string) (runtime.ContainerState, error) {
	return runtime.ContainerState{Status: "running", Running: true}, nil
}

func (e *memoryEngine) Watch(ctx context.Context, _ string) (<-chan runtime.ContainerEvent, error) {
	events := make(chan runtime.ContainerEvent)
	context.AfterFunc(ctx, func() { close(events) })
	return events, nil
}

func (e *memoryEngine) Request(spec runtime.ContainerSpec) ([]byte, error) {
	return json.Marshal(map[string]any{"Config": spec.Definition, "HostConfig": map[string]any{}, "NetworkingConfig": map[string]any{}})
}

func (e *memoryEngine) Create(_ context.Context, _ string, _ []byte, labels runtime.Labels) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id := fmt.Sprintf("c%d", len(e.names))
	e.names[id] = labels.Service
	return id, nil
}

func (e *memoryEngine) Start(_ context.Context, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.started(e.names[id])
	return nil
}

func (e *memoryEngine) Rename(context.Context, string, string) error { return nil }

func (e *memoryEngine) Image(_ context.Context, reference string) (runtime.Image, error) {
	return runtime.Image{ID: "id of " + reference}, nil
}

func (e *memoryEngine) Network(_ context.Context, name string) (runtime.Network, error) {
	return runtime.Network{ID: "n", Name: name, Ours: true}, nil
}

func (e *memoryEngine) TakenPorts([]spec.Port) []spec.Port { return nil }

func (e *memoryEngine) Networks(context.Context, string) ([]runtime.Network, error) { return nil, nil }

func (e *memoryEngine) Volumes(context.Context, string) ([]runtime.NamedVolume, error) {
	return nil, nil
}

func (e *memoryEngine) NameHolder(context.Context, string) *runtime.NameTakenError { return nil }
