package runtime

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// TestOptions says what Test runs.
type TestOptions struct {
	Graph  *spec.SuiteGraph
	Suites []string       // as named; none: all
	Grep   *regexp.Regexp // on "suite/test"; nil: all
	Serial bool           // one suite after the other
	Keep   bool           // leave the services that were started, as they are
	// Output gets what suites in containers write, as it comes, whole lines;
	// may be nil.
	Output func(suite, line string)
	// Start is how services are started; its selection is made here. Its
	// Timeout is also that of each method of a suite.
	Start StartOptions
	// OnStop is called with the names of the services that are stopped again.
	OnStop func(ctx context.Context, names []string) error
	// Report gets each suite when its tests are done, before its tearDown. It
	// is called from one goroutine at a time; may be nil.
	Report func(SuiteResult)
	// Done is called when all suites are, before the services are put back; may
	// be nil.
	Done func(TestReport)
}

// TestStatus is what became of a test or suite.
type TestStatus string

// The statuses. They are part of the JSON output.
const (
	TestPassed  TestStatus = "passed"
	TestFailed  TestStatus = "failed"
	TestSkipped TestStatus = "skipped" // Reason says why
)

// TestResult is what became of a test, or of setUp, tearDown or constructor.
type TestResult struct {
	Name     string
	Status   TestStatus
	Reason   string // why it was skipped, or failed without an error of its own
	Err      error
	Pos      spec.Position // of the method
	Duration time.Duration
}

// SuiteResult is what became of a suite.
type SuiteResult struct {
	Name, Class string
	Pos         spec.Position
	Status      TestStatus
	Reason      string       // why it was skipped
	Tests       []TestResult // in order
	Hooks       []TestResult // setUp, tearDown or constructor, where they failed
	Began       time.Time
	Duration    time.Duration
	InContainer bool
	ExitCode    int    // of the container; -1: it did not come to an end
	Output      string // of the container, the last of it where it is long
}

// TestReport is what became of all suites.
type TestReport struct {
	Suites   []SuiteResult // in the order in which they depend on each other
	Duration time.Duration
}

// ErrTestsFailed is wrapped by the error of Test where tests failed.
var ErrTestsFailed = fmt.Errorf("tests %w", ErrFailed)

// Test starts the services that the suites need, runs the suites, each after
// those that it depends on have passed, and leaves the services as it found
// them. The error wraps ErrFailed where a test, a suite or a service failed, or
// a skipped suite is all that is left of one; it is a cause of ctx where ctx
// ended, and then too the report has what was done, tearDown was called where
// setUp had begun, and the services are as they were.
func (r *Runner) Test(ctx context.Context, o TestOptions) (report TestReport, err error) {
	began := time.Now()
	chosen, err := o.choose()
	if err != nil {
		return TestReport{}, err
	}
	outer := ctx
	ctx, stop := r.guard(ctx)
	defer stop()
	var needed []string
	for _, c := range chosen {
		needed = append(needed, c.Services...)
	}
	needed = r.Graph.WithDependencies(needed...)
	found, err := r.find(ctx, needed)
	if err != nil {
		return TestReport{}, err
	}
	err = r.startFor(ctx, o, needed)
	if err == nil || errors.Is(err, ErrFailed) && ctx.Err() == nil {
		var failed *FailedError
		errors.As(err, &failed)
		run := &testRun{Runner: r, o: o, failedServices: failed.names()}
		report.Suites = run.walk(ctx, chosen)
		report.Duration = time.Since(began)
		if o.Done != nil {
			o.Done(report)
		}
		err = errors.Join(err, report.failure())
	}
	if !o.Keep {
		err = errors.Join(err, r.putBack(outer, o, found))
	}
	if ctx.Err() != nil && !errors.Is(err, context.Cause(ctx)) {
		err = errors.Join(context.Cause(ctx), err)
	}
	return report, err
}

// startFor starts what the suites need. What failed of it is in the error.
func (r *Runner) startFor(ctx context.Context, o TestOptions, services []string) error {
	if len(services) == 0 {
		return ctx.Err() // no selection would mean all
	}
	start := o.Start
	start.Selection = spec.Selection{Services: services}
	return r.Start(ctx, start)
}

// failure is the error that says which suites failed, or nil.
func (t TestReport) failure() error {
	var failed []string
	for _, s := range t.Suites {
		if s.Status == TestFailed { // that others were skipped has its error elsewhere
			failed = append(failed, s.Name)
		}
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("suite %s: %w", failed[0], ErrTestsFailed)
	}
	return fmt.Errorf("suites %s: %w", strings.Join(failed, ", "), ErrTestsFailed)
}

// chosenSuite is a suite that is to be run, with the tests of it.
type chosenSuite struct {
	*spec.Suite
	tests []string
}

// choose returns the suites to run, those that others depend on first.
func (o TestOptions) choose() ([]chosenSuite, error) {
	names := o.Graph.Names()
	if len(names) == 0 {
		return nil, &spec.UsageError{Message: "the file has no suites", Advice: `export class Todos extends Suite { name = "todos"; services = ["todo"]; async testAdd() { … } }`}
	}
	for _, name := range o.Suites {
		if o.Graph.Suite(name) == nil {
			advice := spec.DidYouMean(name, names)
			if advice == "" {
				advice = "the file's suites: " + strings.Join(names, ", ")
			}
			return nil, &spec.UsageError{Message: fmt.Sprintf("there is no suite %q", name), Advice: advice}
		}
	}
	wanted := o.Suites
	if len(wanted) == 0 {
		wanted = names
	}
	matching := map[string][]string{}
	var roots []string
	for _, name := range o.Graph.WithDependencies(wanted...) {
		for _, test := range o.Graph.Suite(name).TestNames() {
			if o.Grep == nil || o.Grep.MatchString(name+"/"+test) {
				matching[name] = append(matching[name], test)
			}
		}
		if len(matching[name]) > 0 && slices.Contains(wanted, name) {
			roots = append(roots, name)
		}
	}
	if len(roots) == 0 {
		return nil, &spec.UsageError{Message: fmt.Sprintf("no test matches %s", o.Grep), Advice: "the pattern must match SUITE/TEST, such as " + wanted[0] + "/" + o.Graph.Suite(wanted[0]).TestNames()[0]}
	}
	order := o.Graph.WithDependencies(roots...)
	needed := map[string]bool{}
	for _, name := range order {
		for _, d := range o.Graph.Suite(name).DependsOn {
			needed[d] = true
		}
	}
	var chosen []chosenSuite
	for _, name := range order {
		s := o.Graph.Suite(name)
		tests := matching[name]
		if needed[name] {
			tests = s.TestNames() // the others need all that it does
		}
		chosen = append(chosen, chosenSuite{Suite: s, tests: tests})
	}
	return chosen, nil
}
