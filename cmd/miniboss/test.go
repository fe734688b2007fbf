package main

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) testCommand(g *globals) *cobra.Command {
	var o runtime.TestOptions
	var grep, junit string
	var asJSON, output bool
	cmd := &cobra.Command{
		Use:     "test [FILE] [SUITE…]",
		GroupID: groupRun,
		Short:   "run test suites, with the services they need",
		Long: `test starts the services that the suites need, with what these depend on, runs the
suites, and leaves the services as it found them: running services keep running,
stopped ones are stopped again, and absent ones are removed. Each suite runs after
the suites it depends on have passed; independent suites run side by side.

A named suite runs with the suites it depends on. The exit code is 1 if anything
failed, or was skipped because of a failure.`,
		Example: `  miniboss test
  miniboss test todos --keep           keep the services running afterwards
  miniboss test --grep 'todos/testAdd'
  miniboss test --junit results.xml    for your CI server`,
		ValidArgsFunction: a.completeNames(g, anyNumber, suites),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			o.Suites = names
			if grep != "" {
				if o.Grep, err = regexp.Compile(grep); err != nil {
					return &spec.UsageError{Message: "--grep: " + err.Error(), Advice: "use a regular expression, with a backslash before a literal dot or bracket"}
				}
			}
			return a.withSession(cmd.Context(), g, path, func(s *session) error {
				return s.test(cmd.Context(), o, junit, asJSON, output)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&grep, "grep", "", "run only tests whose SUITE/TEST matches the regular expression `REGEXP`, and the suites they depend on")
	completeFlag(cmd, "grep", cobra.NoFileCompletions)
	flags.BoolVar(&o.Keep, "keep", false, "do not restore the services after the tests")
	flags.BoolVar(&o.Serial, "serial", false, "run one suite at a time")
	flags.BoolVar(&asJSON, "json", false, "print the results as JSON")
	flags.StringVar(&junit, "junit", "", "also write the results to `FILE` as JUnit XML")
	flags.BoolVar(&output, "output", false, "show the output of suites in containers as it arrives")
	networkFlag(cmd, &o.Start.NetworkName)
	secondsVar(flags, &o.Start.Timeout, "timeout", 300*time.Second, "how long to wait for a service to become ready, and for each other hook and test")
	secondsVar(flags, &o.Start.Settle, "settle", time.Second, "how long a service without a ping or healthcheck must stay up")
	return cmd
}

// suites returns the names of the file's suites, for completion.
func suites(file *js.File) []cobra.Completion {
	var names []cobra.Completion
	for _, s := range file.Suites {
		what := s.Loaded.Image
		if !s.Loaded.InContainer {
			what = count(len(s.Tests), "test")
		}
		names = append(names, cobra.CompletionWithDesc(s.Name, what))
	}
	return names
}

// count says how many there are of something: 1 test, 2 tests.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func (s *session) test(ctx context.Context, o runtime.TestOptions, junit string, asJSON, output bool) error {
	began := time.Now()
	report := newTestReport(s.app.stdout, s.app.coloured(s.app.stdout), s.app.hide)
	o.Graph = s.file.Tests
	o.OnStop = s.file.OnStop
	o.Start.OnStart = func(ctx context.Context, names []string) error {
		err := s.file.OnStart(ctx, names)
		s.shown() // from here on there are results
		return err
	}
	if output {
		o.Output = func(suite, line string) {
			s.show(runtime.Event{Time: time.Now(), Suite: suite, Phase: runtime.PhaseOutput, Cause: s.app.hide(line)})
		}
	}
	if !asJSON {
		o.Report = func(suite runtime.SuiteResult) {
			s.shown()
			report.suite(suite)
		}
		o.Done = func(all runtime.TestReport) {
			s.shown()
			report.end(all)
		}
	}
	all, err := s.runner.Test(ctx, o)
	if all.Suites == nil {
		return err // nothing was run
	}
	if asJSON {
		s.shown()
		err = join(err, writeTestJSON(s.app.stdout, s.runner.Group, all, s.app.hide))
	}
	if junit != "" {
		err = join(err, writeJUnit(junit, s.runner.Group, began, all, s.app.hide))
	}
	return err
}
