package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// testReport writes results of tests for people: each suite when its tests are
// done, and at the end what failed, and why.
type testReport struct {
	out      io.Writer
	coloured bool
	hide     func(string) string // takes what is secret out of a text
}

func newTestReport(out io.Writer, coloured bool, hide func(string) string) *testReport {
	return &testReport{out: out, coloured: coloured, hide: hide}
}

func (r *testReport) paint(colour, text string) string {
	if !r.coloured {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[m"
}

func (r *testReport) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format, args...)
}

// mark is the sign and the colour of a status.
func (r *testReport) mark(status runtime.TestStatus) string {
	switch status {
	case runtime.TestPassed:
		return r.paint("32", "✓")
	case runtime.TestFailed:
		return r.paint("31", "✗")
	}
	return r.paint("33", "-")
}

// suite writes what became of a suite.
func (r *testReport) suite(s runtime.SuiteResult) {
	switch {
	case len(s.Hooks) == 0 && s.Status == runtime.TestSkipped && s.Began.IsZero():
		r.printf("%s %s %s\n", r.mark(s.Status), s.Name, r.paint("2", "(skipped: "+s.Reason+")"))
		return
	case s.InContainer:
		r.printf("%s %s %s\n", r.mark(s.Status), s.Name, r.paint("2", "(container, "+testTime(s.Duration)+")"))
		return
	}
	r.printf("%s %s %s\n", r.mark(s.Status), s.Name, r.paint("2", "("+testTime(s.Duration)+")"))
	for _, h := range s.Hooks {
		r.printf("  %s %s %s\n", r.mark(h.Status), h.Name, r.paint("2", "("+testTime(h.Duration)+")"))
	}
	for _, t := range s.Tests {
		note := testTime(t.Duration)
		switch {
		case t.Status == runtime.TestSkipped:
			note = "skipped: " + t.Reason
		case t.Reason != "":
			note = t.Reason
		}
		r.printf("  %s %s %s\n", r.mark(t.Status), t.Name, r.paint("2", "("+note+")"))
	}
}

// shownOutput is how many of the last lines of a container are shown.
const shownOutput = 50

// end writes what failed, and the numbers.
func (r *testReport) end(all runtime.TestReport) {
	failures := 0
	for _, s := range all.Suites {
		for _, f := range failuresOf(s) {
			failures++
			title := s.Name + "/" + f.Name
			if s.InContainer && f.Name == spec.ContainerTest {
				title = s.Name
			}
			r.printf("\n%s\n%s\n", r.paint("31", "✗ "+title), indented(r.hide(explainTest(f))))
			if s.InContainer && f.Name == spec.ContainerTest {
				r.output(s)
			}
		}
	}
	var suites, tests tally
	for _, s := range all.Suites {
		suites.add(s.Status)
		for _, t := range s.Tests {
			tests.add(t.Status)
		}
	}
	r.printf("\nsuites  %s\ntests   %s\ntime    %s\n", r.tally(suites), r.tally(tests), testTime(all.Duration))
}

// output shows the end of what a container wrote.
func (r *testReport) output(s runtime.SuiteResult) {
	lines := strings.Split(strings.TrimRight(r.hide(s.Output), "\n"), "\n")
	if strings.TrimSpace(s.Output) == "" {
		if s.ExitCode >= 0 { // else it may never have run
			r.printf("  no output\n")
		}
		return
	}
	if more := len(lines) - shownOutput; more > 0 {
		r.printf("  … %s omitted (--output shows all)\n", count(more, "line"))
		lines = lines[more:]
	}
	for _, line := range lines {
		r.printf("  | %s\n", line)
	}
}

// failuresOf returns what failed by itself, and not because of something else.
func failuresOf(s runtime.SuiteResult) []runtime.TestResult {
	var failures []runtime.TestResult
	for _, list := range [][]runtime.TestResult{s.Hooks, s.Tests} {
		for _, t := range list {
			if t.Status == runtime.TestFailed && t.Err != nil {
				failures = append(failures, t)
			}
		}
	}
	return failures
}

// explainTest is explained, with the place of the method where the error has none.
func explainTest(t runtime.TestResult) string {
	text := explained(t.Err)
	if _, known := errorPos(t.Err); !known && t.Pos.Line > 0 {
		text += "\n  at " + t.Pos.String()
		if line := js.SourceLine(t.Pos); line != "" {
			text += "\n" + strings.TrimSuffix(js.Excerpt(t.Pos, line), "\n")
		}
	}
	return text
}

// errorPos returns where in the user's file an error happened.
func errorPos(err error) (spec.Position, bool) {
	var script *js.Error
	if errors.As(err, &script) && script.Pos.Line > 0 {
		return script.Pos, true
	}
	var definition *spec.DefinitionError
	if errors.As(err, &definition) && definition.Problems[0].Pos.Line > 0 {
		return definition.Problems[0].Pos, true
	}
	return spec.Position{}, false
}

func indented(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}

// tally counts by status.
type tally struct{ passed, failed, skipped int }

func (t *tally) add(status runtime.TestStatus) {
	switch status {
	case runtime.TestPassed:
		t.passed++
	case runtime.TestFailed:
		t.failed++
	case runtime.TestSkipped:
		t.skipped++
	}
}

func (r *testReport) tally(t tally) string {
	var parts []string
	for _, p := range []struct {
		n            int
		what, colour string
	}{{t.failed, "failed", "31"}, {t.skipped, "skipped", "33"}, {t.passed, "passed", "32"}} {
		if p.n > 0 {
			parts = append(parts, r.paint(p.colour, fmt.Sprintf("%d %s", p.n, p.what)))
		}
	}
	return strings.Join(parts, ", ")
}

// testTime formats how long a test took.
func testTime(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// join is errors.Join, but keeps a single error as it is.
func join(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return errors.Join(a, b)
}
