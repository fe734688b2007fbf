package docker

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"

	"github.com/miniboss/miniboss/runtime"
)

// takenSigns are the words for a taken port: Docker's own bookkeeping, the
// operating systems', Docker Desktop's. Nothing but the text tells.
var takenSigns = regexp.MustCompile(`(?i)port is already allocated|address already in use|only one usage of each socket address|ports are not available`)

// portTaken tells whether a start failed because a host port is taken, and who
// has it. nil: it failed for another reason.
func (e *Engine) portTaken(ctx context.Context, inspect container.InspectResponse, startErr error) error {
	text := startErr.Error()
	if !takenSigns.MatchString(text) {
		return nil
	}
	port, binding, ok := portInText(text, inspect.HostConfig.PortBindings)
	if !ok {
		return nil
	}
	taken := &runtime.PortTakenError{Protocol: port.Proto()}
	taken.Port, _ = strconv.Atoi(binding.HostPort)
	taken.Holder = e.holderContainer(ctx, inspect.ID, taken.Port, taken.Protocol, binding.HostIP)
	if taken.Holder == "" && e.local {
		taken.Holder = holderProcess(ctx, taken.Port, taken.Protocol)
	}
	return taken
}

// portInText finds which of the wanted ports the engine's words are about.
func portInText(text string, wanted nat.PortMap) (nat.Port, nat.PortBinding, bool) {
	var (
		found   nat.Port
		binding nat.PortBinding
		best    int
	)
	for port, bindings := range wanted {
		for _, b := range bindings {
			if b.HostPort == "" || b.HostPort == "0" || !mentions(text, b.HostPort) {
				continue
			}
			score := 1
			if strings.Contains(strings.ToLower(text), port.Proto()) {
				score += 2
			}
			if port.Proto() == "tcp" { // the usual one, where the text does not tell
				score++
			}
			if score > best {
				found, binding, best = port, b, score
			}
		}
	}
	return found, binding, best > 0
}

// mentions looks for :8080, not for a part of :18080 or :80801.
func mentions(text, port string) bool {
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, ":"+port)
		if !ok {
			return strings.Contains(text, "port "+port)
		}
		if after == "" || after[0] < '0' || after[0] > '9' {
			return true
		}
		rest = after
	}
}

// holderContainer names the container that publishes a host port, whoever
// made it.
func (e *Engine) holderContainer(ctx context.Context, except string, port int, protocol, ip string) string {
	running, err := e.api.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return ""
	}
	for _, summary := range running {
		if summary.ID == except {
			continue
		}
		for _, p := range summary.Ports {
			if int(p.PublicPort) == port && p.Type == protocol && overlap(p.IP, ip) {
				return containerHolder(fromSummary(summary))
			}
		}
	}
	return ""
}

func containerHolder(c runtime.Container) string {
	holder := fmt.Sprintf("container %q", c.Name)
	if c.Labels.Group != "" {
		holder += fmt.Sprintf(" (group %q)", c.Labels.Group)
	}
	return holder
}

// overlap tells whether two addresses to listen on exclude each other.
func overlap(a, b string) bool { return a == b || anyAddress(a) || anyAddress(b) }

func anyAddress(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
