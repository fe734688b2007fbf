package docker

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"

	"github.com/miniboss/miniboss/runtime/spec"
)

// listenedOn returns the ports that are bound on this machine.
func listenedOn(ports []spec.Port) []spec.Port {
	tables := map[string][]socket{}
	return slices.DeleteFunc(slices.Clone(ports), func(p spec.Port) bool {
		err := tryToBind(p)
		if !errors.Is(err, syscall.EACCES) {
			return !errors.Is(err, syscall.EADDRINUSE)
		}
		// Root's ports. The tables take the kernel some milliseconds.
		if _, known := tables[p.Protocol]; !known {
			tables[p.Protocol] = boundSockets(p.Protocol)
		}
		return !slices.ContainsFunc(tables[p.Protocol], func(s socket) bool { return s.excludes(p) })
	})
}

// tryToBind binds a socket to a port as the engine's proxy does, but never
// listens: whoever does so at the same moment is not disturbed.
func tryToBind(p spec.Port) error {
	kind := syscall.SOCK_STREAM
	switch p.Protocol {
	case "tcp":
	case "udp":
		kind = syscall.SOCK_DGRAM
	default:
		return nil
	}
	ip := netip.IPv4Unspecified()
	if !anyAddress(p.HostIP) {
		var err error
		if ip, err = netip.ParseAddr(p.HostIP); err != nil {
			return err
		}
	}
	family := syscall.AF_INET6
	var address syscall.Sockaddr = &syscall.SockaddrInet6{Port: p.Host, Addr: ip.As16()}
	if ip.Is4() {
		family, address = syscall.AF_INET, &syscall.SockaddrInet4{Port: p.Host, Addr: ip.As4()}
	}
	fd, err := syscall.Socket(family, kind|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fd) }()
	// Connections that have ended are no hindrance.
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return err
	}
	return syscall.Bind(fd, address)
}

// excludes tells whether nobody else can listen on a port. An address of IPv6
// alone says nothing of a port on all addresses: not all engines publish on
// IPv6.
func (s socket) excludes(p spec.Port) bool {
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
