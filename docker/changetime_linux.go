package docker

import (
	"io/fs"
	"syscall"
)

// changeTime returns when a file, its content or its attributes, was changed last,
// in nanoseconds: programs can set the time of the content back.
func changeTime(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return syscall.TimespecToNsec(stat.Ctim)
	}
	return 0
}
