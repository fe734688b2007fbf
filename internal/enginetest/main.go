// Package enginetest is the kit of the tests that want a real engine: it
// connects, hands out names that nothing else has, and takes everything that a
// test made off the engine again. It asks the engine directly, not through the
// code under test.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { os.Exit(enginetest.Run(m)) }
package enginetest

import (
	"fmt"
	"os"
	"sync/atomic"

	"go.uber.org/goleak"
)

// Run runs the tests, removes the test server's image unless another process
// still uses it, and checks that no goroutine is left. It returns the exit
// code. m is a *testing.M, or what testscript.Main wants to be given.
func Run(m interface{ Run() int }) int {
	process.running.Store(true)
	code := m.Run()
	if err := process.image.release(); err != nil {
		fmt.Fprintln(os.Stderr, "enginetest:", err)
		code = max(code, 1)
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, "enginetest:", err)
			return 1
		}
	}
	return code
}

// Wrap returns m with Run around it, for testscript.Main.
func Wrap(m interface{ Run() int }) interface{ Run() int } { return wrapped{m} }

type wrapped struct{ m interface{ Run() int } }

func (w wrapped) Run() int { return Run(w.m) }

// process is what the tests of one process share.
var process struct {
	running atomic.Bool
	image   serverImage
}
