package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// figures is what one process took.
type figures struct {
	wall, cpu time.Duration
	memory    int64 // peak, in bytes
}

// measure runs a command and returns what its whole process took.
func measure(program string, args ...string) (figures, error) {
	var output bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	began := time.Now()
	err := cmd.Run()
	f := figures{wall: time.Since(began)}
	if err != nil {
		return f, fmt.Errorf("%s: %w\n%s", cmd, err, output.String())
	}
	f.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	f.memory = peakMemory(cmd.ProcessState)
	return f, nil
}
