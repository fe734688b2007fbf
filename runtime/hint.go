package runtime

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Why a ping does not reach a program that runs can often be seen: it asks for a
// name that only containers know, or for a port that is not published, or the
// program does not listen where the port leads.

// pingHint says what to do about a ping that asks at an address and does not get
// an answer; "": nothing is known. Where nothing listens at all, that is said in
// the end only: a program that starts does not listen yet.
func (t *turn) pingHint(ctx context.Context, address string, inTheEnd bool) string {
	host, text, err := net.SplitHostPort(address)
	port, notNumber := strconv.Atoi(text)
	if err != nil || notNumber != nil {
		return ""
	}
	if s := t.runner.Graph.Service(host); s != nil {
		return t.nameHint(ctx, s, port)
	}
	ip, _ := netip.ParseAddr(host)
	if host != "localhost" && !ip.IsLoopback() && !ip.IsUnspecified() || t.want.NetworkName == "" {
		return ""
	}
	published := tcpPorts(t.ports(ctx, t.container))
	at := slices.IndexFunc(published, func(p spec.Port) bool { return p.Host == port })
	if at < 0 {
		return t.portHint(published, port)
	}
	listeners, err := t.runner.Engine.Listeners(ctx, t.container)
	if err != nil {
		return ""
	}
	return listenHint(listeners, published[at].Container, inTheEnd)
}

func tcpPorts(ports []spec.Port) []spec.Port {
	return slices.DeleteFunc(ports, func(p spec.Port) bool { return p.Protocol != "tcp" })
}

// nameHint is for a ping that uses the name of a service, which runs where that
// name means nothing.
func (t *turn) nameHint(ctx context.Context, s *spec.Service, port int) string {
	ports := tcpPorts(slices.Clone(s.Loaded.Ports))
	if s.Name == t.service.Name {
		ports = tcpPorts(t.ports(ctx, t.container))
	}
	text := fmt.Sprintf("%q is a name on the group's network; ", s.Name)
	for _, p := range ports {
		switch {
		case p.Container != port && p.Host != port:
		case p.Host == 0:
			return text + fmt.Sprintf("from your machine, use localhost and the port that hostPort(%d) returns", port)
		default:
			return text + fmt.Sprintf("from your machine, use localhost:%d", p.Host)
		}
	}
	return text + fmt.Sprintf("to reach it from your machine, publish its port: ports = { %d: %d }", port, port)
}

// portHint is for a ping that asks at a port of this machine which the service
// does not publish.
func (t *turn) portHint(published []spec.Port, port int) string {
	for _, name := range t.runner.Graph.Names() {
		if slices.ContainsFunc(t.runner.Graph.Service(name).Loaded.Ports, func(p spec.Port) bool { return p.Host == port }) {
			return "" // it asks another service
		}
	}
	var list []string
	for _, p := range published {
		if p.Container == port {
			return fmt.Sprintf("port %d is the container port; from your machine, use localhost:%d", port, p.Host)
		}
		list = append(list, fmt.Sprintf("localhost:%d (container port %d)", p.Host, p.Container))
	}
	if len(list) == 0 {
		return fmt.Sprintf("the service publishes no port: add ports = { %d: %d }", port, port)
	}
	return fmt.Sprintf("the service does not publish port %d; it publishes %s", port, strings.Join(list, " and "))
}

// listenHint is for a port that leads into the container, where nobody answers.
func listenHint(listeners []netip.AddrPort, port int, inTheEnd bool) string {
	var others []string
	var local netip.AddrPort
	for _, l := range listeners {
		switch {
		case int(l.Port()) == port && !l.Addr().IsLoopback():
			return "" // it listens, and does not answer
		case int(l.Port()) == port:
			local = l
		case !slices.Contains(others, strconv.Itoa(int(l.Port()))):
			others = append(others, strconv.Itoa(int(l.Port())))
		}
	}
	switch {
	case local.IsValid():
		return fmt.Sprintf("the program listens on %s inside the container, where published ports do not reach it: make it listen on 0.0.0.0 (for Vite: --host)", local)
	case len(others) > 0:
		return fmt.Sprintf("nothing listens on port %d inside the container; the program listens on %s: publish that port instead, or change the port of the program",
			port, strings.Join(others, " and "))
	case inTheEnd:
		return fmt.Sprintf("nothing listens on port %d inside the container", port)
	}
	return ""
}
