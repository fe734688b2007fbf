package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// The exit codes. They are part of what users rely on; see help exit-codes.
const (
	codeDone        = 0
	codeFailed      = 1
	codeUsage       = 2
	codeFile        = 3
	codeNoEngine    = 4
	codeInterrupted = 130
)

// fileError is an error in the user's file.
type fileError struct{ err error }

func (e *fileError) Error() string { return e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// commandExit is the exit code of a command in a container.
type commandExit struct{ code int }

func (e *commandExit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitCode is the only place where an error becomes an exit code.
func exitCode(err error) int {
	var usage *spec.UsageError
	var file *fileError
	var noEngine *docker.NoEngineError
	var command *commandExit
	var notRunnable *runtime.NotRunnableError
	switch {
	case err == nil:
		return codeDone
	case errors.Is(err, runtime.ErrInterrupted), errors.Is(err, context.Canceled):
		return codeInterrupted
	case errors.As(err, &command):
		return command.code
	case errors.As(err, &notRunnable):
		return notRunnable.ExitCode
	case errors.As(err, &usage):
		return codeUsage
	case errors.As(err, &file):
		return codeFile
	case errors.As(err, &noEngine):
		return codeNoEngine
	}
	return codeFailed
}

// report writes the error of a command. What was reported as an event already
// is not said again.
func (a *app) report(err error) {
	if err == nil || errors.Is(err, runtime.ErrInterrupted) || errors.Is(err, context.Canceled) {
		return
	}
	var command *commandExit
	if errors.As(err, &command) {
		return // it has said itself what there is to say
	}
	if errors.Is(err, runtime.ErrFailed) {
		a.reportFailed(err)
		return
	}
	text := a.explain(err)
	a.stderr.Say(runtime.Event{Phase: runtime.PhaseError, Err: errors.New(text)}, "miniboss: error: "+text)
}

// reportFailed says at the end what failed, each part of a joined error by itself.
func (a *app) reportFailed(err error) {
	if joined, is := err.(interface{ Unwrap() []error }); is {
		for _, part := range joined.Unwrap() {
			a.report(part)
		}
		return
	}
	text := err.Error()
	var failed *runtime.FailedError
	if !errors.As(err, &failed) {
		text = "miniboss: " + text
	}
	a.stderr.Say(runtime.Event{Phase: runtime.PhaseNotice, Cause: err.Error()}, text)
}
