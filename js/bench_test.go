package js

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkLoad is what a command does before it does anything, for files of so
// many services.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			o := manyServices(b, n)
			for b.Loop() {
				f, err := Load(b.Context(), o)
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
}

// BenchmarkLoadParts does the parts of Load one after the other and tells what
// each takes. Load itself does some of them at once.
func BenchmarkLoadParts(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			o := manyServices(b, n)
			var parts parts
			for b.Loop() {
				loadInParts(b, o, &parts)
			}
			for _, p := range parts {
				b.ReportMetric(float64(p.took.Microseconds())/1000/float64(b.N), p.name+"-ms")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// parts are the steps of a load, in order, with the time that they took in all.
type parts []*part

type part struct {
	name string
	took time.Duration
}

func (p *parts) time(b *testing.B, name string, do func() error) {
	began := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	for _, known := range *p {
		if known.name == name {
			known.took += took
			return
		}
	}
	*p = append(*p, &part{name, took})
}

func loadInParts(b *testing.B, o Options, parts *parts) {
	f := &File{Path: o.File, options: o}
	defer f.Close()
	var built *bundle
	var prg *program
	parts.time(b, "world", func() (err error) {
		f.host, err = newHost(b.Context(), o)
		return err
	})
	parts.time(b, "bundle", func() (err error) {
		bundler := &bundler{file: o.File, workDir: o.WorkDir}
		built, err = bundler.build()
		return err
	})
	parts.time(b, "compile", func() (err error) {
		prg, err = built.compile()
		return err
	})
	parts.time(b, "run", func() error { return f.evaluate(b.Context(), prg) })
	parts.time(b, "instantiate", func() error { return f.define(b.Context()) })
}

// manyServices writes a file with so many services, each of which depends on
// the one before.
func manyServices(b *testing.B, n int) Options {
	var src strings.Builder
	src.WriteString("import { Service, context } from \"miniboss\";\n")
	before := ""
	for i := range n {
		fmt.Fprintf(&src, `
export class S%[1]d extends Service {
  name = "s%[1]d";
  image = "postgres:17";
  env = { URL: `+"`http://${context.user.id}`"+`, A: "b" };
  ports = { 80: 0 };
  dependencies = [%[2]s];
  async ping() { return true; }
  async postStart() { context.x = 1; }
}
`, i, before)
		before = fmt.Sprintf("S%d", i)
	}
	dir := b.TempDir()
	return Options{File: benchFile(b, dir, src.String()), WorkDir: dir, Env: []string{}}
}

func benchFile(b *testing.B, dir, source string) string {
	path := filepath.Join(dir, "miniboss.js")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}
