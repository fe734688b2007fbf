package runtime

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// testRun is one run of suites.
type testRun struct {
	*Runner
	o              TestOptions
	failedServices []string  // those that failed, then those that were skipped
	turns          semaphore // nil: as many as there are
	reporting      sync.Mutex
	networking     sync.Mutex
}

// suiteNode is a suite that is being run.
type suiteNode struct {
	chosenSuite
	before     *suiteNode // the one that goes first where they run one after the other
	deps       []*suiteNode
	dependants []*suiteNode
	timeout    time.Duration
	result     SuiteResult
	done       chan struct{} // closed when its tests are; result.Status is set before
	over       chan struct{} // closed when its tearDown is done too
}

// tearDownLimit is how long a suite's tearDown may take when the user has
// interrupted the run.
const tearDownLimit = 10 * time.Second

// walk runs suites, each as soon as those that it depends on have passed.
func (t *testRun) walk(ctx context.Context, chosen []chosenSuite) []SuiteResult {
	if t.o.Serial {
		t.turns = newSemaphore(1)
	}
	byName := map[string]*suiteNode{}
	nodes := make([]*suiteNode, len(chosen))
	for i, c := range chosen {
		n := &suiteNode{chosenSuite: c, done: make(chan struct{}), over: make(chan struct{})}
		n.result = SuiteResult{Name: c.Name, Class: c.Class, Pos: c.Pos, InContainer: c.Loaded.InContainer, ExitCode: -1}
		byName[c.Name], nodes[i] = n, n
		if t.o.Serial && i > 0 {
			n.before = nodes[i-1]
		}
		for _, d := range c.DependsOn {
			n.deps = append(n.deps, byName[d]) // which stands before it
			byName[d].dependants = append(byName[d].dependants, n)
		}
	}
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() { t.visit(ctx, n) })
	}
	all.Wait()
	results := make([]SuiteResult, len(nodes))
	for i, n := range nodes {
		results[i] = n.result
	}
	return results
}

// visit runs one suite: its tests, and when its dependants are over, its
// tearDown.
func (t *testRun) visit(ctx context.Context, n *suiteNode) {
	defer close(n.over)
	setUp := false
	reason := t.mayRun(ctx, n)
	if reason == "" {
		t.inTurn(func() { setUp = t.run(ctx, n) })
	} else {
		n.skip(reason)
	}
	n.result.Status = n.status()
	t.reporting.Lock()
	if t.o.Report != nil {
		t.o.Report(n.result)
	}
	t.reporting.Unlock()
	close(n.done)
	for _, d := range n.dependants {
		<-d.over
	}
	if setUp && n.TearDown != nil {
		t.tearDown(ctx, n)
	}
}

// mayRun waits for the suites that a suite depends on, and returns why it
// cannot run, or "".
func (t *testRun) mayRun(ctx context.Context, n *suiteNode) string {
	if n.before != nil {
		<-n.before.done
	}
	for _, name := range t.failedServices {
		if slices.Contains(t.Graph.WithDependencies(n.Services...), name) {
			return "service " + name + " failed"
		}
	}
	for _, d := range n.deps {
		<-d.done // which is soon where ctx ends
		if ctx.Err() != nil {
			return t.interruption()
		}
		switch d.result.Status {
		case TestFailed:
			return "suite " + d.Name + " failed"
		case TestSkipped:
			return "suite " + d.Name + " was skipped"
		}
	}
	if ctx.Err() != nil {
		return t.interruption()
	}
	return ""
}

// inTurn does something at once, or when it is its turn.
func (t *testRun) inTurn(do func()) {
	if t.turns == nil {
		do()
		return
	}
	_ = t.turns.do(context.Background(), func() error { do(); return nil }) // who is before it ends with the run
}

// skip notes that the rest of the suite's tests are not run.
func (n *suiteNode) skip(reason string) {
	n.result.Reason = reason
	for _, name := range n.tests[len(n.result.Tests):] {
		n.result.Tests = append(n.result.Tests, TestResult{Name: name, Status: TestSkipped, Reason: reason, Pos: n.FieldPos(name)})
	}
}

func (n *suiteNode) status() TestStatus {
	status := TestPassed
	for _, r := range slices.Concat(n.result.Hooks, n.result.Tests) {
		switch r.Status {
		case TestFailed:
			return TestFailed
		case TestSkipped:
			status = TestSkipped
		}
	}
	return status
}

// run runs a suite's setUp and tests. It returns true where setUp was begun.
func (t *testRun) run(ctx context.Context, n *suiteNode) (setUp bool) {
	n.result.Began = time.Now()
	defer func() { n.result.Duration = time.Since(n.result.Began) }()
	definition, err := t.makeSuite(ctx, n.Suite)
	if err != nil {
		t.unable(ctx, n, "constructor", err, time.Since(n.result.Began))
		return false
	}
	timeout := definition.Timeout
	if timeout == 0 {
		timeout = t.o.Start.Timeout
	}
	n.timeout = timeout
	if n.SetUp != nil {
		began := time.Now()
		if err := t.call(ctx, timeout, n.SetUp); err != nil {
			t.unable(ctx, n, "setUp", err, time.Since(began))
			return true
		}
	}
	for _, name := range n.tests {
		if ctx.Err() != nil || t.scriptDead() {
			n.skip(t.interruption())
			break
		}
		began := time.Now()
		result := TestResult{Name: name, Status: TestPassed, Pos: n.FieldPos(name)}
		if definition.InContainer {
			result.Pos = n.FieldPos("image")
			err = t.container(ctx, n, timeout)
		} else {
			err = t.call(ctx, timeout, func(ctx context.Context) error { return n.Test(ctx, name) })
		}
		result.Duration = time.Since(began)
		if err != nil {
			if ctx.Err() != nil && !t.scriptDead() {
				n.skip(t.interruption())
				break
			}
			result.Status, result.Err = TestFailed, err
		}
		n.result.Tests = append(n.result.Tests, result)
	}
	return true
}

// scriptDead reports whether the file's code can no longer run.
func (r *Runner) scriptDead() bool {
	select {
	case <-r.ScriptDead:
		return true
	default:
		return false
	}
}

// interruption says why the run ends.
func (t *testRun) interruption() string {
	if t.scriptDead() {
		return "the file's code can no longer run"
	}
	return "interrupted"
}

// unable notes that a suite's tests cannot be run because of a hook.
func (t *testRun) unable(ctx context.Context, n *suiteNode, hook string, err error, took time.Duration) {
	if ctx.Err() != nil && !t.scriptDead() {
		n.skip(t.interruption())
		return
	}
	n.result.Hooks = append(n.result.Hooks, TestResult{Name: hook, Status: TestFailed, Err: err, Pos: n.FieldPos(hook), Duration: took})
	for _, name := range n.tests {
		n.result.Tests = append(n.result.Tests, TestResult{Name: name, Status: TestFailed, Reason: hook + " failed", Pos: n.FieldPos(name)})
	}
}

// tearDown undoes what a suite's setUp has done, also when the user has
// interrupted the run.
func (t *testRun) tearDown(ctx context.Context, n *suiteNode) {
	timeout := n.timeout
	if ctx.Err() != nil {
		if t.scriptDead() {
			return
		}
		ctx, timeout = context.WithoutCancel(ctx), min(timeout, tearDownLimit)
	}
	t.inTurn(func() {
		began := time.Now()
		if err := t.call(ctx, timeout, n.TearDown); err != nil {
			n.result.Hooks = append(n.result.Hooks, TestResult{Name: "tearDown", Status: TestFailed, Err: err, Pos: n.FieldPos("tearDown"), Duration: time.Since(began)})
			n.result.Status = TestFailed
		}
		n.result.Duration += time.Since(began)
	})
}

// makeSuite evaluates a suite at its turn. What a container's fields are in the
// end is known after setUp.
func (t *testRun) makeSuite(ctx context.Context, s *spec.Suite) (spec.SuiteDefinition, error) {
	fields, err := s.Evaluate(ctx)
	if err != nil {
		return spec.SuiteDefinition{}, err
	}
	if s.Loaded.InContainer {
		return s.Parse(fields, t.dir(), spec.AtLoad)
	}
	return s.Parse(fields, t.dir(), spec.AtTurn)
}

// containerOf returns the final definition of a suite that is a container.
func (t *testRun) containerOf(ctx context.Context, s *spec.Suite) (spec.SuiteDefinition, error) {
	fields, err := s.Fields(ctx)
	if err != nil {
		return spec.SuiteDefinition{}, err
	}
	values, err := t.contextValues(ctx)
	if err != nil {
		return spec.SuiteDefinition{}, err
	}
	fields, problems := spec.ExtrapolateFields(fields, values)
	if len(problems) > 0 {
		return spec.SuiteDefinition{}, s.Problems(problems)
	}
	d, err := s.Parse(fields, t.dir(), spec.AtTurn)
	t.Secrets.Learn(d.Definition)
	return d, err
}
