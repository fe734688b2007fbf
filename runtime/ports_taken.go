package runtime

import (
	"context"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// PortsTakenError says that several ports of the host cannot be published.
type PortsTakenError struct {
	Ports []*PortTakenError
}

func (e *PortsTakenError) Error() string { return eachPort(e.Ports, (*PortTakenError).Error, "; ") }

// Hint says what to do.
func (e *PortsTakenError) Hint() string {
	return eachPort(e.Ports, (*PortTakenError).Hint, "\n  hint: ")
}

func eachPort(ports []*PortTakenError, text func(*PortTakenError) string, separator string) string {
	texts := make([]string, len(ports))
	for i, p := range ports {
		texts[i] = text(p)
	}
	return strings.Join(texts, separator)
}

// takenPorts finds the services that cannot start because something else has a
// port of the host that they want, so that all are told at once and before
// anything is created. What it does not find the engine tells when the port is
// published.
func (r *Runner) takenPorts(ctx context.Context, names []string, network string, have map[string][]Container) map[string]error {
	if !publishes(network) {
		return nil
	}
	var own []spec.Port // of the group: they stay, or are free when it is their turn
	for _, containers := range have {
		for _, c := range containers {
			own = append(own, c.Ports...)
		}
	}
	wants := map[string][]spec.Port{}
	var all []spec.Port
	for _, name := range names {
		wants[name] = surePorts(r.Graph.Service(name), have[name], own)
		all = append(all, wants[name]...)
	}
	return r.portErrors(ctx, names, wants, r.Engine.TakenPorts(all))
}

// portErrors says of each service which of the ports that it wants are taken.
func (r *Runner) portErrors(ctx context.Context, names []string, wants map[string][]spec.Port, taken []spec.Port) map[string]error {
	if len(taken) == 0 {
		return nil
	}
	holders := r.Engine.PortHolders(ctx, taken)
	for _, p := range holders {
		r.setRemedy(p)
	}
	errs := map[string]error{}
	for _, name := range names {
		var found []*PortTakenError
		for i, p := range taken {
			if holders[i] != nil && slices.Contains(wants[name], p) {
				found = append(found, holders[i])
			}
		}
		switch len(found) {
		case 0:
		case 1:
			errs[name] = found[0]
		default:
			errs[name] = &PortsTakenError{Ports: found}
		}
	}
	return errs
}

// setRemedy replaces a command that would not end the container which has a port:
// this file, or one that is gone, made it for another group, which no command of
// miniboss can name any more.
func (r *Runner) setRemedy(p *PortTakenError) {
	if p == nil || p.Holder == nil || p.Holder.Labels.Group == "" || p.Holder.Labels.Group == r.Group {
		return
	}
	labels := p.Holder.Labels
	if _, whose := r.owner(thing{labels: labels}); whose != another || labels.Machine != r.Machine {
		p.Remedy = "docker stop " + p.Holder.Container
	}
}

// surePorts returns the ports of the host that a service will certainly ask
// for, and that are not the group's own.
func surePorts(service *spec.Service, have []Container, own []spec.Port) []spec.Port {
	if service.Hooks.Configure != nil {
		return nil // it may change them
	}
	if service.Loaded.OneShot && slices.ContainsFunc(have, func(c Container) bool { return c.State == "exited" && c.ExitCode == 0 }) {
		return nil // it may have done its work
	}
	return slices.DeleteFunc(slices.Clone(service.Loaded.Ports), func(p spec.Port) bool {
		return p.Host == 0 || slices.ContainsFunc(own, func(o spec.Port) bool { return spec.SameHostPort(p, o) })
	})
}

// publishes reports whether containers on a network have ports of their own.
func publishes(network string) bool {
	return network != "host" && network != "none" && !strings.HasPrefix(network, "container:")
}
