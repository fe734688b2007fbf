package main

import (
	"encoding/json"
	"io"

	"github.com/miniboss/miniboss/runtime"
)

// jsonTests is what test --json prints. The fields are described in
// docs/tests.md.
type jsonTests struct {
	Group   string      `json:"group"`
	Status  string      `json:"status"`
	Seconds float64     `json:"seconds"`
	Suites  []jsonSuite `json:"suites"`
}

type jsonSuite struct {
	Name     string     `json:"name"`
	Class    string     `json:"class"`
	File     string     `json:"file"`
	Line     int        `json:"line"`
	Status   string     `json:"status"`
	Reason   string     `json:"reason,omitempty"`
	Seconds  float64    `json:"seconds"`
	Tests    []jsonTest `json:"tests"`
	Failed   []jsonTest `json:"failedHooks,omitempty"`
	ExitCode *int       `json:"exitCode,omitempty"`
	Output   string     `json:"output,omitempty"`
}

type jsonTest struct {
	Name    string     `json:"name"`
	Status  string     `json:"status"`
	Reason  string     `json:"reason,omitempty"`
	Seconds float64    `json:"seconds"`
	File    string     `json:"file"`
	Line    int        `json:"line"`
	Error   *jsonError `json:"error,omitempty"`
}

type jsonError struct {
	Message string `json:"message"`
	Details string `json:"details"` // as people get it
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

// writeTestJSON writes results. hide takes what is secret out of a text.
func writeTestJSON(out io.Writer, group string, all runtime.TestReport, hide func(string) string) error {
	report := jsonTests{Group: group, Status: string(runtime.TestPassed), Seconds: all.Duration.Seconds()}
	for _, s := range all.Suites {
		suite := jsonSuite{Name: s.Name, Class: s.Class, File: s.Pos.File, Line: s.Pos.Line, Status: string(s.Status), Reason: s.Reason,
			Seconds: s.Duration.Seconds(), Tests: testsJSON(s.Tests, hide), Failed: testsJSON(s.Hooks, hide), Output: hide(s.Output)}
		if s.InContainer && s.ExitCode >= 0 {
			suite.ExitCode = &s.ExitCode
		}
		if s.Status != runtime.TestPassed {
			report.Status = string(runtime.TestFailed)
		}
		report.Suites = append(report.Suites, suite)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

func testsJSON(results []runtime.TestResult, hide func(string) string) []jsonTest {
	var tests []jsonTest
	for _, r := range results {
		t := jsonTest{Name: r.Name, Status: string(r.Status), Reason: r.Reason, Seconds: r.Duration.Seconds(), File: r.Pos.File, Line: r.Pos.Line}
		if r.Err != nil {
			at, known := errorPos(r.Err)
			if !known {
				at = r.Pos
			}
			t.Error = &jsonError{Message: hide(r.Err.Error()), Details: hide(explainTest(r)), File: at.File, Line: at.Line, Column: at.Column}
		}
		tests = append(tests, t)
	}
	return tests
}
