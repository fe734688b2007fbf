//go:build !linux

package docker

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// holderProcess finds the process that listens on a port of this machine,
// where lsof is there to tell (macOS has it).
func holderProcess(ctx context.Context, port int, protocol string) *runtime.PortHolder {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	arguments := []string{"-nP", "-Fpc", fmt.Sprintf("-i%s:%d", protocol, port)}
	if protocol == "tcp" {
		arguments = append(arguments, "-sTCP:LISTEN")
	}
	output, err := exec.CommandContext(ctx, "lsof", arguments...).Output()
	if err != nil {
		return nil
	}
	var id int
	var name string
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p") && id == 0:
			id, _ = strconv.Atoi(line[1:])
		case strings.HasPrefix(line, "c") && name == "":
			name = line[1:]
		}
	}
	if id == 0 {
		return nil
	}
	return &runtime.PortHolder{PID: id, Process: name}
}
