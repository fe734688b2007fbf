package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkCheck runs "miniboss check" on the example, as a whole process.
func BenchmarkCheck(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "miniboss")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	example := filepath.Join("..", "..", "examples", "miniboss.js")
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if out, err := exec.CommandContext(b.Context(), binary, "check", example).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}
