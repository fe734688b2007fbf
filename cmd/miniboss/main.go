// Command miniboss runs a collection of interdependent container services that
// a JavaScript or TypeScript file defines.
//
// One file holds one command. A command turns its arguments into the options of
// the core (package runtime), which does the work and tells what happens as
// events; package display shows these, errors.go turns the error at the end into
// a message and an exit code.
package main

import (
	"context"
	"io"
	"os"
	"runtime/debug"
	"sync/atomic"

	"github.com/miniboss/miniboss/display"
	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime/spec"
)

// app is what a command knows of the process around it.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr *display.Screen
	getenv func(string) string

	envFiles js.EnvFiles  // as the flags say
	secrets  spec.Secrets // of the definitions: not shown in messages

	// quietEnd is set by a command that Ctrl-C simply ends: nothing is said.
	quietEnd atomic.Bool
}

// garbage lets the heap grow to five times what is in use before it is swept. A
// command lives for a moment and uses a few megabytes, most of them from
// loading the file: collecting there took a fifth of its processor time.
const garbage = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: display.NewScreen(os.Stderr), getenv: os.Getenv}
	ctx, stop := a.withSignals(context.Background())
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out one command and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	a.report(err)
	return exitCode(err)
}
