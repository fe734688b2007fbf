package js

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// keptEngine is a memoryEngine that lists what was made.
type keptEngine struct {
	*memoryEngine

	mu         sync.Mutex
	containers []runtime.Container
}

func (e *keptEngine) Create(_ context.Context, name string, _ []byte, labels runtime.Labels) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id := "id of " + labels.Service
	e.containers = append(e.containers, runtime.Container{ID: id, Name: name, Labels: labels, State: "running", ImageID: "id of i"})
	return id, nil
}

func (e *keptEngine) Rename(_ context.Context, id, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.containers {
		if e.containers[i].ID == id {
			e.containers[i].Name = name
		}
	}
	return nil
}

func (e *keptEngine) Containers(context.Context, runtime.Selector) ([]runtime.Container, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]runtime.Container(nil), e.containers...), nil
}

func (e *keptEngine) Changes(context.Context, string, []byte) ([]spec.Change, error) {
	return nil, nil
}

// BenchmarkAsked measures a start that changes nothing of thirty services, without
// their being asked and with it.
func BenchmarkAsked(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	b.Cleanup(server.Close)
	for _, test := range []struct{ name, ping string }{
		{"none", ""},
		{"true", "ping() { return true; }"},
		{"probe.http", `ping() { return probe.http("` + server.URL + `"); }`},
		{"fetch", `ping() { return fetch("` + server.URL + `").then((r) => r.ok); }`},
	} {
		b.Run("ping="+test.name, func(b *testing.B) {
			var src strings.Builder
			src.WriteString("import { Service, probe } from \"miniboss\";\n")
			for i := range 30 {
				fmt.Fprintf(&src, "export class S%[1]d extends Service { name = \"s%[1]d\"; image = \"i\"; dependencies = %[3]s; %[2]s }\n",
					i, test.ping, dependencyOn(i-6))
			}
			dir := b.TempDir()
			f, err := Load(b.Context(), Options{File: benchFile(b, dir, src.String())})
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			engine := &keptEngine{memoryEngine: &memoryEngine{names: map[string]string{}, started: func(string) {}}}
			start := func() {
				containers := runtime.NewContainers("bench", engine)
				f.Bind(containers)
				runner := runtime.NewRunner(runtime.Setup{
					Group: "bench", File: f.Path, Graph: f.Graph, Engine: engine, Values: f, Containers: containers,
					Store: state.NewContextStore(dir, b.TempDir(), func(string) {}), Sink: func(runtime.Event) {},
				})
				if err := runner.Start(b.Context(), runtime.StartOptions{Timeout: 30 * time.Second}); err != nil {
					b.Fatal(err)
				}
			}
			start()
			for b.Loop() {
				start()
			}
		})
	}
}

// dependencyOn is the list of one service, or of none where there is none before.
func dependencyOn(i int) string {
	if i < 0 {
		return "[]"
	}
	return fmt.Sprintf("[\"s%d\"]", i)
}
