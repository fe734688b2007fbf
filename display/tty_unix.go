//go:build unix

package display

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// control is what job control does to the process.
type control struct {
	fd        int
	continued chan os.Signal
}

func (c *control) prepare(file *os.File) bool {
	c.fd = int(file.Fd())
	// Ctrl-Z is left to the system; being continued is only noted.
	c.continued = make(chan os.Signal, 1)
	signal.Notify(c.continued, unix.SIGCONT)
	return true
}

func (c *control) resumed() bool {
	select {
	case <-c.continued:
		return true
	default:
		return false
	}
}

func (c *control) ours() bool {
	group, err := unix.IoctlGetInt(c.fd, unix.TIOCGPGRP)
	// A terminal that is not the controlling one has no foreground.
	return err != nil || group == unix.Getpgrp()
}
