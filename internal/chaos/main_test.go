package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/miniboss/miniboss/internal/enginetest"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "miniboss-chaos-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program.path = filepath.Join(dir, "miniboss")
	return enginetest.Run(m)
}

// program is the miniboss that all tests of the process run.
var program struct {
	path string
	once sync.Once
	err  error
}

// miniboss builds the program, once, and returns its path. It has the race detector
// where the tests have it.
func miniboss(t testing.TB) string {
	t.Helper()
	program.once.Do(func() {
		command := exec.Command("go", "build", fmt.Sprintf("-race=%t", raceDetector), "-o", program.path, "github.com/miniboss/miniboss/cmd/miniboss")
		if output, err := command.CombinedOutput(); err != nil {
			program.err = fmt.Errorf("building miniboss: %w\n%s", err, output)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.path
}
