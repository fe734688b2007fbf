//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is at least what this process has had: a child begins as its copy.
func peakMemory(ended *os.ProcessState) int64 {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
