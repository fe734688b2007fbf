// Command bench measures miniboss beside the limit: a program that makes the
// same containers through the engine's API and does nothing else; and beside
// Compose, where a binary is given. The tools take turns, so that whatever else
// the machine does hits all of them. It prints a table; RESULTS.md has one with
// what it tells.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	runs := flag.Int("runs", 5, "how often each tool goes through each topology")
	only := flag.String("only", "", "measure just the topologies that this `REGEXP` finds")
	compose := flag.String("compose", os.Getenv("COMPOSE"), "`PATH` of the docker-compose program; none: without it")
	program := flag.String("miniboss", "", "`PATH` of the miniboss program; none: it is built")
	write := flag.String("write", "", "put the table into this `FILE`, between the marks; else it is printed")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	b := &bench{program: *program, image: fmt.Sprintf("miniboss-bench:%d", os.Getpid()), compose: *compose, results: results{}}
	if b.dir, err = os.MkdirTemp("", "miniboss-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.build(); err != nil {
		return err
	}
	// What miniboss keeps of the collections goes with them. The Go tool, which
	// has built them, keeps its cache.
	if err := os.Setenv("XDG_CACHE_HOME", filepath.Join(b.dir, "cache")); err != nil {
		return err
	}
	limit := filepath.Join(b.dir, "limit")
	if _, err := measure(limit, "image", b.image, filepath.Join(b.dir, "testserver")); err != nil {
		return err
	}
	defer func() {
		_, imageErr := measure(limit, "unimage", b.image)
		err = errors.Join(err, imageErr)
	}()
	for nth := range *runs {
		for _, t := range topologies() {
			if !chosen.MatchString(t.name) {
				continue
			}
			for pass := range t.passes {
				if err := b.round(t, nth*t.passes+pass); err != nil {
					return err
				}
			}
		}
		if len(b.loads) == 0 {
			return fmt.Errorf("no topology is called %q", *only)
		}
		// A round takes minutes: what was measured is not lost with a later one.
		if *write != "" {
			if err := replaceTable(*write, b.table(nth+1)); err != nil {
				return err
			}
		}
	}
	if *write == "" {
		fmt.Print(b.table(*runs))
	}
	return nil
}

// table is what was measured in so many rounds.
func (b *bench) table(rounds int) string {
	var table strings.Builder
	fmt.Fprintf(&table, "%s, %d rounds. ", time.Now().Format(time.DateOnly), rounds)
	b.print(&table)
	return table.String()
}

// The marks around the table in a file.
const (
	tableBegins = "<!-- table: written by make bench -->\n"
	tableEnds   = "<!-- end of table -->\n"
)

func replaceTable(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, found := strings.Cut(string(text), tableBegins)
	_, tail, ended := strings.Cut(rest, tableEnds)
	if !found || !ended {
		return fmt.Errorf("%s has no marks for the table", path)
	}
	return os.WriteFile(path, []byte(head+tableBegins+table+tableEnds+tail), 0o644)
}

// build builds what is measured. The server is the one of the tests.
func (b *bench) build() error {
	sources := map[string]string{"limit": "bench/limit", "testserver": "internal/testserver"}
	if b.program == "" {
		b.program = filepath.Join(b.dir, "miniboss")
		sources["miniboss"] = "cmd/miniboss"
	}
	for name, path := range sources {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(b.dir, name), "github.com/miniboss/miniboss/"+path)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build does
		if name == "testserver" {
			cmd.Env = append(cmd.Env, "GOOS=linux")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", path, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}
