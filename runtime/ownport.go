package runtime

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// ownHosts are the names by which a program in a container means its own
// container.
func ownHosts() []string { return []string{"localhost", "127.0.0.1", "0.0.0.0"} }

// ownAddress returns what stands on this machine for localhost:3000 in a service's
// own environment: the same host, with the port that it is published on. "" where
// the text stays as it is: it is no port of the service, or the file publishes one
// of that number on the host, which may be meant.
func (r *HostEnv) ownAddress(ctx context.Context, service, host string, port int) (address, note string) {
	if host == "localhost" && r.onHost(ctx, port) {
		return "", ""
	}
	own, note := r.ownPort(ctx, service, port)
	if own == "" {
		return "", note
	}
	return host + ":" + own, ""
}

// onHost reports whether a service of the file publishes a port of that number on
// the host.
func (r *HostEnv) onHost(ctx context.Context, port int) bool {
	return slices.ContainsFunc(r.Runner.Graph.Names(), func(name string) bool {
		return slices.ContainsFunc(r.wanted(ctx, r.Runner.Graph.Service(name)), func(p spec.Port) bool { return p.Host == port })
	})
}

// ownPort returns the port of the host that stands for one of a service's own
// ports. "" where it publishes none, or where that is not known, as the note says.
func (r *HostEnv) ownPort(ctx context.Context, service string, port int) (own, note string) {
	if _, isWanted := portOf(r.wanted(ctx, r.Runner.Graph.Service(service)), port); !isWanted {
		return "", ""
	}
	address, note := r.address(ctx, service, service, port)
	if note != "" {
		return "", note
	}
	return address[strings.LastIndex(address, ":")+1:], ""
}

// rewriteOwnPort rewrites PORT=3000, LISTEN=:3000 and LISTEN=[::]:3000 where 3000
// is a port of the service.
func (r *HostEnv) rewriteOwnPort(ctx context.Context, service, key string, env, rewritten map[string]string) (note string) {
	value := env[key]
	before := ""
	for _, listens := range []string{":", "[::]:", "[::1]:"} {
		if number, is := strings.CutPrefix(value, listens); is {
			before, value = listens, number
			break
		}
	}
	port, ok := spec.PortNumber(value)
	if !ok || before == "" && !r.saysOwnPort(service, key, env) {
		return ""
	}
	own, note := r.ownPort(ctx, service, port)
	if note != "" {
		return fmt.Sprintf("env.%s: %s is not rewritten: %s", key, env[key], note)
	}
	if own != "" {
		rewritten[key] = before + own
	}
	return ""
}

// saysOwnPort reports whether a variable is named as a port, and not as that of
// another service: PORT, HTTP_PORT, serverPort; not DB_PORT beside DB_HOST=appdb,
// nor APPDB_PORT where there is a service appdb.
func (r *HostEnv) saysOwnPort(service, key string, env map[string]string) bool {
	before, hostKey, is := portName(key)
	if !is {
		return false
	}
	if host, there := env[hostKey]; there {
		return host == "" || host == service || host == "::" || slices.Contains(ownHosts(), host)
	}
	other := strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(strings.TrimRight(before, "_-.")))
	return other == service || r.Runner.Graph.Service(other) == nil
}

// portName takes the name of a port apart: what comes before, and the name that its
// host would have.
func portName(key string) (before, hostKey string, is bool) {
	for _, pair := range [][2]string{{"PORT", "HOST"}, {"port", "host"}, {"Port", "Host"}} {
		before, ok := strings.CutSuffix(key, pair[0])
		if !ok {
			continue
		}
		last := strings.ToUpper(before[strings.LastIndexAny(before, "_-.")+1:])
		if slices.Contains([]string{"EX", "IM", "RE", "SUP", "TRANS", "PASS", "AIR"}, last) {
			return "", "", false // EXPORT, SUPPORT
		}
		return before, before + pair[1], true
	}
	return "", "", false
}
