package docker

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// PrepareLists has encoding/json look at the types of the first answers, of which
// it remembers the fields. That takes it half a millisecond, for which there is
// time while the file is loaded.
func PrepareLists() {
	_ = json.Unmarshal([]byte("[{}]"), &[]container.Summary{})
	_ = json.Unmarshal([]byte("{}"), &network.Inspect{})
}

// Containers implements runtime.Engine with one call: the labels tell all.
func (e *Engine) Containers(ctx context.Context, of runtime.Selector) ([]runtime.Container, error) {
	summaries, err := e.summaries(ctx, of)
	if err != nil {
		return nil, e.failed(ctx, "list containers", err)
	}
	containers := make([]runtime.Container, 0, len(summaries))
	named := false
	for _, s := range summaries {
		c := fromSummary(s)
		if c.Labels.OneOff && !of.OneOffs {
			continue
		}
		containers = append(containers, c)
		for name, id := range c.Networks {
			named = named || name == id
		}
	}
	if named {
		return containers, e.networkIDs(ctx, containers)
	}
	return containers, nil
}

// networkIDs puts the networks' ids where Podman tells their names again.
func (e *Engine) networkIDs(ctx context.Context, containers []runtime.Container) error {
	found, err := e.api.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return e.failed(ctx, "list networks", err)
	}
	ids := map[string]string{}
	for _, n := range found {
		ids[n.Name] = n.ID
	}
	for _, c := range containers {
		for name, id := range c.Networks {
			if name == id && ids[name] != "" {
				c.Networks[name] = ids[name]
			}
		}
	}
	return nil
}

func (e *Engine) summaries(ctx context.Context, of runtime.Selector) ([]container.Summary, error) {
	wanted := []filters.KeyValuePair{filters.Arg("label", groupFilter(of.Group))}
	if of.ID != "" {
		wanted = append(wanted, filters.Arg("id", of.ID))
	}
	return e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(wanted...)})
}

// groupFilter selects one group, or whatever is miniboss's where group is "".
func groupFilter(group string) string {
	if group == "" {
		return labelGroup
	}
	return labelGroup + "=" + group
}

func fromSummary(s container.Summary) runtime.Container {
	c := runtime.Container{
		ID:       s.ID,
		Labels:   decodeLabels(s.Labels),
		State:    oneState(string(s.State)),
		Health:   healthInStatus(s.Status),
		ExitCode: -1,
		Image:    s.Image,
		ImageID:  fullImageID(s.ImageID),
		Networks: map[string]string{},
		Ports:    publishedPorts(s.Ports),
		Created:  time.Unix(s.Created, 0),
	}
	if c.State == "exited" || c.State == "dead" {
		c.ExitCode = exitCodeInStatus(s.Status)
	}
	for _, name := range s.Names {
		// Links add further names of the form /other/alias.
		if name = strings.TrimPrefix(name, "/"); !strings.Contains(name, "/") {
			c.Name = name
			break
		}
	}
	if s.NetworkSettings != nil {
		for name, endpoint := range s.NetworkSettings.Networks {
			if endpoint != nil {
				c.Networks[name] = endpoint.NetworkID
			}
		}
	}
	return c
}

// publishedPorts returns the ports that are published, those on all addresses
// once, whether the engine tells IPv4 and IPv6 apart or not.
func publishedPorts(list []container.Port) []spec.Port {
	var ports []spec.Port
	for _, p := range list {
		if p.PublicPort == 0 {
			continue
		}
		port := spec.Port{Container: int(p.PrivatePort), Protocol: p.Type, Host: int(p.PublicPort)}
		if !anyAddress(p.IP) {
			port.HostIP = p.IP
		}
		ports = append(ports, port)
	}
	slices.SortFunc(ports, func(a, b spec.Port) int {
		return cmp.Or(cmp.Compare(a.Container, b.Container), strings.Compare(a.Protocol, b.Protocol),
			strings.Compare(a.HostIP, b.HostIP), cmp.Compare(a.Host, b.Host))
	})
	return slices.Compact(ports)
}

// oneState names the states that only Podman has as Docker does.
func oneState(state string) string {
	switch state {
	case "configured", "initialized":
		return "created"
	case "stopping":
		return "running"
	case "stopped":
		return "exited"
	}
	return state
}

// A list has health and exit code only in the text of Status: "Up 2 seconds
// (health: starting)", "Exited (3) 5 minutes ago". Asking for them container
// by container would cost a call each.
var (
	statusHealth = lazyregexp.New(`\((?:health: )?(starting|healthy|unhealthy)\)`)
	statusExit   = lazyregexp.New(`^(?:Exited|Dead|Removal In Progress) \((-?\d+)\)`)
)

func healthInStatus(status string) string {
	if found := statusHealth.FindStringSubmatch(status); found != nil {
		return found[1]
	}
	return ""
}

func exitCodeInStatus(status string) int {
	if found := statusExit.FindStringSubmatch(status); found != nil {
		if code, err := strconv.Atoi(found[1]); err == nil {
			return code
		}
	}
	return -1
}

// fullImageID gives all engines' ids one form.
func fullImageID(id string) string {
	if id == "" || strings.Contains(id, ":") {
		return id
	}
	return "sha256:" + id
}
