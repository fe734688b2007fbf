package docker

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
)

// buildLog turns what the two builders send into progress, and keeps enough of
// it to explain a failure.
type buildLog struct {
	progress func(runtime.Progress)
	steps    map[string]*buildStep // by BuildKit's digest
	current  *buildStep            // of the classic builder, which has one at a time
	broken   *buildStep
}

type buildStep struct {
	name  string
	begun bool
	done  bool
	line  string   // what came after the last line feed
	tail  []string // last lines of output
}

func newBuildLog(progress func(runtime.Progress)) *buildLog {
	if progress == nil {
		progress = func(runtime.Progress) {}
	}
	return &buildLog{progress: progress, steps: map[string]*buildStep{}}
}

// failed returns the step that failed and its last lines of output.
func (l *buildLog) failed() (string, []string) {
	step := l.broken
	if step == nil {
		step = l.current
	}
	if step == nil {
		return "", nil
	}
	step.flush(l.progress)
	return step.name, step.tail
}

func (l *buildLog) add(m message) error {
	switch {
	case m.ID == "moby.buildkit.trace" && len(m.Aux) > 0:
		var data []byte // base64 in JSON
		if err := json.Unmarshal(m.Aux, &data); err != nil {
			return err
		}
		trace, err := decodeTrace(data)
		if err != nil {
			return err
		}
		l.addTrace(trace)
	case m.Stream != "":
		l.addClassic(m.Stream)
	case m.Status != "": // the classic builder pulls a base image
		l.progress(runtime.Progress{Step: m.ID, Text: m.Status, Current: m.Progress.Current, Total: m.Progress.Total})
	}
	return nil
}

func (l *buildLog) addTrace(t trace) {
	for _, v := range t.vertexes {
		step := l.steps[v.digest]
		if step == nil {
			step = &buildStep{}
			l.steps[v.digest] = step
		}
		if v.name != "" {
			step.name = v.name
		}
		switch {
		case v.failed != "":
			// Every step that waited for the failed one says "canceled".
			if l.broken == nil && !strings.Contains(v.failed, "context canceled") {
				l.broken = step
			}
		case v.completed && !step.done:
			step.begun, step.done = true, true
			text := "done"
			if v.cached {
				text = "cached"
			}
			step.flush(l.progress)
			l.report(step, text)
		case v.started && !step.begun:
			step.begun = true
			l.report(step, "")
		}
	}
	for _, s := range t.statuses {
		if step := l.steps[s.vertex]; step != nil && s.total > 0 {
			l.progress(runtime.Progress{Step: step.name, Text: s.id, Current: s.current, Total: s.total})
		}
	}
	for _, line := range t.logs {
		if step := l.steps[line.vertex]; step != nil {
			step.write(string(line.text), l.progress)
		}
	}
}

// stepCount finds 2 and 5 in "[build 2/5] RUN make" and "Step 2/5 : RUN make".
var stepCount = lazyregexp.New(`^(?:\[(?:[^\]]* )?(\d+)/(\d+)\]|Step (\d+)/(\d+) :)`)

func (l *buildLog) report(step *buildStep, text string) {
	p := runtime.Progress{Step: step.name, Text: text}
	if found := stepCount.FindStringSubmatch(step.name); found != nil {
		p.Current, _ = strconv.ParseInt(found[1]+found[3], 10, 64)
		p.Total, _ = strconv.ParseInt(found[2]+found[4], 10, 64)
	}
	l.progress(p)
}

var classicStep = lazyregexp.New(`^(?i:step) (\d+/\d+) ?: (.+)`)

// addClassic reads the one stream in which the classic builder, and Podman,
// write steps and their output.
func (l *buildLog) addClassic(text string) {
	if found := classicStep.FindStringSubmatch(strings.TrimRight(text, "\n")); found != nil {
		if l.current != nil {
			l.current.flush(l.progress)
		}
		l.current = &buildStep{name: "[" + found[1] + "] " + found[2]}
		l.report(l.current, "")
		return
	}
	if l.current == nil {
		l.current = &buildStep{}
	}
	// " ---> Running in 0123456789ab" is the builder's own talk.
	for _, talk := range []string{" ---> ", "Removing intermediate container", "Successfully built", "Successfully tagged"} {
		if strings.HasPrefix(text, talk) {
			return
		}
	}
	l.current.write(text, l.progress)
}

// longestLine is how much of a line is kept that does not end.
const longestLine = 16 << 10

// write takes output as it comes, which may end in the middle of a line.
func (s *buildStep) write(text string, progress func(runtime.Progress)) {
	for {
		before, after, ended := strings.Cut(text, "\n")
		if s.line += before; len(s.line) > 2*longestLine {
			s.line = s.line[len(s.line)-longestLine:] // a progress bar, of which the end counts
		}
		if !ended {
			return
		}
		s.flush(progress)
		text = after
	}
}

func (s *buildStep) flush(progress func(runtime.Progress)) {
	line := s.line
	s.line = ""
	// The classic builder colours stderr red. What a progress bar of the
	// command has overwritten is left out.
	line = strings.NewReplacer("\x1b[91m", "", "\x1b[0m", "").Replace(line)
	if line = strings.TrimRight(line, "\r"); strings.Contains(line, "\r") {
		line = line[strings.LastIndex(line, "\r")+1:]
	}
	if line == "" {
		return
	}
	if s.tail = append(s.tail, line); len(s.tail) > outputTail {
		s.tail = s.tail[1:]
	}
	progress(runtime.Progress{Step: s.name, Text: line})
}
