package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/miniboss/miniboss/runtime"
)

// withSignals derives a context that ends at the first Ctrl-C, or when the
// terminal is closed or the process told to end. The second time ends the process at once.
func (a *app) withSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
			return
		}
		cancel(runtime.ErrInterrupted)
		go a.endAtOnce(signals) // what is said may have to wait for who reads it
		if !a.quietEnd.Load() {
			const message = "interrupted, cleaning up (press Ctrl-C again to quit now)"
			a.stderr.Say(runtime.Event{Phase: runtime.PhaseNotice, Cause: message}, message)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// endAtOnce ends the process when there is one more signal.
func (a *app) endAtOnce(signals <-chan os.Signal) {
	<-signals
	a.stderr.Abandon()
	os.Exit(codeInterrupted)
}
