package chaos

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// longest is how long a command may take before it counts as hanging.
const longest = 90 * time.Second

// onStdout is the phase of a step that is a line of stdout, and no event.
const onStdout = "stdout"

// step is the n-th event of a phase, counted from 1.
type step struct {
	phase string
	n     int
}

// interruption sends a signal to a command: at a step, or after a time where
// the step is none. The zero value never does.
type interruption struct {
	at     step
	after  time.Duration
	signal os.Signal     // nil: SIGKILL
	do     func()        // before the signal; without one, instead of it
	limit  time.Duration // how long the command may take; 0: longest
	// then is another one, at a step, after this one.
	then *interruption
}

func (i interruption) String() string {
	switch {
	case i.at.phase != "":
		return fmt.Sprintf("at %s %d", i.at.phase, i.at.n)
	case i.after > 0:
		return "after " + i.after.String()
	}
	return "never"
}

// outcome is what a command did.
type outcome struct {
	args   []string
	code   int // -1: killed
	stdout string
	stderr string // the events as JSON, and what else was written
	seen   map[string]int
	came   bool // the interruption came before the end
	took   time.Duration
	hung   bool
}

func (o outcome) String() string {
	stdout := o.stdout
	if most := 4 << 10; len(stdout) > most {
		stdout = stdout[:most/2] + "\n…\n" + stdout[len(stdout)-most/2:]
	}
	return fmt.Sprintf("miniboss %s: code %d after %s\n%s%s", strings.Join(o.args, " "), o.code, o.took.Round(time.Millisecond), stdout, o.stderr)
}

// run runs miniboss to its end.
func (w *world) run(args ...string) outcome { return w.interrupted(interruption{}, args...) }

func (w *world) interrupted(i interruption, args ...string) outcome {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(i.limit, longest))
	defer cancel()
	o := outcome{args: args, seen: map[string]int{}}
	// The flag stands where it is ours also where the rest is a command of its own.
	all := slices.Concat(w.inside, []string{w.program, args[0], "--progress", "json"}, args[1:])
	command := exec.CommandContext(ctx, all[0], all[1:]...)
	command.Dir = w.dir
	command.Env = append(w.environ(), fmt.Sprintf("WHO=%d_%s", w.number, strings.Join(args, "_")))
	command.SysProcAttr = w.credential
	stdout, err := command.StdoutPipe()
	w.must(err)
	stderr, err := command.StderrPipe()
	w.must(err)
	kills := i.signal == nil && i.do == nil && (i.at.phase != "" || i.after > 0)
	began := time.Now()
	w.must(command.Start())
	interrupt := func(i interruption) {
		if o.came = true; i.do != nil {
			i.do()
		}
		signal := i.signal
		if signal == nil && i.do != nil {
			return
		}
		if signal == nil {
			signal = os.Kill
		}
		// It may have ended by itself.
		o.came = command.Process.Signal(signal) == nil
	}
	if i.at.phase == "" && i.after > 0 {
		timer := time.AfterFunc(i.after, func() { _ = command.Process.Kill() })
		defer timer.Stop()
	}
	var mu sync.Mutex
	happened := func(phase string) {
		mu.Lock()
		defer mu.Unlock()
		o.seen[phase]++
		if phase == i.at.phase && o.seen[phase] == i.at.n {
			interrupt(i)
			if i.then != nil {
				i = *i.then
			}
		}
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		o.stdout = eachLine(stdout, func(string) { happened(onStdout) })
	})
	o.stderr = eachLine(stderr, func(line string) {
		var event struct{ Phase string }
		if json.Unmarshal([]byte(line), &event) == nil {
			happened(event.Phase)
		}
	})
	reading.Wait()
	delete(o.seen, onStdout) // which is no step of its work
	_ = command.Wait()       // its exit code tells
	o.took = time.Since(began)
	o.hung = ctx.Err() != nil
	if strings.Contains(o.stderr, "WARNING: DATA RACE") { // also of one that was killed then
		w.Errorf("a race in %s", o)
	}
	o.code = command.ProcessState.ExitCode()
	if kills {
		// A process that has ended can be sent a signal until it is waited for.
		o.came = o.code == -1 && !o.hung
	}
	return o
}

// eachLine reads to the end, and returns it all.
func eachLine(from io.Reader, each func(string)) string {
	var text strings.Builder
	for lines := bufio.NewReader(from); ; {
		line, err := lines.ReadString('\n')
		text.WriteString(line)
		if line != "" {
			each(line)
		}
		if err != nil {
			return text.String()
		}
	}
}

// services returns those that an event of a phase tells of.
func (o outcome) services(phase string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(o.stderr) {
		var event struct{ Phase, Service string }
		if json.Unmarshal([]byte(line), &event) == nil && event.Phase == phase {
			found[event.Service] = true
		}
	}
	return found
}
