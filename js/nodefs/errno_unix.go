//go:build !windows

package nodefs

import "syscall"

// portable is errno as the portable names have it: here they are the same.
func portable(errno syscall.Errno) syscall.Errno { return errno }

// nodeErrno is the number that Node gives an error.
func nodeErrno(errno syscall.Errno) int { return -int(errno) }
