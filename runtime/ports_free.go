package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/miniboss/miniboss/runtime/spec"
)

// A port of the host that the engine chooses is another one whenever the
// container is started. So it is chosen here, when the container is created.
const (
	// Below what systems give to programs that connect somewhere (Linux from
	// 32768, others from 49152): nobody gets the port while its container is
	// stopped.
	firstFreePort = 20000
	freePorts     = 10000
	// choices is how often ports are chosen for a container before the choice
	// is left to the engine.
	choices = 4
)

// choosePorts returns the create request with a port of the host wherever it
// has any free one, and the container ports of these. A service gets the same
// one whenever that is free.
func (t *turn) choosePorts() (request []byte, anyPorts []string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(t.request))
	decoder.UseNumber()
	var root, bindings map[string]any
	if err := decoder.Decode(&root); err != nil {
		return nil, nil, fmt.Errorf("create request: %w", err)
	}
	if host, ok := root["HostConfig"].(map[string]any); ok && publishes(networkMode(t.request)) {
		bindings, _ = host["PortBindings"].(map[string]any)
	}
	for _, key := range slices.Sorted(maps.Keys(bindings)) {
		var p spec.Port
		var ok bool
		if p.Container, p.Protocol, ok = spec.ContainerPort(key); !ok {
			continue
		}
		list, _ := bindings[key].([]any)
		if len(list) == 0 { // the same as one without a port
			list = []any{map[string]any{}}
		}
		for i, item := range list {
			binding, ok := item.(map[string]any)
			if !ok || binding["HostPort"] != nil && binding["HostPort"] != "" && binding["HostPort"] != "0" {
				continue
			}
			p.HostIP, _ = binding["HostIp"].(string)
			if p.Host = t.freePort(p, i); p.Host == 0 {
				continue
			}
			binding["HostPort"] = fmt.Sprint(p.Host)
			bindings[key] = list
			anyPorts = append(anyPorts, fmt.Sprintf("%d/%s", p.Container, p.Protocol))
		}
	}
	if len(anyPorts) == 0 {
		return t.request, nil, nil
	}
	request, err = json.Marshal(root)
	return request, slices.Compact(anyPorts), err
}

// freePort chooses a port for the binding of that number, or returns 0 where
// none is free. It does not return a port again in this start.
func (t *turn) freePort(p spec.Port, number int) int {
	hash := fnv.New32a()
	_, _ = fmt.Fprintf(hash, "%s\x00%s\x00%d/%s\x00%d", t.runner.Group, t.service.Name, p.Container, p.Protocol, number)
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	if t.run.chosen == nil {
		t.run.chosen = map[int]bool{}
		for _, s := range t.runner.Graph.Services() {
			for _, fixed := range s.Loaded.Ports {
				t.run.chosen[fixed.Host] = true
			}
		}
	}
	for i := range uint32(100) {
		p.Host = firstFreePort + int((hash.Sum32()%freePorts+i)%freePorts)
		if t.run.chosen[p.Host] {
			continue
		}
		t.run.chosen[p.Host] = true
		if len(t.runner.Engine.TakenPorts([]spec.Port{p})) == 0 {
			return p.Host
		}
	}
	return 0
}

// chosenPortTaken returns the error where a container does not start because a
// port that was chosen for it is taken, else nil.
func chosenPortTaken(err error, anyPorts []string) *PortTakenError {
	var taken *PortTakenError
	if errors.As(err, &taken) && slices.Contains(anyPorts, taken.Container) {
		return taken
	}
	return nil
}
