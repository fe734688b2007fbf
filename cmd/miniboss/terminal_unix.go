//go:build unix

package main

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// watchSize tells when the size of the terminal may have changed.
func watchSize(*os.File) (resized <-chan struct{}, stop func()) {
	signals := make(chan os.Signal, 1)
	changed := make(chan struct{}, 1)
	signal.Notify(signals, unix.SIGWINCH)
	go func() {
		for range signals {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}()
	return changed, func() {
		signal.Stop(signals)
		close(signals)
	}
}

func prepareOutput(*os.File) (restore func()) { return func() {} }
