package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime"
)

// The elements of JUnit's XML, as the servers that build read it.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp string      `xml:"timestamp,attr"`
		File      string      `xml:"file,attr,omitempty"`
		Cases     []junitCase `xml:"testcase"`
		Output    *junitText  `xml:"system-out"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Skipped *junitProblem `xml:"skipped"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// writeJUnit writes results to a file. What a test's own code makes fail is a
// failure, what keeps it from running an error. hide takes what is secret out of a
// text.
func writeJUnit(path, group string, began time.Time, all runtime.TestReport, hide func(string) string) error {
	document := junitSuites{Name: group}
	for _, s := range all.Suites {
		if !s.Began.IsZero() {
			began = s.Began
		}
		suite := junitSuite{Name: s.Name, Timestamp: began.UTC().Format("2006-01-02T15:04:05"), File: s.Pos.File}
		if s.Output != "" {
			suite.Output = &junitText{Text: plainOutput(hide(s.Output))}
		}
		var broken *runtime.TestResult // the hook that kept the tests from running
		for i, h := range s.Hooks {
			if h.Name != "tearDown" {
				broken = &s.Hooks[i]
			}
		}
		for _, t := range s.Tests {
			c := junitCase{Name: t.Name}
			switch {
			case t.Status == runtime.TestSkipped:
				c.Skipped = &junitProblem{Message: t.Reason}
			case t.Err != nil:
				c.Failure = problemOf(t, hide)
			case t.Status == runtime.TestFailed && broken != nil:
				c.Error = problemOf(*broken, hide)
				c.Error.Message = broken.Name + ": " + c.Error.Message
			}
			suite.add(c, s, t)
		}
		for _, h := range s.Hooks {
			if h.Name == "tearDown" {
				suite.add(junitCase{Name: h.Name, Error: problemOf(h, hide)}, s, h)
			}
		}
		suite.Time = junitTime(s.Duration)
		document.Suites = append(document.Suites, suite)
		document.Tests += suite.Tests
		document.Failures += suite.Failures
		document.Errors += suite.Errors
		document.Skipped += suite.Skipped
	}
	document.Time = junitTime(all.Duration)
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	if err := os.WriteFile(path, append([]byte(xml.Header), append(text, '\n')...), 0o644); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	return nil
}

// add adds a test, and counts it.
func (s *junitSuite) add(c junitCase, of runtime.SuiteResult, t runtime.TestResult) {
	c.Class, c.Time, c.File, c.Line = of.Name, junitTime(t.Duration), t.Pos.File, t.Pos.Line
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func problemOf(t runtime.TestResult, hide func(string) string) *junitProblem {
	p := &junitProblem{Message: plainOutput(hide(t.Err.Error())), Type: "Error", Text: plainOutput(hide(explainTest(t)))}
	if script, ok := errors.AsType[*js.Error](t.Err); ok && script.Name != "" {
		p.Type = script.Name
	}
	return p
}

func junitTime(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

var terminalCodes = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`)

// plainOutput leaves out the codes of terminals, and what XML cannot hold.
func plainOutput(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(terminalCodes.ReplaceAllString(text, ""), "�"))
}
