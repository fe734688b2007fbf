package timeline

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// recorded makes a recorder of lines such as "1.5 todo waiting appdb": the
// seconds, the service, the phase, and a cause.
func recorded(t testing.TB, text string) *Recorder {
	t.Helper()
	began := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	r := &Recorder{}
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if len(parts) < 3 {
			continue
		}
		at, err := strconv.ParseFloat(parts[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		e := runtime.Event{Time: began.Add(time.Duration(math.Round(at*1000)) * time.Millisecond), Service: parts[1], Phase: runtime.Phase(parts[2])}
		if len(parts) == 4 {
			switch e.Phase {
			case runtime.PhaseQueued, runtime.PhaseWaiting:
				e.WaitsFor = strings.Split(parts[3], ", ")
			case runtime.PhasePulling, runtime.PhaseBuilding, runtime.PhasePulled, runtime.PhaseBuilt:
				e.Image = parts[3]
			default:
				e.Cause = parts[3]
			}
		}
		if e.Phase == runtime.PhaseFailed {
			e.Err, e.Logs = errors.New("secret-password was refused"), []string{"secret-password"}
		}
		r.Add(e)
	}
	return r
}

var examples = map[string]string{
	"demo": `
		0 appdb queued
		0 api queued appdb
		0 todo queued api
		0.01 api building api:dev
		0.02 api waiting appdb
		0.02 todo waiting api
		0.06 appdb creating
		0.2 appdb starting
		0.5 appdb pinging
		0.6 appdb pinging connect to secret-password@localhost: refused
		1.9 api built api:dev
		4.7 appdb ready
		4.75 api creating
		4.8 api starting
		5 api pinging
		5.3 api postStart
		6.1 api ready
		6.15 todo creating
		6.2 todo starting
		6.5 todo pinging
		6.8 todo ready`,
	"image": `
		0 cache queued
		0 web queued cache
		0.01 web pulling nginx
		0.01 cache pulling redis
		0.02 web waiting cache
		1.5 cache pulled redis
		1.6 cache creating
		1.8 cache starting
		2 cache settling 1s
		3 cache ready
		8.4 web pulled nginx
		8.5 web replacing image nginx was pulled
		8.5 web preStart
		8.9 web preStop
		9 web stopping
		9.4 web postStop
		9.5 web creating
		9.6 web starting
		9.9 web settling 1s
		10.9 web ready`,
	"failed": `
		0 a-service-with-a-very-long-name-at-the-front queued
		0 b queued a-service-with-a-very-long-name-at-the-front
		0 c queued b
		0 <d>&"e" queued
		0 b waiting a-service-with-a-very-long-name-at-the-front
		0 c waiting b
		0.1 <d>&"e" unchanged it runs
		0.1 a-service-with-a-very-long-name-at-the-front creating
		0.2 a-service-with-a-very-long-name-at-the-front starting
		0.4 a-service-with-a-very-long-name-at-the-front ready
		0.4 b creating
		0.45 b starting
		0.5 b pinging
		0.9 b failed
		0.9 c skipped b failed`,
	"interrupted": `
		0 a queued
		0 b queued a
		0.1 a starting
		0.1 b waiting a
		2 a pinging
		3 a removed it was not ready yet`,
	"nothing": ``,
}

func TestTimelines(t *testing.T) {
	t.Parallel()
	for name, events := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := recorded(t, events).Timeline("shop")
			svg, page, document := line.SVG(), line.HTML(), line.JSON()
			golden(t, name+".svg", svg)
			golden(t, name+".html", page)
			golden(t, name+".json", document)
			wellFormed(t, svg)
			if !json.Valid([]byte(document)) {
				t.Error("no JSON")
			}
			if strings.Contains(svg+page+document, "secret") {
				t.Error("more than names and times is told")
			}
		})
	}
}

func TestSlowest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"demo":        "appdb → api → todo, 6.8 s of which appdb pinged 4.2 s",
		"image":       "web, 10.9 s of which pulling the image of web took 8.4 s",
		"failed":      "a-service-with-a-very-long-name-at-the-front → b, 900 ms of which b pinged 400 ms",
		"interrupted": "a, 3.0 s of which starting a took 1.9 s",
		"nothing":     "",
	} {
		if got := recorded(t, examples[name]).Timeline("shop").Slowest(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestALongChainIsCut(t *testing.T) {
	t.Parallel()
	events, before := "", ""
	for i, name := range strings.Fields("a b c d e f g h") {
		at := strconv.Itoa(i)
		events += "0 " + name + " queued " + before + "\n"
		events += at + ".1 " + name + " starting\n" + at + ".9 " + name + " ready\n"
		before = name
	}
	got := recorded(t, events).Timeline("shop").Slowest()
	if want := "a → b → c → … → g → h, 7.9 s of which starting a took 800 ms"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// golden compares a text with a file, or writes the file with UPDATE_GOLDEN=1.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(want), "\r\n", "\n") != got {
		t.Errorf("%s differs; UPDATE_GOLDEN=1 writes it. It is now:\n%s", path, got)
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
