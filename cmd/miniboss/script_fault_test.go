package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// engineFault is how miniboss tells of a fault of Docker 20.10: services that
// start or stop at the same instant make it miscount the containers of a
// network, which it then refuses to remove until it is restarted. Nobody but
// the engine can help that, so a script that meets it, and no other, gets a
// second try.
const engineFault = "a known fault of Docker 20.10"

// faultyEngineT runs scripts so.
type faultyEngineT struct{ *testing.T }

func (t faultyEngineT) Verbose() bool { return testing.Verbose() }

func (t faultyEngineT) Run(name string, script func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) {
		t.Parallel()
		first := &attempt{T: t}
		first.run(script)
		if first.failed && strings.Contains(first.output.String(), engineFault) {
			t.Log("the engine has miscounted: one more try")
			second := &attempt{T: t}
			second.run(script)
			first = second
		}
		if first.failed {
			t.Fatal(first.output.String())
		}
		t.Log(first.output.String())
	})
}

// attempt is one run of a script. Its failure is not yet the test's.
type attempt struct {
	*testing.T
	output strings.Builder
	failed bool
}

// stopAttempt ends the script's goroutine, as FailNow ends a test's.
type stopAttempt struct{}

func (a *attempt) run(script func(testscript.T)) {
	defer func() {
		if stopped := recover(); stopped != nil {
			if _, ok := stopped.(stopAttempt); !ok {
				panic(stopped)
			}
		}
	}()
	script(a)
}

// Parallel does nothing: the test itself is parallel already.
func (a *attempt) Parallel() {}

func (a *attempt) Verbose() bool { return testing.Verbose() }

func (a *attempt) Log(values ...any) { _, _ = fmt.Fprintln(&a.output, values...) }

func (a *attempt) FailNow() {
	a.failed = true
	panic(stopAttempt{})
}

func (a *attempt) Fatal(values ...any) {
	a.Log(values...)
	a.FailNow()
}

func (a *attempt) Run(string, func(testscript.T)) { panic("a script has no scripts") }
