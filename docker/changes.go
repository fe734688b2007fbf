package docker

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Changes implements runtime.Engine. The label miniboss.fields tells which
// fields were set when the container was created, since what the engine tells
// of it mixes them with the image's and its own; their old values are what the
// engine tells.
func (e *Engine) Changes(ctx context.Context, id string, request []byte) ([]spec.Change, error) {
	wanted, err := decodeRequest(request)
	if err != nil {
		return nil, err
	}
	inspect, err := e.inspect(ctx, id)
	if err != nil {
		return nil, err
	}
	return changes(inspect, wanted), nil
}

func changes(inspect container.InspectResponse, wanted createRequest) []spec.Change {
	now := wanted.fields()
	was := asRequest(inspect).fields()
	podman := byPodman(inspect)
	set := fields{}
	var names []string
	if json.Unmarshal([]byte(inspect.Config.Labels[labelFields]), &names) == nil {
		for _, name := range names {
			set[name] = was[name]
		}
	} else {
		// Not made by us: what the request sets is all there is to compare.
		for name := range now {
			set[name] = was[name]
		}
	}
	var list []spec.Change
	for name, value := range now {
		old, known := set[name]
		switch {
		case !known:
			list = append(list, spec.Change{Field: name, New: value})
		case old == "":
			// Set at creation, but this engine does not tell its value.
		case podman && strings.HasSuffix(value, anyPort):
			// Podman tells the port that it chose.
		case old != value:
			list = append(list, spec.Change{Field: name, Old: old, New: value})
		}
	}
	for name, old := range set {
		if _, still := now[name]; !still {
			list = append(list, spec.Change{Field: name, Old: shown(old)})
		}
	}
	slices.SortFunc(list, func(a, b spec.Change) int { return strings.Compare(a.Field, b.Field) })
	return list
}

// asRequest turns what the engine tells of a container back into the request
// that made it.
func asRequest(inspect container.InspectResponse) createRequest {
	r := createRequest{
		Config:     *inspect.Config,
		HostConfig: *inspect.HostConfig,
		Platform:   inspect.Config.Labels[labelPlatform],
		NetworkingConfig: network.NetworkingConfig{
			EndpointsConfig: map[string]*network.EndpointSettings{},
		},
	}
	forgetChosenPorts(&r)
	for name, endpoint := range inspect.NetworkSettings.Networks {
		if endpoint == nil {
			continue
		}
		copied := *endpoint
		// Engines add the hostname to the aliases, and older ones the short id.
		service := decodeLabels(inspect.Config.Labels).Service
		copied.Aliases = slices.DeleteFunc(slices.Clone(endpoint.Aliases), func(alias string) bool {
			return len(alias) == 12 && strings.HasPrefix(inspect.ID, alias) || alias == inspect.Config.Hostname && alias != service
		})
		r.NetworkingConfig.EndpointsConfig[name] = &copied
	}
	if byPodman(inspect) {
		for name := range inspect.NetworkSettings.Networks {
			r.HostConfig.NetworkMode = container.NetworkMode(name)
		}
	}
	return r
}

// forgetChosenPorts makes those ports any free port again that are so in the
// definition.
func forgetChosenPorts(r *createRequest) {
	keys := decodeLabels(r.Config.Labels).AnyPorts
	if len(keys) == 0 {
		return
	}
	bindings := nat.PortMap{}
	for port, list := range r.HostConfig.PortBindings {
		bindings[port] = list
		if !slices.Contains(keys, withProtocol(port)) {
			continue
		}
		bindings[port] = nil
		for _, binding := range list {
			bindings[port] = append(bindings[port], nat.PortBinding{HostIP: binding.HostIP})
		}
	}
	r.HostConfig.PortBindings = bindings
}

// byPodman tells whether Podman says this: it names the network's driver where
// Docker names the network.
func byPodman(inspect container.InspectResponse) bool {
	networks := inspect.NetworkSettings.Networks
	_, really := networks["bridge"]
	return inspect.HostConfig.NetworkMode == "bridge" && len(networks) == 1 && !really
}
