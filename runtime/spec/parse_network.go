package spec

import (
	"cmp"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
)

func (p *parser) ports() []Port {
	object, ok := p.object("ports", `an object {container port: host port}, such as {5432: 5433}`)
	if !ok {
		return nil
	}
	var ports []Port
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field := "ports." + key
		container, protocol, ok := ContainerPort(key)
		if !ok && HasReference(key) && p.pending(field, object[key]) {
			continue
		}
		if !ok {
			p.problem("ports", key, `container ports as keys, such as 5432 or "53/udp"`)
			continue
		}
		canonical := strconv.Itoa(container) + "/" + protocol
		if seen[canonical] {
			p.problems = append(p.problems, Problem{Field: field, Found: "the container port " + canonical + " twice",
				Accepted: "each container port once"})
			continue
		}
		seen[canonical] = true
		v := object[key]
		if p.pending(field, v) || p.stage == AtLoad && v == (Undefined{}) {
			continue
		}
		ip, host, ok := hostPort(v)
		if !ok {
			p.problem(field, v, `a port of the host (0 for any free one), or "127.0.0.1:5433"`)
			continue
		}
		ports = append(ports, Port{Container: container, Protocol: protocol, HostIP: ip, Host: host})
	}
	slices.SortFunc(ports, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Container, b.Container), cmp.Compare(a.Protocol, b.Protocol))
	})
	return ports
}

// ContainerPort reads 5432 or 53/udp.
func ContainerPort(s string) (port int, protocol string, ok bool) {
	number, protocol, hasProtocol := strings.Cut(s, "/")
	if !hasProtocol {
		protocol = "tcp"
	}
	if protocol != "tcp" && protocol != "udp" && protocol != "sctp" {
		return 0, "", false
	}
	port, ok = PortNumber(number)
	return port, protocol, ok && port > 0
}

// hostPort reads 5433, "5433" or "127.0.0.1:5433".
func hostPort(v any) (ip string, port int, ok bool) {
	switch v := v.(type) {
	case float64:
		if v != float64(int(v)) || v < 0 || v > 65535 {
			return "", 0, false
		}
		return "", int(v), true
	case string:
		if !strings.Contains(v, ":") {
			port, ok = PortNumber(v)
			return "", port, ok
		}
		ip, number, err := net.SplitHostPort(v)
		if err != nil || net.ParseIP(ip) == nil {
			return "", 0, false
		}
		port, ok = PortNumber(number)
		return ip, port, ok
	}
	return "", 0, false
}

// PortNumber reads a port as people write it: digits, no sign, no leading zero.
func PortNumber(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	return int(n), err == nil && strconv.FormatUint(n, 10) == s
}

// extraHosts reads ["host:ip"] or {host: ip}, and gives the former.
func (p *parser) extraHosts() []string {
	const accepted = `an array of "host:address", or an object {host: address}`
	if _, isObject := p.fields["extraHosts"].(map[string]any); !isObject {
		return p.list("extraHosts", accepted, func(s string) bool {
			host, address, ok := strings.Cut(s, ":")
			return ok && host != "" && address != ""
		})
	}
	var hosts []string
	table := p.table("extraHosts", accepted, false)
	for _, host := range slices.Sorted(maps.Keys(table)) {
		if host == "" || table[host] == "" {
			p.problem("extraHosts."+host, table[host], accepted)
			continue
		}
		hosts = append(hosts, host+":"+table[host])
	}
	return hosts
}
