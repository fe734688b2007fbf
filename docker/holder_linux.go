package docker

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holderProcess names the process that listens on a port of this machine. ""
// where it cannot be told: another user's processes are hidden from us.
func holderProcess(ctx context.Context, port int, protocol string) string {
	inodes := map[string]bool{}
	for _, table := range []string{protocol, protocol + "6"} {
		listening(filepath.Join("/proc/net", table), port, protocol, inodes)
	}
	if len(inodes) == 0 {
		return ""
	}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if ctx.Err() != nil {
			return ""
		}
		handles, _ := os.ReadDir(filepath.Join(process, "fd"))
		for _, handle := range handles {
			target, err := os.Readlink(filepath.Join(process, "fd", handle.Name()))
			if err != nil || !inodes[target] {
				continue
			}
			name, _ := os.ReadFile(filepath.Join(process, "comm"))
			return fmt.Sprintf("process %s (%s)", filepath.Base(process), strings.TrimSpace(string(name)))
		}
	}
	return ""
}

// listening adds the sockets of a table of /proc/net that are bound to the
// port, in the form in which /proc/*/fd shows them.
func listening(table string, port int, protocol string, inodes map[string]bool) {
	file, err := os.Open(table)
	if err != nil {
		return
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
		columns := strings.Fields(lines.Text())
		if len(columns) < 10 {
			continue
		}
		const tcpListen = "0A"
		if protocol == "tcp" && columns[3] != tcpListen {
			continue
		}
		_, hex, _ := strings.Cut(columns[1], ":")
		if number, err := strconv.ParseInt(hex, 16, 32); err == nil && int(number) == port {
			inodes["socket:["+columns[9]+"]"] = true
		}
	}
}
