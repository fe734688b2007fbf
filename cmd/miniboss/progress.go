package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// progress returns the sink that shows events in the form that --progress
// names. All forms write to stderr: stdout is for results.
func (a *app) progress(form string) (runtime.Sink, error) {
	switch form {
	case "auto", "plain":
		return newPlainProgress(a.stderr).show, nil
	case "json":
		return newJSONProgress(a.stderr), nil
	case "quiet":
		return newQuietProgress(a.stderr), nil
	}
	return nil, &runtime.UsageError{
		Message: fmt.Sprintf("--progress %q is not known", form),
		Advice:  "it is one of auto, plain, json and quiet",
	}
}

// plainProgress writes one line an event.
type plainProgress struct {
	out  io.Writer
	seen map[string]bool // lines of what repeats itself that were written
}

func newPlainProgress(out io.Writer) *plainProgress {
	return &plainProgress{out: out, seen: map[string]bool{}}
}

func (p *plainProgress) show(e runtime.Event) {
	if e.Phase == runtime.PhaseQueued {
		return // every service is about to be heard of
	}
	text := plainText(e)
	// What repeats itself many times a second, also in turns, is told once.
	if e.Phase == runtime.PhasePinging || e.Progress != nil {
		key := e.Service + " " + text
		if text == "" || p.seen[key] {
			return
		}
		p.seen[key] = true
	}
	prefix := ""
	if e.Service != "" {
		prefix = e.Service + ": "
		// The line says already whose error it is.
		text = strings.Replace(text, fmt.Sprintf(": service %q: ", e.Service), ": ", 1)
	}
	_, _ = fmt.Fprintf(p.out, "%s%s\n", prefix, indent(text))
	for _, line := range e.Logs {
		_, _ = fmt.Fprintf(p.out, "%slog | %s\n", prefix, line)
	}
}

// plainText says what an event is in one line, or more for errors.
func plainText(e runtime.Event) string {
	switch e.Phase {
	case runtime.PhaseOutput:
		return e.Cause
	case runtime.PhaseNotice:
		return e.Cause
	case runtime.PhaseWarning:
		return "warning: " + e.Cause
	case runtime.PhaseError:
		return "error: " + explain(e.Err)
	case runtime.PhaseFailed:
		return "failed after " + shortTime(e.Duration) + ": " + explain(e.Err)
	case runtime.PhaseReady:
		return fmt.Sprintf("ready in %s (%s)", shortTime(e.Duration), e.Cause)
	case runtime.PhaseUnchanged:
		return "unchanged (" + e.Cause + ")"
	case runtime.PhaseReplacing:
		return "replacing: " + e.Cause
	case runtime.PhasePulled, runtime.PhaseBuilt:
		return fmt.Sprintf("%s %s in %s", e.Phase, e.Cause, shortTime(e.Duration))
	case runtime.PhaseStopped:
		return "stopped in " + shortTime(e.Duration)
	case runtime.PhaseSkipped:
		return "skipped: " + e.Cause
	case runtime.PhaseWaiting:
		return "waiting for " + e.Cause
	case runtime.PhasePulling, runtime.PhaseBuilding:
		if e.Progress != nil {
			return imageProgress(e)
		}
	case runtime.PhasePinging:
		if e.Cause == "" {
			return "pinging"
		}
		return "pinging: last: " + e.Cause
	}
	switch {
	case e.Cause == "":
		return string(e.Phase)
	case e.Phase == runtime.PhaseRemoved && e.Service != "":
		return "removed: " + e.Cause
	}
	return string(e.Phase) + " " + e.Cause
}

// imageProgress tells of the steps of a pull or a build, without the counting
// of bytes and without the output, which is shown where it fails.
func imageProgress(e runtime.Event) string {
	p := e.Progress
	if p.Step == "" {
		return ""
	}
	text := fmt.Sprintf("%s %s", e.Phase, p.Step)
	if e.Phase == runtime.PhasePulling && p.Text != "" {
		text += " " + p.Text
	}
	return text
}

// indent keeps the further lines of a text under its first.
func indent(text string) string {
	text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
	return strings.ReplaceAll(text, "\n  \n", "\n\n")
}

func shortTime(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// newQuietProgress shows what failed, and warnings, and nothing else.
func newQuietProgress(out io.Writer) runtime.Sink {
	plain := newPlainProgress(out)
	return func(e runtime.Event) {
		switch e.Phase {
		case runtime.PhaseFailed, runtime.PhaseSkipped, runtime.PhaseError, runtime.PhaseWarning, runtime.PhaseOutput:
			plain.show(e)
		}
	}
}

// jsonEvent is an event as --progress json writes it, one a line.
type jsonEvent struct {
	Time     time.Time     `json:"time"`
	Service  string        `json:"service,omitempty"`
	Phase    runtime.Phase `json:"phase"`
	Cause    string        `json:"cause,omitempty"`
	Seconds  float64       `json:"seconds,omitempty"`
	Attempt  int           `json:"attempt,omitempty"`
	Progress *jsonProgress `json:"progress,omitempty"`
	Error    string        `json:"error,omitempty"`
	Logs     []string      `json:"logs,omitempty"`
}

type jsonProgress struct {
	Step    string `json:"step,omitempty"`
	Text    string `json:"text,omitempty"`
	Current int64  `json:"current,omitempty"`
	Total   int64  `json:"total,omitempty"`
}

func newJSONProgress(out io.Writer) runtime.Sink {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return func(e runtime.Event) {
		line := jsonEvent{Time: e.Time, Service: e.Service, Phase: e.Phase, Cause: e.Cause,
			Seconds: e.Duration.Seconds(), Attempt: e.Attempt, Logs: e.Logs}
		if e.Progress != nil {
			line.Progress = &jsonProgress{Step: e.Progress.Step, Text: e.Progress.Text, Current: e.Progress.Current, Total: e.Progress.Total}
		}
		if e.Err != nil {
			line.Error = explain(e.Err)
		}
		_ = encoder.Encode(line)
	}
}
