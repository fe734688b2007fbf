package docker

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/runtime"
)

// Listeners implements runtime.Engine. The kernel's tables are read on this
// machine where the engine is here too, which takes no time and needs nothing in
// the image, or else in the container, whose image must have cat.
func (e *Engine) Listeners(ctx context.Context, id string) ([]netip.AddrPort, error) {
	tables, err := e.tablesHere(ctx, id)
	if err != nil {
		tables, err = e.tablesInside(ctx, id)
	}
	return listening(tables), err
}

// tablesInside reads the tables with a command in the container.
func (e *Engine) tablesInside(ctx context.Context, id string) (string, error) {
	result, err := e.Exec(ctx, id, runtime.ExecOptions{Cmd: []string{"cat", "/proc/net/tcp", "/proc/net/tcp6"}})
	switch {
	case err != nil:
		return "", err
	case !strings.Contains(result.Stdout, "local_address"): // without IPv6 there is just the one table
		return "", fmt.Errorf("the network of container %s cannot be read: %s", short(id), strings.TrimSpace(result.Stderr))
	}
	return result.Stdout, nil
}

// tablesHere reads the tables of the network that the container's process is in,
// where that is a process of this machine.
func (e *Engine) tablesHere(ctx context.Context, id string) (string, error) {
	inspect, err := e.inspect(ctx, id)
	if err != nil {
		return "", err
	}
	process := fmt.Sprintf("/proc/%d", inspect.State.Pid)
	groups, err := os.ReadFile(process + "/cgroup")
	if err != nil || inspect.State.Pid == 0 || !strings.Contains(string(groups), inspect.ID) {
		return "", fmt.Errorf("the processes of container %s are not visible here", short(id))
	}
	var tables strings.Builder
	for _, name := range []string{"/net/tcp", "/net/tcp6"} {
		if table, err := os.ReadFile(process + name); err == nil {
			tables.Write(table)
		}
	}
	if tables.Len() == 0 {
		return "", fmt.Errorf("the network of container %s cannot be read here", short(id))
	}
	return tables.String(), nil
}

// dockerDNS is where Docker answers a container's questions for names.
var dockerDNS = netip.AddrFrom4([4]byte{127, 0, 0, 11})

// listening returns the sockets of /proc/net/tcp and tcp6 that listen.
func listening(table string) []netip.AddrPort {
	const listens = "0A"
	var found []netip.AddrPort
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[3] != listens {
			continue
		}
		address, port, _ := strings.Cut(fields[1], ":")
		ip, ok := kernelIP(address)
		number, err := strconv.ParseUint(port, 16, 16)
		if ok && err == nil && ip != dockerDNS {
			found = append(found, netip.AddrPortFrom(ip, uint16(number)))
		}
	}
	return found
}

// kernelIP reads an address as the kernel writes it: words of 32 bits in the order
// of the machine, which is little-endian on all that run containers.
func kernelIP(text string) (netip.Addr, bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.Addr{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.BigEndian.PutUint32(raw[i:], binary.LittleEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return ip.Unmap(), ok
}
