package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/miniboss/miniboss/bench/collection"
)

// key names a row of the results and a column.
type key struct{ topology, step, tool string }

// results holds all measurements.
type results map[key][]figures

// bench is one call of the harness.
type bench struct {
	dir     string // where the programs and the collections are
	program string // miniboss
	image   string
	compose string // "": not measured
	results results
	loads   []float64
	groups  int // that were named
	// miscounts are the removals that the engine refused for a fault of its own.
	miscounts []string
}

// againTimes is how often a start that changes nothing is measured in a round:
// it takes little time, so that noise counts for more.
const againTimes = 10

// quiet is how long the engine is left alone before that: it is still busy with
// the containers that it has just started, and a user who starts again comes later.
const quiet = time.Second

// miscounted tells whether a removal failed because Docker 20.10 has miscounted
// what is attached to a network, in its words or in miniboss's. That removal is not
// measured; nothing else is lost.
func miscounted(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "has active endpoints") || strings.Contains(err.Error(), "the engine counts containers on it"))
}

// round takes all tools through all steps with one topology. nth turns the
// order of the tools around, so that none is always first.
func (b *bench) round(t topology, nth int) error {
	services, err := t.services()
	if err != nil {
		return err
	}
	tools := []func(dir string) tool{
		func(dir string) tool { return limitTool(filepath.Join(b.dir, "limit"), dir) },
		func(dir string) tool { return miniTool(b.program, dir, t.settle) },
	}
	if b.compose != "" {
		tools = append(tools, func(dir string) tool { return composeTool(b.compose, dir) })
	}
	for i := range tools {
		make := tools[(i+nth)%len(tools)]
		// Never the same name: a network that the engine has miscounted stays.
		b.groups++
		c := collection.Collection{Group: fmt.Sprintf("bench-%d-%d", os.Getpid(), b.groups), Image: b.image, Services: services}
		dir, err := b.write(c)
		if err != nil {
			return err
		}
		if err := b.steps(t, make(dir)); err != nil {
			return err
		}
	}
	return nil
}

// write writes a collection in the forms of all tools.
func (b *bench) write(c collection.Collection) (dir string, err error) {
	dir, err = os.MkdirTemp(b.dir, "collection-")
	if err != nil {
		return "", err
	}
	for name, text := range map[string]string{"miniboss.js": miniFile(c), "compose.yaml": composeFile(c)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return dir, c.Save(filepath.Join(dir, "collection.json"))
}

func (b *bench) steps(t topology, tool tool) (err error) {
	defer func() {
		if err != nil {
			_, _ = measure(tool.program, tool.args(remove)...) // nothing stays
		}
	}()
	for _, step := range steps {
		times := 1
		if step == again {
			times = againTimes
			time.Sleep(quiet)
		}
		for range times {
			b.loads = append(b.loads, loadAverage())
			f, err := measure(tool.program, tool.args(step)...)
			if step == remove && miscounted(err) {
				b.miscounts = append(b.miscounts, t.name+" of "+tool.name)
				return nil
			}
			if err != nil {
				return err
			}
			k := key{t.name, step, tool.name}
			b.results[k] = append(b.results[k], f)
			fmt.Fprintf(os.Stderr, "%-10s %-20s %-9s %v\n", t.name, step, tool.name, f.wall.Round(time.Millisecond))
		}
	}
	return nil
}

// loadAverage is that of the last minute; 0 where it is not known.
func loadAverage() (load float64) {
	text, _ := os.ReadFile("/proc/loadavg")
	_, _ = fmt.Sscan(string(text), &load)
	return load
}
