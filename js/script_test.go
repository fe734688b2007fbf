package js

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

var update = flag.Bool("update", false, "write what the scripts in testdata print into them")

// TestScripts loads the files in testdata/script, does what their section "run"
// says, one step a line, and compares all that a user would see with their
// section "want".
func TestScripts(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "My Project")
			file, run, want, at := "", "", "", -1
			for i, f := range archive.Files {
				switch {
				case f.Name == "run":
					run = string(f.Data)
				case f.Name == "want":
					want, at = string(f.Data), i
				default:
					write(t, dir, f.Name, string(f.Data))
					if file == "" {
						file = f.Name
					}
				}
			}
			limit := 5 * time.Minute // on a machine that is busy, too
			if strings.HasPrefix(filepath.Base(path), "endless") {
				limit = time.Second
			}
			got := runScript(t, dir, file, run, limit)
			if *update {
				if at < 0 {
					archive.Files = append(archive.Files, txtar.File{Name: "want"})
					at = len(archive.Files) - 1
				}
				archive.Files[at].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// transcript is what a user would see.
type transcript struct {
	limit time.Duration // of a piece of JavaScript

	mu  sync.Mutex
	out strings.Builder
}

func (tr *transcript) printf(format string, args ...any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	tr.out.WriteString(strings.TrimRight(text, "\n") + "\n")
}

func (tr *transcript) text(dir string) string {
	return strings.NewReplacer(fileURL(dir), "$URL", dir, "$WORK").Replace(tr.out.String())
}

func (tr *transcript) options(dir, file string) Options {
	return Options{
		File: filepath.Join(dir, filepath.FromSlash(file)), WorkDir: dir, Limit: tr.limit,
		Env: []string{"HOME=/home/test", "BRACES={host}}}"},
		Console: func(l Line) {
			who := l.Service
			if l.Suite != "" {
				who = "suite " + l.Suite
			}
			if who != "" {
				who = " " + who
			}
			tr.printf("%s%s: %s", l.Level, who, l.Text)
		},
		OnError: func(e *Error) { tr.printf("uncaught (service %q, hook %q): %s", e.Service, e.Hook, describeError(e)) },
	}
}

func runScript(t *testing.T, dir, file, run string, limit time.Duration) string {
	tr := &transcript{limit: limit}
	o := tr.options(dir, file)
	f := (*File)(nil)
	load := func() bool {
		var err error
		f, err = Load(t.Context(), o)
		if err != nil {
			tr.printf("%s", describeError(err))
			return false
		}
		for _, w := range f.Warnings {
			tr.printf("warning: %s: %s\n%s", w.Pos, w.Message, Excerpt(w.Pos, w.Line))
		}
		for _, s := range f.Services {
			tr.printf("%s", summary(s))
		}
		for _, s := range f.Suites {
			tr.printf("%s", suiteSummary(s))
		}
		return true
	}
	steps := strings.Split(strings.TrimSpace(run), "\n")
	if strings.HasPrefix(steps[0], "saved ") {
		saved := strings.TrimPrefix(steps[0], "saved ")
		o.LoadContext = func(string) ([]byte, error) { return []byte(saved), nil }
		steps = steps[1:]
	}
	steps = append(steps, "")
	if limit, err := time.ParseDuration(strings.TrimPrefix(steps[0], "limit ")); err == nil {
		o.Limit = limit
		steps = steps[1:]
	}
	if !load() {
		return tr.text(dir)
	}
	defer f.Close()
	for _, step := range steps {
		if step != "" {
			runStep(t, tr, f, step)
		}
	}
	f.Close()
	return tr.text(dir)
}

func summary(s *spec.Service) string {
	hooks := ""
	for name, has := range map[string]bool{"preStart": s.Hooks.PreStart != nil, "ping": s.Hooks.Ping != nil, "postStart": s.Hooks.PostStart != nil} {
		if has {
			hooks += " " + name
		}
	}
	out := fmt.Sprintf("service %s: class %s at %s", s.Name, s.Class, s.Pos)
	if len(s.DependsOn) > 0 {
		out += fmt.Sprintf(", after %s", strings.Join(s.DependsOn, " "))
	}
	if len(s.Loaded.Pending) > 0 {
		out += fmt.Sprintf(", pending %s", strings.Join(s.Loaded.Pending, " "))
	}
	if hooks == " ping" {
		out += ", pings"
	}
	return out
}

func suiteSummary(s *spec.Suite) string {
	out := fmt.Sprintf("suite %s: class %s at %s", s.Name, s.Class, s.Pos)
	if len(s.Services) > 0 {
		out += ", needs " + strings.Join(s.Services, " ")
	}
	if len(s.DependsOn) > 0 {
		out += ", after " + strings.Join(s.DependsOn, " ")
	}
	if s.SetUp != nil {
		out += ", setUp"
	}
	for _, test := range s.Tests {
		out += ", " + test
	}
	if s.TearDown != nil {
		out += ", tearDown"
	}
	if s.Loaded.InContainer {
		out += ", in a container of " + s.Loaded.Image
	}
	if s.Loaded.Timeout > 0 {
		out += fmt.Sprintf(", at most %s", s.Loaded.Timeout)
	}
	return out
}

func runStep(t *testing.T, tr *transcript, f *File, step string) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	verb, arg, _ := strings.Cut(step, " ")
	report := func(err error) {
		if err != nil {
			tr.printf("%s: %s", step, describeError(err))
		} else {
			tr.printf("%s: ok", step)
		}
	}
	service := func() *spec.Service {
		for _, s := range f.Services {
			if s.Name == arg {
				return s
			}
		}
		t.Fatalf("no service %q", arg)
		return nil
	}
	hook := func(f func(context.Context) error) {
		if f == nil {
			tr.printf("%s: no such hook", step)
			return
		}
		report(f(ctx))
	}
	switch verb {
	case "suite": // NAME METHOD
		name, method, _ := strings.Cut(arg, " ")
		s := f.Tests.Suite(name)
		if method == "turn" {
			fields, err := s.Evaluate(ctx)
			if err == nil {
				stage := spec.AtTurn
				if s.Loaded.InContainer { // which is read again after setUp
					stage = spec.AtLoad
				}
				definition, problems := spec.ParseSuite(fields, s.Tests, filepath.Dir(f.Path), stage)
				tr.printf("%s: %v %v %v", step, definition.Cmd, definition.Env, problems)
				return
			}
			report(err)
			return
		}
		if method == "fields" { // as a container's are read after setUp
			fields, err := s.Fields(ctx)
			if err != nil {
				report(err)
				return
			}
			fields, problems := spec.ExtrapolateFields(fields, map[string]any{"host": "db"})
			definition, more := spec.ParseSuite(fields, s.Tests, filepath.Dir(f.Path), spec.AtTurn)
			tr.printf("%s: %v %v %v %v", step, definition.Cmd, definition.Env, definition.Volumes, append(problems, more...))
			return
		}
		report(s.Test(ctx, method))
	case "group":
		tr.printf("group: %s", f.Group)
	case "bind":
		f.Bind(scriptContainers{})
	case "turn":
		fields, err := service().Evaluate(ctx)
		if err != nil {
			report(err)
			return
		}
		snapshot, err := f.Snapshot(ctx)
		var values map[string]any
		if err == nil {
			err = json.Unmarshal(snapshot, &values)
		}
		if err != nil {
			report(err)
			return
		}
		fields, problems := spec.ExtrapolateFields(fields, values)
		definition, more := spec.ParseDefinition(fields, filepath.Dir(f.Path), spec.AtTurn)
		problems = append(problems, more...)
		for _, p := range problems {
			tr.printf("%s: %s: %s", step, service().FieldPos(p.Field), p)
		}
		tr.printf("%s: env %v", step, definition.Env)
	case "ping":
		ready, reason, err := service().Hooks.Ping(ctx)
		if err != nil {
			report(err)
			return
		}
		tr.printf("%s: %s", step, strings.TrimSpace(fmt.Sprintf("%t %s", ready, reason)))
	case "configure":
		out, err := service().Hooks.Configure(ctx, []byte(`{"HostConfig":{"Memory":1},"Config":{"Env":["A=1"]}}`))
		if err != nil {
			report(err)
			return
		}
		tr.printf("%s: %s", step, out)
	case "preStart":
		hook(service().Hooks.PreStart)
	case "postStart":
		hook(service().Hooks.PostStart)
	case "preStop":
		hook(service().Hooks.PreStop)
	case "postStop":
		hook(service().Hooks.PostStop)
	case "onStart":
		report(f.OnStart(ctx, strings.Fields(arg)))
	case "onStop":
		report(f.OnStop(ctx, strings.Fields(arg)))
	case "onReload":
		report(f.OnReload(ctx, arg))
	case "snapshot":
		values, err := f.Snapshot(ctx)
		if err != nil {
			report(err)
			return
		}
		tr.printf("snapshot: %s", values)
	case "dead":
		tr.printf("dead: %v", f.Err())
	default:
		t.Fatalf("unknown step %q", step)
	}
}

type scriptContainers struct{}

func (scriptContainers) Now() time.Time { return time.Now() }

func (scriptContainers) Exec(_ context.Context, service string, o runtime.ExecOptions) (runtime.ExecResult, error) {
	if service == "gone" {
		return runtime.ExecResult{}, fmt.Errorf("service %q has no container", service)
	}
	return runtime.ExecResult{ExitCode: 3, Stdout: fmt.Sprintf("%s %q %v %s %s %s", service, o.Cmd, o.Env, o.User, o.WorkingDir, o.Stdin)}, nil
}

func (scriptContainers) Logs(_ context.Context, service string, o runtime.LogOptions) (string, error) {
	return fmt.Sprintf("logs of %s: tail %d, since %t", service, o.Tail, !o.Since.IsZero()), nil
}

func (scriptContainers) HostPort(_ context.Context, service, port string) (int, error) {
	if port != "5432" {
		return 0, fmt.Errorf("service %q does not publish port %s", service, port)
	}
	return 5433, nil
}

func (scriptContainers) Inspect(context.Context, string) ([]byte, error) {
	return []byte(`{"State":{"Running":true}}`), nil
}

func (scriptContainers) Healthy(context.Context, string) (bool, error) { return true, nil }

// describeError is what a user would see of an error.
func describeError(err error) string {
	var out strings.Builder
	var build *BuildError
	var definition *spec.DefinitionError
	var e *Error
	switch {
	case err == nil:
	case errors.As(err, &build):
		for _, e := range build.Errors {
			fmt.Fprintf(&out, "%s\n%s\n", e, e.Detail())
		}
	case errors.As(err, &definition):
		for _, p := range definition.Problems {
			fmt.Fprintf(&out, "%s: %s\n", p.Pos, p)
			if p.Hint != "" {
				fmt.Fprintf(&out, "  hint: %s\n", p.Hint)
			}
		}
	case errors.As(err, &e):
		fmt.Fprintf(&out, "%s\n%s\n", err, e.Detail())
	default:
		out.WriteString(err.Error())
	}
	return strings.TrimRight(out.String(), "\n")
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
