package display

import (
	"fmt"
	"io"
	"strings"

	"github.com/miniboss/miniboss/runtime"
)

// plain writes one line an event.
type plain struct {
	out     io.Writer
	explain func(error) string
	seen    map[string]bool // lines of what repeats itself that were written
}

func newPlain(out io.Writer, explain func(error) string) runtime.Sink {
	p := &plain{out: out, explain: explain, seen: map[string]bool{}}
	return p.show
}

// newQuiet shows what failed, warnings and what hooks say, and nothing else.
func newQuiet(out io.Writer, explain func(error) string) runtime.Sink {
	show := newPlain(out, explain)
	return func(e runtime.Event) {
		switch e.Phase {
		case runtime.PhaseFailed, runtime.PhaseSkipped, runtime.PhaseError, runtime.PhaseWarning, runtime.PhaseOutput:
			show(e)
		}
	}
}

func (p *plain) show(e runtime.Event) {
	if e.Phase == runtime.PhaseQueued {
		return // every service is about to be heard of
	}
	// What repeats itself many times a second, also in turns, is told once.
	if e.Phase == runtime.PhasePinging || e.Progress != nil {
		text := plainText(e, p.explain)
		key := e.Service + " " + text
		if e.Hint != "" {
			key = e.Service + " hint " + e.Hint // said once, whatever the reason is just now
		}
		if text == "" || p.seen[key] {
			return
		}
		p.seen[key] = true
	}
	_, _ = io.WriteString(p.out, plainLines(e, p.explain))
}

// plainLines returns what is written about an event: lines, each with its end.
func plainLines(e runtime.Event, explain func(error) string) string {
	text := plainText(e, explain)
	prefix := ""
	if e.Suite != "" {
		prefix = e.Suite + ": "
	}
	if e.Service != "" {
		prefix = e.Service + ": "
		// The line says already whose error it is.
		text = strings.Replace(text, fmt.Sprintf(": service %q: ", e.Service), ": ", 1)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n", prefix, indent(text))
	for _, line := range e.Logs {
		fmt.Fprintf(&b, "%slog | %s\n", prefix, line)
	}
	return b.String()
}

// plainText says what an event is in one line, or more for errors.
func plainText(e runtime.Event, explain func(error) string) string {
	switch e.Phase {
	case runtime.PhaseOutput, runtime.PhaseNotice:
		return e.Cause
	case runtime.PhaseWarning:
		return "warning: " + e.Cause
	case runtime.PhaseError:
		return "error: " + explain(e.Err)
	case runtime.PhaseFailed:
		text := "failed after " + shortTime(e.Duration) + ": " + explain(e.Err)
		if e.Running {
			text += "\nits old container is still running"
		}
		return text
	case runtime.PhaseReady:
		return fmt.Sprintf("ready in %s (%s)", shortTime(e.Duration), e.Cause)
	case runtime.PhaseUnchanged:
		return "unchanged (" + e.Cause + ")"
	case runtime.PhaseReplacing:
		return "replacing: " + e.Cause
	case runtime.PhasePulled, runtime.PhaseBuilt:
		return fmt.Sprintf("%s %s in %s", e.Phase, e.Image, shortTime(e.Duration))
	case runtime.PhaseStopped:
		return "stopped in " + shortTime(e.Duration)
	case runtime.PhaseSkipped:
		if e.Running {
			return "still running (skipped: " + e.Cause + ")"
		}
		return "skipped: " + e.Cause
	case runtime.PhaseStopping:
		if e.Cause != "" {
			return e.Cause
		}
	case runtime.PhaseWaiting:
		return "waiting for " + strings.Join(e.WaitsFor, ", ")
	case runtime.PhasePulling, runtime.PhaseBuilding:
		if e.Progress != nil {
			return imageText(e)
		}
		return fmt.Sprintf("%s %s (%s)", e.Phase, e.Image, e.Cause)
	case runtime.PhasePinging:
		text := "pinging"
		switch {
		case stillWaiting(e.Lasting, e.Hint):
			text = "still waiting: " + e.Cause
			if e.Lasting {
				text += " (this rarely fixes itself)"
			}
		case e.Cause != "":
			text += ": last: " + e.Cause
		}
		if e.Hint != "" {
			text += "\nhint: " + e.Hint
		}
		return text
	}
	switch {
	case e.Cause == "":
		return string(e.Phase)
	case e.Phase == runtime.PhaseRemoved && e.Service != "":
		return "removed: " + e.Cause
	}
	return string(e.Phase) + " " + e.Cause
}

// stillWaiting tells whether more is known of why a service does not answer than
// that it is not ready yet.
func stillWaiting(lasting bool, hint string) bool { return lasting || hint != "" }

// imageText tells of the steps of a pull or a build, without the counting of
// bytes and without the output, which is shown where it fails.
func imageText(e runtime.Event) string {
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
