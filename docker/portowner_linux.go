package docker

import (
	"bufio"
	"context"
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/runtime"
)

// holderProcess finds the process that listens on a port of this machine. nil if
// it cannot be told: another user's processes are hidden from us.
func holderProcess(ctx context.Context, port int, protocol string) *runtime.PortHolder {
	inodes := map[string]bool{}
	for _, s := range boundSockets(protocol) {
		if s.port == port {
			inodes[s.inode] = true
		}
	}
	if len(inodes) == 0 {
		return nil
	}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if ctx.Err() != nil {
			return nil
		}
		handles, _ := os.ReadDir(filepath.Join(process, "fd"))
		for _, handle := range handles {
			target, err := os.Readlink(filepath.Join(process, "fd", handle.Name()))
			if err != nil || !inodes[target] {
				continue
			}
			name, _ := os.ReadFile(filepath.Join(process, "comm"))
			pid, _ := strconv.Atoi(filepath.Base(process))
			return &runtime.PortHolder{PID: pid, Process: strings.TrimSpace(string(name))}
		}
	}
	return nil
}

// socket is one that listens, or is bound without a peer where the protocol
// has no connections.
type socket struct {
	address netip.Addr
	port    int
	inode   string // in the form in which /proc/*/fd shows it
}

// boundSockets reads the tables of this machine's sockets.
func boundSockets(protocol string) []socket {
	var sockets []socket
	for _, table := range []string{protocol, protocol + "6"} {
		sockets = readSockets(filepath.Join("/proc/net", table), protocol, sockets)
	}
	return sockets
}

func readSockets(table, protocol string, sockets []socket) []socket {
	file, err := os.Open(table)
	if err != nil {
		return sockets
	}
	defer func() { _ = file.Close() }()
	wanted := "07" // without a peer
	if protocol == "tcp" {
		wanted = "0A" // listens
	}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
		columns := strings.Fields(lines.Text())
		if len(columns) < 10 || columns[3] != wanted {
			continue
		}
		address, number, _ := strings.Cut(columns[1], ":")
		port, err := strconv.ParseInt(number, 16, 32)
		if ip, ok := kernelAddress(address); ok && err == nil {
			sockets = append(sockets, socket{ip, int(port), "socket:[" + columns[9] + "]"})
		}
	}
	return sockets
}

// kernelAddress reads an address as the kernel prints it: words of the
// machine's byte order.
func kernelAddress(text string) (netip.Addr, bool) {
	var bytes []byte
	for ; len(text) >= 8; text = text[8:] {
		word, err := strconv.ParseUint(text[:8], 16, 32)
		if err != nil {
			return netip.Addr{}, false
		}
		bytes = binary.NativeEndian.AppendUint32(bytes, uint32(word))
	}
	address, ok := netip.AddrFromSlice(bytes)
	return address.Unmap(), ok
}
