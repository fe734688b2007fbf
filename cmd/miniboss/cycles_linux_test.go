package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/display"
	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
)

// How many times TestCycles starts and stops, by default and before it begins to
// measure. `make cycles` sets the variable MINIBOSS_CYCLES.
const (
	shortCycles = 15
	warmUp      = 5
	longWarmUp  = 20
)

// heapGrowth is how many bytes more may be in use after all cycles than after the
// warm-up, for what caches and pools hold.
const heapGrowth = 1 << 20

// residentGrowth is how many bytes more the process may have of the system's
// memory at the end of many cycles than after the first tenth of them, where also
// what is not on the heap shows. It is generous: what is free of the heap is given
// back before it is measured, the process has 16 MB then, and from the 20th to the
// 60th cycle less than 1 MB came to them. 20 KB a cycle come to more in 1,000.
const residentGrowth = 16 << 20

// cycleFile uses what may hold on to something: a server and its connections,
// commands in containers and on the host, logs, timers, the saved context.
const cycleFile = `
import { Service, groupName, context, probe, sh, onStartServices, onStopServices } from "miniboss";
groupName(process.env.GROUP);
export class Server extends Service {
  name = "server";
  image = process.env.IMAGE;
  cmd = "-http :8080";
  ports = { 8080: 0 };
  async ping() { return probe.http("http://localhost:" + await this.hostPort(8080) + "/"); }
  async postStart() {
    const answer = await fetch("http://localhost:" + await this.hostPort(8080) + "/");
    context.answer = { status: answer.status, body: await answer.text() };
    context.said = (await this.exec(["/testserver", "echo", "hello"])).stdout;
    context.logs = (await this.logs()).length;
  }
  async preStop() { await sh("true"); setTimeout(() => {}, 1e6); }
}
export class Client extends Service {
  name = "client";
  image = process.env.IMAGE;
  dependencies = [Server];
  env = { SAID: "{said}" };
  ping() { return probe.exec(this, ["/testserver", "echo", "hello"]); }
}
onStartServices(() => {});
onStopServices(() => {});
`

// TestCycles starts and stops a small collection again and again in one process,
// every fourth time with new containers, and finds that nothing is left of it:
// neither goroutines nor open files nor memory. It does not run beside other
// tests.
func TestCycles(t *testing.T) {
	cycles, warm, long := shortCycles, warmUp, false
	if text := os.Getenv("MINIBOSS_CYCLES"); text != "" {
		var err error
		if cycles, err = strconv.Atoi(text); err != nil {
			t.Fatalf("MINIBOSS_CYCLES: %v", err)
		}
		warm, long = longWarmUp, true
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "miniboss.js")
	if err := os.WriteFile(file, []byte(cycleFile), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", filepath.Join(dir, "home"))
	t.Setenv("GROUP", enginetest.Group(t))
	t.Setenv("IMAGE", enginetest.Image(t))
	began := time.Now()
	for i := range warm {
		cycle(t, file, i)
	}
	before := measured(t)
	early := before // after a tenth of them
	t.Logf("after %4d cycles: %s", warm, before)
	hindered := 0
	for i := warm; i < cycles; i++ {
		if !cycle(t, file, i) {
			hindered++
		}
		if tenth := cycles / 10; long && tenth > 0 && (i+1)%tenth == 0 && i+1 < cycles {
			now := measured(t)
			t.Logf("after %4d cycles: %s", i+1, now)
			if i+1 == tenth {
				early = now
			}
		}
	}
	if hindered > cycles/10 {
		t.Errorf("%d cycles did not come to their end", hindered)
	}
	after := measured(t)
	// Closing a connection takes its goroutines a moment.
	for deadline := time.Now().Add(10 * time.Second); after.exceeds(before) && time.Now().Before(deadline); {
		goruntime.Gosched()
		after = measured(t)
	}
	t.Logf("after %4d cycles: %s, %s in all", cycles, after, time.Since(began).Round(time.Second))
	if after.exceeds(before) {
		var stacks strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		t.Errorf("more than %s:\n%s\n%s", before, strings.Join(openFiles(t), "\n"), &stacks)
	}
	if long && after.resident > early.resident+residentGrowth {
		t.Errorf("%d KB resident, and %d KB after the first tenth", after.resident>>10, early.resident>>10)
	}
}

// cycle is what start and stop do, below the parsing of their arguments: cobra
// keeps what it has made of a command for as long as the process lives. It returns
// false where the engine was in the way.
func cycle(t *testing.T, file string, i int) bool {
	t.Helper()
	var out bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: display.NewScreen(&out), getenv: os.Getenv}
	ctx, done := a.withSignals(context.Background())
	defer done()
	err := a.withSession(ctx, &globals{progress: "plain"}, file, func(s *session) error {
		return s.runner.Start(ctx, runtime.StartOptions{Timeout: 60 * time.Second, OnStart: s.file.OnStart})
	})
	if err == nil {
		err = a.withStopSession(ctx, &globals{progress: "plain"}, file, func(s *session) error {
			return s.runner.Stop(ctx, runtime.StopOptions{Timeout: 60 * time.Second, Remove: i%4 == 3, OnStop: s.file.OnStop})
		})
	}
	switch {
	case err == nil:
		return true
	case strings.Contains(out.String(), engineFault), strings.Contains(err.Error(), noAddresses):
		t.Logf("cycle %d: %s", i, a.explain(err))
		return false
	}
	t.Fatalf("cycle %d: %s\n%s", i, a.explain(err), &out)
	return false
}

// noAddresses is how miniboss says that the engine has as many networks as it can.
// Other users of the engine can make it so at any time.
const noAddresses = "no address range left"

// measure is what a process holds.
type measure struct {
	files, goroutines int
	heap              uint64 // bytes in use after a collection
	resident          uint64 // bytes of memory as the system counts it, without what is in files
}

// exceeds tells whether a process holds more than before.
func (m measure) exceeds(before measure) bool {
	return m.files > before.files || m.goroutines > before.goroutines || m.heap > before.heap+heapGrowth
}

func (m measure) String() string {
	return fmt.Sprintf("%d files, %d goroutines, %d KB in use, %d KB resident", m.files, m.goroutines, m.heap>>10, m.resident>>10)
}

func measured(t *testing.T) measure {
	t.Helper()
	goruntime.GC()
	debug.FreeOSMemory() // also what pools held, and what finalizers let go of
	var memory goruntime.MemStats
	goruntime.ReadMemStats(&memory)
	m := measure{files: len(openFiles(t)), goroutines: goruntime.NumGoroutine(), heap: memory.HeapAlloc}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "RssAnon: %d kB", &m.resident); err == nil {
			m.resident <<= 10
		}
	}
	if m.resident == 0 {
		t.Fatalf("there is no RssAnon in %s", status)
	}
	return m
}

// openFiles lists what the process has open.
func openFiles(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, entry := range entries {
		// The directory itself was open while it was read.
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil {
			files = append(files, entry.Name()+" "+target)
		}
	}
	return files
}
