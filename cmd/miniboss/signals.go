package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/miniboss/miniboss/runtime"
)

// withSignals derives a context that ends at the first Ctrl-C. The second one
// ends the process at once.
func (a *app) withSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
			return
		}
		cancel(runtime.ErrInterrupted)
		const message = "interrupted: cleaning up (once more ends miniboss at once)"
		a.stderr.Say(runtime.Event{Phase: runtime.PhaseNotice, Cause: message}, message)
		<-signals
		a.stderr.Abandon()
		os.Exit(codeInterrupted)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
