package js

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/state"
)

// BenchmarkReady measures the time from the instant at which a service begins
// to answer to the start of its dependant's container, with so many services
// whose pings wait at once. The contract allows 0.1 s between two pings, and
// 100 ms is the longest that a service can go unnoticed because of that.
func BenchmarkReady(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for range max(5, 100/n) {
					took = append(took, readyRound(b, n)...)
				}
			}
			slices.Sort(took)
			at := func(share float64) float64 {
				return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
			}
			b.ReportMetric(at(0.50), "p50-ms")
			b.ReportMetric(at(0.99), "p99-ms")
			b.ReportMetric(at(1), "max-ms")
			b.ReportMetric(float64(len(took)), "samples")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// readyRound starts n services, each with a server of its own and a dependant.
// When all pings wait and the pauses between them have become as long as they
// do, the servers begin to answer, each at an instant of its own.
func readyRound(b *testing.B, n int) []time.Duration {
	answers := make([]time.Time, n)
	began := time.Now()
	for i := range answers {
		answers[i] = began.Add(500*time.Millisecond + time.Duration(rand.Int64N(int64(300*time.Millisecond))))
	}
	ports := pinged(b, answers)
	var src strings.Builder
	src.WriteString("import { Service, probe } from \"miniboss\";\n")
	for i := range n {
		fmt.Fprintf(&src, `
export class S%[1]d extends Service {
  name = "s%[1]d"; image = "i";
  ping() { return probe.http("http://127.0.0.1:%[2]d/"); }
}
export class D%[1]d extends Service {
  name = "d%[1]d"; image = "i"; dependencies = [S%[1]d];
  ping() { return true; }
}
`, i, ports[i])
	}
	dir := b.TempDir()
	f, err := Load(b.Context(), Options{File: benchFile(b, dir, src.String())})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()

	var mu sync.Mutex
	var took []time.Duration
	engine := &memoryEngine{names: map[string]string{}, started: func(service string) {
		var i int
		if _, err := fmt.Sscanf(service, "d%d", &i); err == nil {
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(answers[i]))
		}
	}}
	containers := runtime.NewContainers("bench", engine)
	f.Bind(containers)
	runner := runtime.NewRunner(runtime.Setup{
		Group: "bench", File: f.Path, Graph: f.Graph, Engine: engine, Values: f, Containers: containers,
		Store: state.NewContextStore(dir, b.TempDir(), func(string) {}), Sink: func(runtime.Event) {},
	})
	if err := runner.Start(b.Context(), runtime.StartOptions{Timeout: 30 * time.Second}); err != nil {
		b.Fatal(err)
	}
	return took
}

// pinged starts servers that say 503 until their instant, and returns their
// ports.
func pinged(b *testing.B, answers []time.Time) []int {
	ports := make([]int, len(answers))
	for i, from := range answers {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		ports[i] = listener.Addr().(*net.TCPAddr).Port
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if time.Now().Before(from) {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})}
		go func() { _ = server.Serve(listener) }()
		b.Cleanup(func() { _ = server.Close() })
	}
	return ports
}
