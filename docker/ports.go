package docker

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
	"github.com/kballard/go-shellquote"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
)

// takenSigns are the words for a taken port: Docker's own bookkeeping, the
// operating systems', Docker Desktop's. Nothing but the text tells.
var takenSigns = lazyregexp.New(`(?i)port is already allocated|address already in use|only one usage of each socket address|ports are not available`)

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
	taken := &runtime.PortTakenError{Protocol: port.Proto(), Container: withProtocol(port)}
	taken.Port, _ = strconv.Atoi(binding.HostPort)
	running, _ := e.api.ContainerList(ctx, container.ListOptions{}) // without, it is not told who
	e.findHolder(ctx, taken, running, inspect.ID, binding.HostIP)
	return taken
}

// findHolder says who has a port that is taken, and how that is ended: one of
// the containers that run, or a process.
func (e *Engine) findHolder(ctx context.Context, taken *runtime.PortTakenError, running []container.Summary, except, ip string) {
	if c, ok := holderContainer(running, except, taken.Port, taken.Protocol, ip); ok {
		taken.Holder, taken.Remedy = &runtime.PortHolder{Container: c.Name, Labels: c.Labels}, containerRemedy(c)
		return
	}
	if !e.local {
		return
	}
	taken.Holder = holderProcess(ctx, taken.Port, taken.Protocol)
	// The engines' own are not to be killed: a container is behind them.
	if taken.Holder != nil && !engineProcess.MatchString(taken.Holder.Process) {
		taken.Remedy = fmt.Sprintf("kill %d", taken.Holder.PID)
	}
}

var engineProcess = lazyregexp.New(`(?i)docker|podman|rootless|conmon|slirp|pasta|gvproxy|limactl|colima|vpnkit|^ssh`)

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

// holderContainer finds the container that publishes a host port, whoever made
// it.
func holderContainer(running []container.Summary, except string, port int, protocol, ip string) (runtime.Container, bool) {
	for _, summary := range running {
		if summary.ID == except {
			continue
		}
		for _, p := range summary.Ports {
			if int(p.PublicPort) == port && p.Type == protocol && overlap(p.IP, ip) {
				return fromSummary(summary), true
			}
		}
	}
	return runtime.Container{}, false
}

// containerRemedy is a command that ends a container.
func containerRemedy(c runtime.Container) string {
	if c.Labels.File == "" || c.Labels.OneOff {
		return "docker stop " + c.Name
	}
	return fmt.Sprintf("miniboss stop -f %s %s", shellquote.Join(c.Labels.File), c.Labels.Service)
}

// overlap tells whether two addresses to listen on exclude each other.
func overlap(a, b string) bool { return a == b || anyAddress(a) || anyAddress(b) }

func anyAddress(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
