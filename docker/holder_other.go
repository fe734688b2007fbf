//go:build !linux

package docker

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// holderProcess names the process that listens on a port of this machine,
// where lsof is there to tell (macOS has it).
func holderProcess(ctx context.Context, port int, protocol string) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	arguments := []string{"-nP", "-Fpc", fmt.Sprintf("-i%s:%d", protocol, port)}
	if protocol == "tcp" {
		arguments = append(arguments, "-sTCP:LISTEN")
	}
	output, err := exec.CommandContext(ctx, "lsof", arguments...).Output()
	if err != nil {
		return ""
	}
	var id, name string
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p") && id == "":
			id = line[1:]
		case strings.HasPrefix(line, "c") && name == "":
			name = line[1:]
		}
	}
	if id == "" {
		return ""
	}
	return fmt.Sprintf("process %s (%s)", id, name)
}
