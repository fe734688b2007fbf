package docker

import (
	"slices"

	"github.com/miniboss/miniboss/runtime"
)

// listenedOn returns the ports that sockets of this machine are bound to.
func listenedOn(ports []runtime.Port) []runtime.Port {
	tables := map[string][]socket{}
	var taken []runtime.Port
	for _, p := range ports {
		table, known := tables[p.Protocol]
		if !known {
			table = boundSockets(p.Protocol)
			tables[p.Protocol] = table
		}
		if slices.ContainsFunc(table, func(s socket) bool { return s.excludes(p) }) {
			taken = append(taken, p)
		}
	}
	return taken
}

// excludes tells whether nobody else can listen on a port. An address of IPv6
// alone says nothing of a port on all addresses: not all engines publish on
// IPv6.
func (s socket) excludes(p runtime.Port) bool {
	if s.port != p.Host {
		return false
	}
	if s.address.IsUnspecified() {
		return true
	}
	if anyAddress(p.HostIP) {
		return s.address.Is4()
	}
	return s.address.String() == p.HostIP
}
