package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// object and array are what JavaScript hands over.
type (
	object = map[string]any
	array  = []any
)

// graphOf makes services of lines such as "app: db cache".
func graphOf(text string) []*spec.Service {
	var services []*spec.Service
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		name, deps, _ := strings.Cut(strings.TrimSpace(line), ":")
		services = append(services, &spec.Service{Name: name, Class: strings.ToUpper(name[:1]) + name[1:], DependsOn: strings.Fields(deps)})
	}
	return services
}

// written makes templates of the strings that have braces, as of those that are
// written in a file.
func written(v any) any {
	switch v := v.(type) {
	case string:
		if strings.ContainsAny(v, "{}") {
			return spec.ParseTemplate(v)
		}
	case []any:
		list := make(array, len(v))
		for i := range v {
			list[i] = written(v[i])
		}
		return list
	case map[string]any:
		return writtenFields(v)
	}
	return v
}

func writtenFields(fields map[string]any) map[string]any {
	out := object{}
	for key, v := range fields {
		out[key] = written(v)
		if strings.ContainsAny(key, "{}") {
			out[key] = spec.Keyed{Key: spec.ParseTemplate(key), Value: out[key]}
		}
	}
	return out
}

// projectDir makes a directory with something to build in it.
func projectDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"web/Dockerfile", "web/Dockerfile.dev", "empty/readme", "file"} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// with returns the fields of a service that is fine, with others in addition.
func with(fields object) object {
	all := object{"name": "app", "image": "web:1"}
	maps.Copy(all, fields)
	return all
}

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// content returns what a file holds, or "" where it is not there.
func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// load returns the values without blanks.
func load(t *testing.T, s *state.ContextStore, group string) string {
	t.Helper()
	values, err := s.Load(group)
	if err != nil {
		t.Fatalf("load %s: %v", group, err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, values); err != nil {
		t.Fatalf("load %s: %v in %q", group, err, values)
	}
	return compact.String()
}

// journalIn is the journal of the next command.
func journalIn(t *testing.T, dir string) *state.Journal {
	j := state.NewJournal(dir, "group shop")
	t.Cleanup(func() { _ = j.Close() })
	return j
}
