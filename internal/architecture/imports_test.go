// Package architecture holds the tests of the import directions that
// docs/architecture.md describes, and of the modes that files are made with.
package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/miniboss/miniboss/"

// ours says which of our packages each package may import. A package that is
// not here must be added, with a thought.
var ours = map[string][]string{
	"runtime":               {"runtime/spec", "runtime/state", "internal/lazyregexp"},
	"runtime/spec":          {"internal/lazyregexp"},
	"runtime/state":         {},
	"network":               {},
	"network/networktest":   {},
	"typings":               {},
	"docker":                {"runtime", "runtime/spec", "internal/lazyregexp"},
	"display/graph":         {"runtime/spec"},
	"display":               {"runtime", "runtime/spec", "internal/lazyregexp"},
	"display/timeline":      {"runtime"},
	"js":                    {"js/jserror", "js/nodefs", "js/shell", "runtime", "runtime/spec", "network", "internal/lazyregexp"},
	"js/jserror":            {},
	"js/nodefs":             {"js/jserror"},
	"js/shell":              {"js/jserror", "runtime/spec"},
	"cmd/miniboss":          {"runtime", "runtime/spec", "runtime/state", "js", "docker", "display", "display/graph", "display/timeline", "network", "typings"},
	"bench":                 {"bench/collection"},
	"bench/collection":      {},
	"bench/limit":           {"bench/collection"},
	"internal/screenshots":  {},
	"internal/lazyregexp":   {},
	"internal/testserver":   {},
	"internal/enginetest":   {"runtime", "docker"},
	"internal/chaos":        {},
	"internal/architecture": {},
}

// worlds lists the only importers of each third-party world. Of these, bench
// and internal/screenshots are tools and no part of the program: the benchmark's
// limit talks to the engine too, and the screenshots read what a terminal shows.
var worlds = map[string][]string{
	"github.com/dop251/goja":           {"js"},
	"github.com/dop251/goja_nodejs":    {"js"},
	"github.com/evanw/esbuild":         {"js"},
	"github.com/docker/docker":         {"docker", "bench/limit"},
	"github.com/docker/cli":            {"docker"},
	"github.com/docker/go-connections": {"docker", "bench/limit"},
	"github.com/moby":                  {"docker"},
	"github.com/jackc/pgx":             {"network"},
	"github.com/go-sql-driver/mysql":   {"network"},
	"github.com/gomodule/redigo":       {"network"},
	"github.com/charmbracelet":         {"display", "internal/screenshots"},
	"github.com/spf13":                 {"cmd/miniboss"},
	"golang.org/x/term":                {"cmd/miniboss", "display", "internal/testserver"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t)
	if len(packages) < len(ours)/2 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := ours[name]
		if !known {
			t.Errorf("package %s has no rule here and in docs/architecture.md", name)
		}
		for _, imported := range p.Imports {
			if inner, isOurs := strings.CutPrefix(imported, module); isOurs && !slices.Contains(allowed, inner) {
				t.Errorf("%s must not import %s", name, inner)
			}
			for world, importers := range worlds {
				if (imported == world || strings.HasPrefix(imported, world+"/")) && !slices.Contains(importers, name) {
					t.Errorf("%s must not import %s: only %s may", name, imported, strings.Join(importers, ", "))
				}
			}
		}
	}
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
