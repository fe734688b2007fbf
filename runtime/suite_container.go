package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// ExitCodeError says that a container ended with another exit code than 0.
type ExitCodeError struct{ ExitCode int }

func (e *ExitCodeError) Error() string { return fmt.Sprintf("exit code %d", e.ExitCode) }

// container runs the container of a suite on the group's network.
func (t *testRun) container(ctx context.Context, n *suiteNode, timeout time.Duration) error {
	d, err := t.containerOf(ctx, n.Suite)
	if err != nil {
		return err
	}
	timedOut := &HookTimeoutError{Timeout: timeout}
	timed, cancel := context.WithTimeoutCause(ctx, timeout, timedOut)
	defer cancel()
	network, err := t.suiteNetwork(timed)
	if err != nil {
		return err
	}
	container := ContainerSpec{Definition: d.Definition, NetworkName: network.Name, OneOff: &OneOff{}}
	container.Definition.StopSignal = "SIGTERM"
	request, err := t.request(timed, &spec.Service{Name: n.Name}, container, timeout)
	if err != nil {
		return err
	}
	if request, err = network.byID(request); err != nil {
		return err
	}
	output := &tail{}
	if t.o.Output != nil {
		output.line = func(line string) { t.o.Output(n.Name, line) }
	}
	one := oneOff{owner: n.Name, class: n.Class, pos: n.FieldPos, definition: d.Definition, request: request, streams: Streams{Stdout: output, Stderr: output}}
	code, err := one.run(timed, t.Runner)
	n.result.Output = output.String()
	switch {
	case errors.Is(context.Cause(timed), timedOut):
		return timedOut
	case err != nil:
		return err
	}
	n.result.ExitCode = code
	if code != 0 {
		return &ExitCodeError{ExitCode: code}
	}
	return nil
}

// suiteNetwork returns the network of the group, which it makes where no
// service has.
func (t *testRun) suiteNetwork(ctx context.Context) (Network, error) {
	name := t.o.Start.NetworkName
	if name == "" {
		name = NetworkName(t.Group)
	}
	t.networking.Lock() // two suites must not make it twice
	defer t.networking.Unlock()
	network, err := t.Engine.Network(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return t.Engine.CreateNetwork(ctx, name, t.groupLabels())
	case err != nil || len(network.Twins) == 0:
		return network, err
	}
	containers, err := t.Engine.Containers(ctx, Selector{Group: t.Group})
	return mostUsed(network, containers), err
}

// mostOutput is how much of a container's output is kept: its end, which says
// what failed.
const mostOutput = 256 << 10

// tail keeps the end of an output, and hands its lines on.
type tail struct {
	line func(string) // may be nil

	mu   sync.Mutex
	kept []byte
	cut  bool
	rest []byte // of a line that has not ended
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if len(t.kept) > 2*mostOutput {
		t.kept, t.cut = append([]byte(nil), t.kept[len(t.kept)-mostOutput:]...), true
	}
	if t.line == nil {
		return len(p), nil
	}
	t.rest = append(t.rest, p...)
	for {
		line, rest, whole := bytes.Cut(t.rest, []byte("\n"))
		if !whole && len(line) < mostOutput {
			return len(p), nil
		}
		t.line(strings.TrimSuffix(string(line), "\r"))
		t.rest = append([]byte(nil), rest...)
	}
}

// String returns what was kept, from the beginning of a line on.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.line != nil && len(t.rest) > 0 {
		t.line(string(t.rest))
		t.rest = nil
	}
	kept := t.kept
	if len(kept) > mostOutput {
		kept = kept[len(kept)-mostOutput:]
	}
	if t.cut || len(kept) < len(t.kept) {
		if i := bytes.IndexByte(kept, '\n'); i >= 0 {
			kept = kept[i+1:]
		}
		return "…\n" + strings.ToValidUTF8(string(kept), "�")
	}
	return strings.ToValidUTF8(string(kept), "�")
}
