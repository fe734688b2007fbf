package chaos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// longest is how long a command may take before it counts as hanging.
const longest = 90 * time.Second

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
	signal os.Signal // nil: SIGKILL
	do     func()    // before the signal; without one, instead of it
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
	return fmt.Sprintf("miniboss %s: code %d after %s\n%s%s", strings.Join(o.args, " "), o.code, o.took.Round(time.Millisecond), o.stdout, o.stderr)
}

// run runs miniboss to its end.
func (w *world) run(args ...string) outcome { return w.interrupted(interruption{}, args...) }

func (w *world) interrupted(i interruption, args ...string) outcome {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	o := outcome{args: args, seen: map[string]int{}}
	all := slices.Concat(w.inside, []string{w.program}, args, []string{"--progress", "json"})
	command := exec.CommandContext(ctx, all[0], all[1:]...)
	command.Dir = w.dir
	command.Env = append(w.environ(), fmt.Sprintf("WHO=%d_%s", w.number, strings.Join(args, "_")))
	command.SysProcAttr = w.credential
	var stdout bytes.Buffer
	command.Stdout = &stdout
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
	var text strings.Builder
	for lines := bufio.NewReader(stderr); ; {
		line, err := lines.ReadString('\n')
		text.WriteString(line)
		var event struct{ Phase string }
		if json.Unmarshal([]byte(line), &event) == nil {
			o.seen[event.Phase]++
			if event.Phase == i.at.phase && o.seen[event.Phase] == i.at.n {
				interrupt(i)
				if i.then != nil {
					i = *i.then
				}
			}
		}
		if err != nil {
			break
		}
	}
	_ = command.Wait() // its exit code tells
	o.took = time.Since(began)
	o.hung = ctx.Err() != nil
	o.code, o.stdout, o.stderr = command.ProcessState.ExitCode(), stdout.String(), text.String()
	if kills {
		// A process that has ended can be sent a signal until it is waited for.
		o.came = o.code == -1 && !o.hung
	}
	return o
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
