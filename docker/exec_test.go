package docker_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func TestExec(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Env: map[string]string{"FROM": "definition"}})
	run := func(options runtime.ExecOptions) runtime.ExecResult {
		t.Helper()
		result, err := b.Exec(t.Context(), id, options)
		must(t, err)
		return result
	}
	for name, c := range map[string]struct {
		options runtime.ExecOptions
		want    runtime.ExecResult
	}{
		"stdout":    {runtime.ExecOptions{Cmd: []string{"/testserver", "echo", "hello"}}, runtime.ExecResult{Stdout: "hello\n"}},
		"stderr":    {runtime.ExecOptions{Cmd: []string{"/testserver", "warn", "beware"}}, runtime.ExecResult{Stderr: "beware\n"}},
		"exit code": {runtime.ExecOptions{Cmd: []string{"/testserver", "exit", "42"}}, runtime.ExecResult{ExitCode: 42}},
		"stdin":     {runtime.ExecOptions{Cmd: []string{"/testserver", "cat"}, Stdin: "a\nb"}, runtime.ExecResult{Stdout: "a\nb"}},
		"env": {
			runtime.ExecOptions{Cmd: []string{"/testserver", "env", "X"}, Env: map[string]string{"X": "1=2"}},
			runtime.ExecResult{Stdout: "1=2\n"},
		},
		"env of the container": {runtime.ExecOptions{Cmd: []string{"/testserver", "env", "FROM"}}, runtime.ExecResult{Stdout: "definition\n"}},
	} {
		if got := run(c.options); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	who := run(runtime.ExecOptions{Cmd: []string{"/testserver", "whoami"}, User: "app", WorkingDir: "/tmp"})
	if !strings.Contains(who.Stdout, `"uid":1000`) || !strings.Contains(who.Stdout, `"cwd":"/tmp"`) {
		t.Errorf("user and directory: %s", who.Stdout)
	}
	large := strings.Repeat("0123456789abcdef", 64<<10) // a megabyte there and back
	if got := run(runtime.ExecOptions{Cmd: []string{"/testserver", "cat"}, Stdin: large}); got.Stdout != large {
		t.Errorf("large input: %d bytes came back", len(got.Stdout))
	}
	if got := run(runtime.ExecOptions{Cmd: []string{"/no/such/program"}}); got.ExitCode < 126 || !strings.Contains(got.Stdout+got.Stderr, "/no/such/program") {
		t.Errorf("no such program: %+v", got)
	}
}

func TestExecEndsWithItsContext(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web"})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := b.Exec(ctx, id, runtime.ExecOptions{Cmd: []string{"/testserver", "sleep", "1m"}})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestExecInWhatDoesNotRun(t *testing.T) {
	b := newBench(t)
	id := b.create(spec.Definition{Name: "web"})
	_, err := b.Exec(t.Context(), id, runtime.ExecOptions{Cmd: []string{"/testserver", "echo"}})
	if err == nil || !strings.Contains(err.Error(), "the container is not running: it is created") {
		t.Error(err)
	}
	if _, err := b.Exec(t.Context(), "no-such-container", runtime.ExecOptions{Cmd: []string{"x"}}); !errors.Is(err, runtime.ErrNotFound) {
		t.Error(err)
	}
}

func TestLogs(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-print", "3", "-err", "an error", "-die-after", "1ms"}})
	b.ended(id)
	read := func(options runtime.LogOptions) string {
		t.Helper()
		reader, err := b.Logs(t.Context(), id, options)
		must(t, err)
		text, err := io.ReadAll(reader)
		must(t, err)
		must(t, reader.Close())
		return string(text)
	}
	// The engine does not keep the order between stdout and stderr.
	all := strings.Split(strings.TrimSpace(read(runtime.LogOptions{})), "\n")
	slices.Sort(all)
	if want := []string{"an error", "line 1", "line 2", "line 3"}; !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
	if tail := read(runtime.LogOptions{Tail: 2}); strings.Count(tail, "\n") != 2 {
		t.Errorf("tail: %q", tail)
	}
	if later := read(runtime.LogOptions{Since: time.Now().Add(time.Hour)}); later != "" {
		t.Errorf("since: %q", later)
	}
	if stamped := read(runtime.LogOptions{Tail: 1, Timestamps: true}); !strings.HasPrefix(stamped, "20") {
		t.Errorf("timestamps: %q", stamped)
	}
	if _, err := b.Logs(t.Context(), "no-such-container", runtime.LogOptions{}); !errors.Is(err, runtime.ErrNotFound) {
		t.Error(err)
	}
}

func TestLogsOfATerminal(t *testing.T) {
	b := newBench(t)
	b.network()
	request := strings.Replace(string(b.request(spec.Definition{Name: "web", Cmd: []string{"-print", "2", "-die-after", "1ms"}})),
		`"Config": {`, `"Config": {"Tty": true,`, 1)
	id, err := b.Create(t.Context(), b.group+"-web", []byte(request), b.labels("web"))
	must(t, err)
	must(t, b.Start(t.Context(), id))
	b.ended(id)
	if log := b.log(id); log != "line 1\r\nline 2\r\n" {
		t.Errorf("%q", log)
	}
}

func TestLogsFollow(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-repeat", "20ms"}})
	reader, err := b.Logs(t.Context(), id, runtime.LogOptions{Follow: true})
	must(t, err)
	lines := bufio.NewScanner(reader)
	for n := 0; n < 5; n++ {
		if !lines.Scan() {
			t.Fatalf("the stream ended: %v", lines.Err())
		}
	}
	must(t, b.Remove(t.Context(), id))
	for lines.Scan() { // the stream ends with the container
	}
	must(t, reader.Close())
}

func TestLogsCloseInTheMiddle(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-print", "100000"}})
	reader, err := b.Logs(t.Context(), id, runtime.LogOptions{Follow: true})
	must(t, err)
	_, err = reader.Read(make([]byte, 10))
	must(t, err)
	must(t, reader.Close()) // TestMain sees that no goroutine stays
}
