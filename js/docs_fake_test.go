package js

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// docsContainers are containers that answer what the page says.
type docsContainers struct{}

func (docsContainers) Now() time.Time { return time.Now() }

func (docsContainers) Exec(_ context.Context, _ string, o runtime.ExecOptions) (runtime.ExecResult, error) {
	switch {
	case strings.Contains(strings.Join(o.Cmd, " "), "select 1"):
		return runtime.ExecResult{Stdout: "1\n"}, nil
	case o.Cmd[0] == "cat":
		return runtime.ExecResult{Stdout: o.Stdin}, nil
	case o.Cmd[0] == "false":
		return runtime.ExecResult{ExitCode: 1}, nil
	}
	return runtime.ExecResult{}, nil
}

func (docsContainers) Logs(context.Context, string, runtime.LogOptions) (string, error) {
	return "starting\nready for connections\n", nil
}

func (docsContainers) HostPort(_ context.Context, service, port string) (int, error) {
	if port != "8080" {
		return 0, fmt.Errorf("service %q does not publish port %s/tcp", service, port)
	}
	return 32768, nil
}

func (docsContainers) Inspect(context.Context, string) ([]byte, error) {
	return []byte(`{"State":{"Status":"running","Running":true,"StartedAt":"2026-01-31T12:00:00Z","FinishedAt":"2026-01-31T11:00:00Z"}}`), nil
}

func (docsContainers) Healthy(context.Context, string) (bool, error) { return true, nil }

// docsError shows an error as the command does.
func docsError(dir string, err error) string {
	definition, ok := errors.AsType[*spec.DefinitionError](err)
	if !ok {
		return describeError(err)
	}
	text := "a mistake in the definitions"
	if n := len(definition.Problems); n > 1 {
		text = fmt.Sprintf("%d mistakes in the definitions", n)
	}
	for _, p := range definition.Problems {
		data, _ := os.ReadFile(filepath.Join(dir, p.Pos.File))
		source := source{text: string(data)}
		text += fmt.Sprintf("\n\n%s\n  at %s\n%s", p, p.Pos, strings.TrimSuffix(Excerpt(p.Pos, source.line(p.Pos.Line)), "\n"))
		if p.Hint != "" {
			text += "\n  hint: " + p.Hint
		}
	}
	return text
}

func docsObject(text []byte) map[string]any {
	values := map[string]any{}
	_ = json.Unmarshal(text, &values)
	return values
}

var docsBraces = regexp.MustCompile("(?m)^\\| `([^`]*)` \\| (?:`([^`]*)`|error: (.*)) \\|")

// TestDocsBraces compares the table of braces of the page with what happens.
func TestDocsBraces(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "\n### Braces in strings\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := docsBraces.FindAllStringSubmatch(section, -1)
	if len(rows) < 8 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	values := docsObject([]byte(`{"user": {"id": 7, "name": "mia"}, "tags": ["a", "b"]}`))
	for _, row := range rows {
		got, err := spec.ParseTemplate(row[1]).Replace(values)
		if row[3] != "" && (err == nil || strings.ReplaceAll(err.Error(), "`", "") != strings.ReplaceAll(row[3], "`", "")) || row[3] == "" && (err != nil || got != row[2]) {
			t.Errorf("%s becomes %q, %v", row[0], got, err)
		}
	}
}

// TestDocsNames holds the page to name all that the module exports, and every
// field and hook.
func TestDocsNames(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	names := append(moduleNames(), hookNames()...)
	for module := range nodeModules() {
		names = append(names, "node:"+module)
	}
	for _, name := range names {
		if !regexp.MustCompile("`" + regexp.QuoteMeta(name) + `[^a-zA-Z0-9]`).Match(data) {
			t.Errorf("the page does not tell of %s", name)
		}
	}
}
