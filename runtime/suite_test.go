package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// suitesOf makes suites of lines such as "a: b | web | 2s", which are name,
// dependencies, services and how long setUp, each of two tests and tearDown
// take.
func suitesOf(text string, j *journal) []*spec.Suite {
	var suites []*spec.Suite
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		parts := append(strings.Split(rest, "|"), "", "")
		took, _ := time.ParseDuration(strings.TrimSpace(parts[2]))
		s := &spec.Suite{
			Name: name, Class: strings.ToUpper(name), DependsOn: strings.Fields(parts[0]), Services: strings.Fields(parts[1]),
			Tests: []string{"testA", "testB"}, FieldPos: func(field string) spec.Position { return spec.Position{File: field, Line: 1, Column: 1} },
		}
		fields := object{"name": name, "testA": spec.Opaque{Kind: "a function"}, "testB": spec.Opaque{Kind: "a function"}}
		s.Evaluate = func(context.Context) (map[string]any, error) { return fields, nil }
		s.Fields = s.Evaluate
		if j != nil {
			s.SetUp, s.TearDown = j.hook(name+" setUp", took), j.hook(name+" tearDown", took)
			s.Test = func(ctx context.Context, test string) error { return j.hook(name+" "+test, took)(ctx) }
		}
		suites = append(suites, s)
	}
	return suites
}

// testing is a run of suites on a fake engine.
func (w *world) test(ctx context.Context, suites []*spec.Suite, o TestOptions) (TestReport, error) {
	w.t.Helper()
	g, problems := spec.NewSuiteGraph(suites, w.runner.Graph.Names())
	if len(problems) > 0 {
		w.t.Fatal(problems)
	}
	o.Graph, o.Start = g, startOptions()
	return w.runner.Test(ctx, o)
}

// results prints a report: "a passed: testA passed; b skipped (why): ...".
func results(report TestReport) string {
	var all []string
	why := func(reason string) string {
		if reason == "" {
			return ""
		}
		return " (" + reason + ")"
	}
	for _, s := range report.Suites {
		text := s.Name + " " + string(s.Status) + why(s.Reason) + ":"
		for _, t := range slices.Concat(s.Hooks, s.Tests) {
			text += " " + t.Name + " " + string(t.Status) + why(t.Reason)
			if t.Err != nil {
				text += " [" + t.Err.Error() + "]"
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

func TestSuites(t *testing.T) {
	t.Parallel()
	const graph = "db:\nweb: db\nidle:"
	bubble(t, "side by side, dependants after the tests, tearDown after dependants", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, graph, nil)
		report, err := w.test(t.Context(), suitesOf("c: a b | | 1s\na: | web | 1s\nb: | db | 2s", j), TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// The services have settled at 1 s.
		same(t, "methods", strings.ReplaceAll(j.String(), ", ", "\n"), `1s a setUp
1s b setUp
2s a testA
3s a testB
3s b testA
5s b testB
7s c setUp
8s c testA
9s c testB
10s c tearDown
11s a tearDown
11s b tearDown`)
		same(t, "results", results(report), "a passed: testA passed testB passed\nb passed: testA passed testB passed\nc passed: testA passed testB passed")
		same(t, "containers", w.engine.list(), "")
		if report.Suites[1].Tests[0].Duration != 2*time.Second {
			t.Errorf("a test of 2 s took %s", report.Suites[1].Tests[0].Duration)
		}
	})

	bubble(t, "one after the other", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, graph, nil)
		if _, err := w.test(t.Context(), suitesOf("b: a | | 1s\na: | | 1s\nc: | | 1s", j), TestOptions{Serial: true}); err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile(`\d+s `).ReplaceAllString(j.String(), "")
		if !strings.HasPrefix(text, "a setUp, a testA, a testB, b setUp, b testA, b testB, ") {
			t.Error(text)
		}
		if j.began.Add(12 * time.Second).After(time.Now()) {
			t.Errorf("12 s of methods were done in %s: some side by side", time.Since(j.began))
		}
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "what fails, and what is skipped because of it", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, graph, func(s map[string]*spec.Service) {
			s["db"].Hooks.Ping = func(context.Context) (bool, string, error) { return false, "", errors.New("no") }
		})
		suites := suitesOf("needs: | web\nset:\nset2: set\nset3: set2\ndown:\nslow: | idle", j)
		by := map[string]*spec.Suite{}
		for _, s := range suites {
			by[s.Name] = s
		}
		by["set"].SetUp = func(context.Context) error { return errors.New("broken") }
		by["down"].TearDown = func(context.Context) error { return errors.New("broken") }
		by["slow"].Test = func(ctx context.Context, test string) error {
			if test == "testB" {
				return nil
			}
			return pass(ctx, time.Hour)
		}
		report, err := w.test(t.Context(), suites, TestOptions{})
		if !errors.Is(err, ErrFailed) {
			t.Error(err)
		}
		same(t, "results", results(report), `needs skipped (service db failed): testA skipped (service db failed) testB skipped (service db failed)
set failed: setUp failed [broken] testA failed (setUp failed) testB failed (setUp failed)
set2 skipped (suite set failed): testA skipped (suite set failed) testB skipped (suite set failed)
set3 skipped (suite set2 was skipped): testA skipped (suite set2 was skipped) testB skipped (suite set2 was skipped)
down failed: tearDown failed [broken] testA passed testB passed
slow failed: testA failed [timed out after 30 s] testB passed`)
		if methods := j.String(); !strings.Contains(methods, "set tearDown") || strings.Contains(methods, "set2") || strings.Contains(methods, "needs") {
			t.Errorf("methods: %s", methods)
		}
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "as it was found", func(t *testing.T) {
		w := newWorld(t, "run:\nstopped: run\nabsent: stopped", nil)
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.again()
		if err := w.runner.Stop(t.Context(), StopOptions{Selection: spec.Selection{Services: []string{"absent"}, NoDeps: true}, Remove: true}); err != nil {
			t.Fatal(err)
		}
		w.again()
		if err := w.runner.Stop(t.Context(), StopOptions{Selection: spec.Selection{Services: []string{"stopped"}, NoDeps: true}}); err != nil {
			t.Fatal(err)
		}
		before := w.engine.list()
		for _, keep := range []bool{false, true} {
			w.again()
			j := newJournal()
			if _, err := w.test(t.Context(), suitesOf("a: | absent", j), TestOptions{Keep: keep}); err != nil {
				t.Fatal(err)
			}
			want := before
			if keep {
				want = "shop_absent running, shop_run running, shop_stopped running"
			}
			same(t, "containers", w.engine.list(), want)
		}
	})

	bubble(t, "interrupted", func(t *testing.T) {
		j := newJournal()
		w := newWorld(t, graph, nil)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(ErrInterrupted) })
		report, err := w.test(ctx, suitesOf("a: | web | 1500ms\nb: a\nc: | | 5s", j), TestOptions{})
		if !errors.Is(err, ErrInterrupted) {
			t.Error(err)
		}
		same(t, "results", results(report), `a skipped (interrupted): testA skipped (interrupted) testB skipped (interrupted)
b skipped (interrupted): testA skipped (interrupted) testB skipped (interrupted)
c skipped (interrupted): testA skipped (interrupted) testB skipped (interrupted)`)
		same(t, "methods", j.String(), "1s a setUp, 1s c setUp, 2.5s a testA, 3s a tearDown, 3s c tearDown")
		same(t, "containers", w.engine.list(), "")
	})

	bubble(t, "in a container", func(t *testing.T) {
		w := newWorld(t, graph, nil)
		w.engine.started["good"] = diesAfter(time.Second, 0)
		w.engine.started["bad"] = diesAfter(time.Second, 3)
		suites := suitesOf("good:\nbad:\nhangs:", newJournal())
		for _, s := range suites {
			fields := object{"name": s.Name, "image": "web:1", "cmd": "{who}"}
			s.Tests, s.Loaded.InContainer = nil, true
			s.Evaluate = func(context.Context) (map[string]any, error) { return maps.Clone(fields), nil }
			s.Fields = s.Evaluate
		}
		w.values.set("who", "mia")
		report, err := w.test(t.Context(), suites, TestOptions{})
		if !errors.Is(err, ErrTestsFailed) {
			t.Error(err)
		}
		same(t, "results", results(report), `good passed: container passed
bad failed: container failed [exit code 3]
hangs failed: container failed [timed out after 30 s]`)
		same(t, "exit codes", fmt.Sprint(report.Suites[0].ExitCode, report.Suites[1].ExitCode, report.Suites[2].ExitCode), "0 3 -1")
		same(t, "containers", w.engine.list(), "")
		if len(w.engine.networks) > 0 {
			t.Errorf("networks: %v", w.engine.networks)
		}
	})
}

func TestChooseSuites(t *testing.T) {
	t.Parallel()
	g, problems := spec.NewSuiteGraph(suitesOf("c: b\nb: a\na:\nd:", nil), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, test := range []struct{ suites, grep, want string }{
		{"", "", "a[testA testB] b[testA testB] c[testA testB] d[testA testB]"},
		{"b", "", "a[testA testB] b[testA testB]"},
		{"", "^b/.*A$", "a[testA testB] b[testA]"},
		{"", "B$", "a[testA testB] b[testA testB] c[testB] d[testB]"},
		{"d", "A", "d[testA]"},
		{"d", "^a/", `no test matches ^a/`},
		{"e", "", `there is no suite "e"`},
	} {
		o := TestOptions{Graph: g, Suites: strings.Fields(test.suites)}
		if test.grep != "" {
			o.Grep = regexp.MustCompile(test.grep)
		}
		chosen, err := o.choose()
		got := ""
		for _, c := range chosen {
			got += fmt.Sprintf(" %s%v", c.Name, c.tests)
		}
		if err != nil {
			got = err.Error()
		}
		same(t, test.suites+" "+test.grep, strings.TrimSpace(got), test.want)
	}
}
