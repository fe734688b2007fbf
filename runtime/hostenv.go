package runtime

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// HostEnv rewrites the addresses of containers in an environment to those that
// this machine reaches, for a service that runs outside Docker.
type HostEnv struct {
	Runner *Runner
	// Running asks the engine for the group's containers. It is called at most
	// once, and only where the file does not tell a port: the engine chose it,
	// or the service has a configure hook.
	Running func(ctx context.Context) ([]Container, error)

	asked      bool
	containers []Container
	askErr     error
	ports      map[string][]spec.Port
}

// Rewrite returns a service's environment as it is on this machine, and a note
// for every address that stays as it is. The service's own ports become those of
// the host too (see ownport.go): what runs here listens where the others look for
// it.
func (r *HostEnv) Rewrite(ctx context.Context, service string, env map[string]string) (rewritten map[string]string, notes []string) {
	rewritten = maps.Clone(env)
	names := slices.Concat(r.Runner.Graph.Names(), []string{hostOfContainers}, ownHosts())
	for _, key := range slices.Sorted(maps.Keys(env)) {
		rewritten[key] = rewriteAddresses(env[key], names, func(name string, port int, scheme string) (string, bool) {
			if slices.Contains(ownHosts(), name) {
				text, note := r.ownAddress(ctx, service, name, port)
				if note != "" {
					notes = append(notes, fmt.Sprintf("env.%s: %s:%d is not rewritten: %s", key, name, port, note))
				}
				return text, text != ""
			}
			if port == 0 && name != service && name != hostOfContainers {
				notes = append(notes, fmt.Sprintf("env.%s: %s://%s is not rewritten: it has no port, and %s has no default port", key, scheme, name, scheme))
				return "", false
			}
			address, why := r.address(ctx, service, name, port)
			if why != "" {
				notes = append(notes, fmt.Sprintf("env.%s: %s:%d is not rewritten: %s", key, name, port, why))
			}
			return address, why == ""
		})
	}
	for _, key := range slices.Sorted(maps.Keys(env)) {
		if note := r.rewritePair(ctx, service, key, env, rewritten); note != "" {
			notes = append(notes, note)
		}
		if note := r.rewriteOwnPort(ctx, service, key, env, rewritten); note != "" {
			notes = append(notes, note)
		}
	}
	return rewritten, slices.Compact(notes)
}

// rewritePair rewrites DB_HOST and DB_PORT where the first is the name of a
// service.
func (r *HostEnv) rewritePair(ctx context.Context, service, hostKey string, env, rewritten map[string]string) (note string) {
	portKey, isHost := portKeyOf(hostKey)
	name := env[hostKey]
	if !isHost || name != hostOfContainers && r.Runner.Graph.Service(name) == nil {
		return ""
	}
	if name == hostOfContainers || name == service {
		rewritten[hostKey] = "localhost"
		return ""
	}
	port, ok := spec.PortNumber(env[portKey])
	if !ok {
		return fmt.Sprintf("env.%s: %s is not rewritten: there is no port in %s", hostKey, name, portKey)
	}
	address, why := r.address(ctx, service, name, port)
	if why != "" {
		return fmt.Sprintf("env.%s: %s is not rewritten: %s", hostKey, name, why)
	}
	colon := strings.LastIndex(address, ":")
	rewritten[hostKey], rewritten[portKey] = strings.Trim(address[:colon], "[]"), address[colon+1:]
	return ""
}

// portKeyOf returns DB_PORT for DB_HOST.
func portKeyOf(key string) (portKey string, isHost bool) {
	for _, pair := range [][2]string{{"HOST", "PORT"}, {"host", "port"}, {"Host", "Port"}} {
		if before, ok := strings.CutSuffix(key, pair[0]); ok {
			return before + pair[1], true
		}
	}
	return "", false
}

// address returns where this machine reaches a port of a service, or why it
// does not.
func (r *HostEnv) address(ctx context.Context, self, service string, port int) (address, why string) {
	s := r.Runner.Graph.Service(service)
	var wanted spec.Port
	isWanted := false
	if s != nil {
		wanted, isWanted = portOf(r.wanted(ctx, s), port)
	}
	switch {
	case service == hostOfContainers || service == self && !isWanted:
		if port == 0 {
			return "localhost", ""
		}
		return "localhost:" + strconv.Itoa(port), ""
	case isWanted && wanted.Host != 0:
		return hostAddress(wanted), ""
	case !isWanted && s.Hooks.Configure == nil:
		return "", fmt.Sprintf("%s does not publish port %d", service, port)
	}
	containers, err := r.running(ctx)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return "", fmt.Sprintf("the engine chooses the host port, and asking it failed: %s", strings.TrimSuffix(first, ":"))
	}
	runs := false
	for _, c := range containers {
		if c.Labels.Service != service || c.State != "running" {
			continue
		}
		runs = true
		if p, ok := portOf(c.Ports, port); ok {
			return hostAddress(p), ""
		}
	}
	if !runs {
		return "", fmt.Sprintf("%s is not running, and its host port is only known while it runs", service)
	}
	return "", fmt.Sprintf("%s does not publish port %d", service, port)
}

// wanted returns the ports that a service publishes, as far as the file tells.
func (r *HostEnv) wanted(ctx context.Context, s *spec.Service) []spec.Port {
	if ports, known := r.ports[s.Name]; known {
		return ports
	}
	ports := s.Loaded.Ports
	if d, err := r.Runner.oneField(ctx, s, "ports"); err == nil {
		ports = d.Ports
	}
	if r.ports == nil {
		r.ports = map[string][]spec.Port{}
	}
	r.ports[s.Name] = ports
	return ports
}

func (r *HostEnv) running(ctx context.Context) ([]Container, error) {
	if !r.asked {
		r.asked = true
		r.containers, r.askErr = r.Running(ctx)
	}
	return r.containers, r.askErr
}

// portOf finds a port of the container, TCP before others.
func portOf(ports []spec.Port, container int) (spec.Port, bool) {
	var found spec.Port
	for _, p := range ports {
		if p.Container == container && (found.Container == 0 || p.Protocol == "tcp" && found.Protocol != "tcp") {
			found = p
		}
	}
	return found, found.Container != 0
}
