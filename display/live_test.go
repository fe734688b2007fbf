package display

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func explain(err error) string { return err.Error() }

// film is a live display on a terminal in memory, with a clock that is set.
type film struct {
	t     *testing.T
	term  *fakeTerminal
	live  *live
	began time.Time
	shots strings.Builder
}

func newFilm(t *testing.T, width, height int, s style) *film {
	f := &film{t: t, term: newFakeTerminal(t, width, height), began: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)}
	f.live = &live{tty: f.term, style: s, explain: explain, painter: painter{out: f.term, reflows: true}, board: newBoard(), wake: make(chan struct{}, 1)}
	_, _ = f.term.Write([]byte("$ miniboss start\r\n"))
	return f
}

func (f *film) at(seconds float64) time.Time {
	return f.began.Add(time.Duration(seconds * float64(time.Second)))
}

// event shows an event at a time in seconds.
func (f *film) event(seconds float64, e runtime.Event) {
	e.Time = f.at(seconds)
	f.live.show(e)
}

// phase shows an event that has no more than a cause.
func (f *film) phase(seconds float64, service string, phase runtime.Phase, cause string) {
	f.event(seconds, about(runtime.Event{Service: service, Phase: phase}, cause))
}

// shoot draws a frame and keeps what can be seen.
func (f *film) shoot(seconds float64, title string) {
	f.frame(seconds, false)
	f.keep(fmt.Sprintf("%s: %.1f s, %dx%d", title, seconds, f.term.width, f.term.height))
}

func (f *film) frame(seconds float64, last bool) {
	f.live.frame(f.at(seconds), last)
	if f.term.hidden || f.term.x != 0 {
		f.t.Errorf("at %v s the cursor is in column %d, hidden: %t", seconds, f.term.x, f.term.hidden)
	}
}

func (f *film) keep(title string) {
	fmt.Fprintf(&f.shots, "== %s\n%s\n", title, f.term.screen())
}

// end writes the summary, keeps all that was ever on the screen, and compares.
func (f *film) end(seconds float64, name string) {
	f.t.Helper()
	f.frame(seconds, true)
	fmt.Fprintf(&f.shots, "== the end, with what has scrolled away\n%s\n", strings.Join(f.term.all(), "\n"))
	golden(f.t, name+".txt", f.shots.String())
}

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

var bare = style{glyphs: unicodeGlyphs}

// about puts into an event what it is about.
func about(e runtime.Event, text string) runtime.Event {
	switch e.Phase {
	case runtime.PhasePulling, runtime.PhaseBuilding, runtime.PhasePulled, runtime.PhaseBuilt:
		e.Image = text
	case runtime.PhaseQueued, runtime.PhaseWaiting:
		if text != "" {
			e.WaitsFor = strings.Split(text, ", ")
		}
	default:
		e.Cause = text
	}
	return e
}

// recording reads events that --progress json wrote in a real run.
func recording(t *testing.T, name string) []runtime.Event {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var events []runtime.Event
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var line jsonEvent
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		e := runtime.Event{Time: line.Time, Service: line.Service, Phase: line.Phase, Cause: line.Cause, WaitsFor: line.WaitsFor, Attempt: line.Attempt,
			Duration: time.Duration(line.Seconds * float64(time.Second)), Logs: line.Logs}
		switch line.Phase {
		case runtime.PhasePulling, runtime.PhaseBuilding, runtime.PhasePulled, runtime.PhaseBuilt:
			e.Image, e.Cause = line.Cause, line.Reason
		case runtime.PhaseQueued, runtime.PhaseWaiting:
			e.Cause = ""
		}
		if line.Error != "" {
			e.Err = errors.New(line.Error)
		}
		if p := line.Progress; p != nil {
			e.Progress = &runtime.Progress{Step: p.Step, Text: p.Text, Current: p.Current, Total: p.Total}
		}
		for _, p := range line.Ports {
			e.Ports = append(e.Ports, spec.Port{Container: p.Container, Protocol: p.Protocol, Host: p.Host, HostIP: p.HostIP})
		}
		events = append(events, e)
	}
	return events
}

// TestRecordedStart replays a start on windows of several sizes, and on one that
// is resized meanwhile.
func TestRecordedStart(t *testing.T) {
	t.Parallel()
	events := recording(t, "start.jsonl")
	for name, sizes := range map[string][][2]int{
		"start-120x40":  {{120, 40}},
		"start-60x20":   {{60, 20}},
		"start-40x10":   {{40, 10}},
		"start-resized": {{120, 40}, {50, 40}, {50, 8}, {90, 30}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFilm(t, sizes[0][0], sizes[0][1], bare)
			f.began = events[0].Time
			next, shot := 0, 0
			for second := 0.0; next < len(events); second += 0.1 {
				for next < len(events) && !events[next].Time.After(f.at(second)) {
					f.live.show(events[next])
					next++
				}
				if int(second*10+0.5)%12 != 11 {
					f.frame(second, false)
					continue
				}
				f.shoot(second, "start")
				shot++
				if size := sizes[shot%len(sizes)]; size[0] != f.term.width || size[1] != f.term.height {
					f.term.resize(size[0], size[1])
				}
			}
			f.end(events[len(events)-1].Time.Sub(f.began).Seconds(), name)
		})
	}
}

func TestPullsAndBuilds(t *testing.T) {
	t.Parallel()
	f := newFilm(t, 100, 30, bare)
	progress := func(at float64, service string, phase runtime.Phase, p runtime.Progress) {
		f.event(at, runtime.Event{Service: service, Phase: phase, Image: "postgres:17", Progress: &p})
	}
	pull := func(at float64, layer, text string, current, total int64) {
		progress(at, "appdb", runtime.PhasePulling, runtime.Progress{Step: layer, Text: text, Current: current, Total: total})
	}
	build := func(at float64, step, text string) {
		progress(at, "todo", runtime.PhaseBuilding, runtime.Progress{Step: step, Text: text})
	}
	f.phase(0, "appdb", runtime.PhaseQueued, "")
	f.phase(0, "todo", runtime.PhaseQueued, "appdb")
	f.event(0, runtime.Event{Service: "appdb", Phase: runtime.PhasePulling, Image: "postgres:17", Cause: "not found locally"})
	f.event(0, runtime.Event{Service: "todo", Phase: runtime.PhaseBuilding, Image: "todo:dev", Cause: "not found locally"})
	f.phase(0.1, "todo", runtime.PhaseWaiting, "appdb")
	f.shoot(0.2, "nothing known yet")
	for _, layer := range []string{"a1", "b2", "c3"} {
		pull(0.3, layer, "Pulling fs layer", 0, 0)
	}
	pull(0.3, "d4", "Already exists", 0, 0)
	pull(0.4, "a1", "Downloading", 12_000_000, 40_000_000)
	build(0.4, "[internal] load build definition from Dockerfile", "")
	build(0.5, "[build 1/4] FROM docker.io/library/node:24", "cached")
	build(0.6, "[build 2/4] COPY package.json .", "")
	build(0.7, "[build 2/4] COPY package.json .", "done")
	build(0.8, "[build 3/4] RUN npm ci && echo 依存関係を入れる", "")
	build(0.9, "[build 3/4] RUN npm ci && echo 依存関係を入れる", "\x1b[32madded 312 packages\x1b[0m")
	f.shoot(1, "at work")
	pull(1.2, "b2", "Downloading", 10_000_000, 100_000_000) // a big one appears: the bar stands still
	f.shoot(1.3, "a big layer")
	pull(1.4, "a1", "Download complete", 0, 0)
	pull(1.4, "a1", "Extracting", 20_000_000, 40_000_000)
	pull(1.5, "b2", "Downloading", 90_000_000, 100_000_000)
	f.shoot(1.6, "later")
	pull(2, "", "Status: Downloaded newer image for postgres:17", 0, 0)
	f.event(2.1, runtime.Event{Service: "todo", Phase: runtime.PhaseBuilt, Image: "todo:dev", Duration: 2 * time.Second})
	f.shoot(2.2, "built, and still waiting")
	f.event(2.3, runtime.Event{Service: "appdb", Phase: runtime.PhasePulled, Image: "postgres:17", Duration: 2 * time.Second})
	f.phase(2.4, "appdb", runtime.PhaseCreating, "")
	f.shoot(2.5, "pulled")
	f.end(2.6, "images")
}

func TestFiftyServicesOn24Rows(t *testing.T) {
	t.Parallel()
	f := newFilm(t, 80, 24, bare)
	name := func(i int) string { return fmt.Sprintf("service-%02d", i) }
	for i := range 50 {
		cause := ""
		if i >= 10 {
			cause = name(i-10) + ", " + name(i-9)
		}
		f.phase(0, name(i), runtime.PhaseQueued, cause)
	}
	f.shoot(0, "queued")
	for i := range 30 {
		f.phase(1, name(i), runtime.PhasePinging, "")
	}
	f.shoot(1.5, "more at work than rows")
	for i := range 25 {
		f.event(2, runtime.Event{Service: name(i), Phase: runtime.PhaseReady, Duration: 2 * time.Second,
			Ports: []spec.Port{{Container: 5432, Protocol: "tcp", Host: 20000 + i}}})
	}
	f.event(2.5, runtime.Event{Service: name(25), Phase: runtime.PhaseFailed, Duration: 2 * time.Second, Err: errors.New(`service "service-25": ping: no luck`), Logs: []string{"one", "two"}})
	f.shoot(3, "half of it")
	f.end(4, "fifty")
}

func TestWhatPeopleWriteStays(t *testing.T) {
	t.Parallel()
	f := newFilm(t, 50, 10, bare)
	f.phase(0, "web", runtime.PhaseQueued, "")
	f.phase(0, "日本語のサービス", runtime.PhaseQueued, "")
	f.phase(0.1, "web", runtime.PhasePreStart, "")
	f.phase(0.2, "web", runtime.PhaseOutput, "a line that is much longer than the window is wide, and has to be broken")
	f.phase(0.2, "web", runtime.PhaseOutput, "wide: 日本語の長い行は、画面の幅よりもずっと長いので、折り返されます。")
	f.phase(0.3, "web", runtime.PhaseOutput, "erase\x1b[2J up\x1b[5A \x1b[35mcolour\x1b[0m \x07bell 50 %\r100 %\x1b]0;title\x07")
	f.phase(0.3, "web", runtime.PhaseOutput, "two\nlines")
	f.phase(0.3, "", runtime.PhaseOutput, "")
	f.phase(0.4, "", runtime.PhaseWarning, "look")
	f.event(0.4, runtime.Event{Service: "web", Phase: runtime.PhaseError, Err: errors.New("late\n  at miniboss.js:3:1")})
	f.event(0.5, runtime.Event{Service: "web", Phase: runtime.PhasePinging, Attempt: 12, Cause: "GET http://localhost:1/\n\x1b[31mrefused"})
	f.shoot(0.6, "written above")
	f.live.print("interrupted, cleaning up\n")
	f.phase(0.7, "web", runtime.PhaseRemoved, "it was not ready yet")
	f.shoot(0.8, "interrupted")
	f.end(1, "written")
}

// TestStop shows a stop with --remove.
func TestStop(t *testing.T) {
	t.Parallel()
	f := newFilm(t, 80, 24, bare)
	f.phase(0, "todo", runtime.PhaseQueued, "")
	f.phase(0, "appdb", runtime.PhaseQueued, "todo")
	f.phase(0.1, "todo", runtime.PhasePreStop, "")
	f.shoot(0.2, "preStop")
	f.phase(0.3, "todo", runtime.PhaseStopping, "")
	f.shoot(1.5, "stopping")
	f.event(2, runtime.Event{Service: "todo", Phase: runtime.PhaseRemoved, Duration: 2 * time.Second})
	f.phase(2, "appdb", runtime.PhaseStopping, "")
	f.shoot(2.5, "the next")
	f.event(3, runtime.Event{Service: "appdb", Phase: runtime.PhaseFailed, Duration: time.Second, Err: errors.New("it does not want to")})
	f.phase(3, "", runtime.PhaseRemoved, "network miniboss-shop")
	f.end(3.1, "stop")
}

// TestStyles draws the same on terminals that can more and less.
func TestStyles(t *testing.T) {
	t.Parallel()
	b := newBoard()
	began := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, e := range []runtime.Event{
		{Service: "appdb", Phase: runtime.PhaseReady, Duration: 1400 * time.Millisecond, Ports: []spec.Port{
			{Container: 5432, Protocol: "tcp", Host: 5433}, {Container: 53, Protocol: "udp", Host: 5353}}},
		{Service: "web", Phase: runtime.PhaseUnchanged, Ports: []spec.Port{{Container: 8080, Protocol: "tcp", Host: 8081}, {Container: 443, Protocol: "tcp", HostIP: "fd00::1", Host: 8443}}},
		{Service: "todo", Phase: runtime.PhaseBuilding, Image: "todo:dev", Progress: &runtime.Progress{Step: "[2/4] RUN npm ci"}},
		{Service: "job", Phase: runtime.PhasePinging, Attempt: 3, Cause: "refused"},
		{Service: "bad", Phase: runtime.PhaseFailed, Duration: time.Second},
		{Service: "later", Phase: runtime.PhaseWaiting, WaitsFor: []string{"todo"}},
	} {
		e.Time = began
		b.apply(e)
	}
	var all strings.Builder
	for _, environment := range []string{"TERM=xterm-256color LANG=en_US.UTF-8", "TERM=xterm-256color NO_COLOR=1", "TERM=xterm LANG=en_US.UTF-8 LC_ALL=C", "TERM=vt100", "TERM=linux"} {
		s := styleOf(environ(environment))
		fmt.Fprintf(&all, "== %s\n", environment)
		for _, row := range b.rows(began.Add(2*time.Second), 80, 24, s) {
			fmt.Fprintf(&all, "%s\n", strings.ReplaceAll(row, "\x1b", "␛"))
		}
	}
	golden(t, "styles.txt", all.String())
}

// environ makes an environment of "A=1 B=2".
func environ(text string) func(string) string {
	values := map[string]string{}
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

func TestWhereItIsLive(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string]bool{
		"TERM=xterm": true, "": true, "TERM=dumb": false, "TERM=xterm CI=true": false, "TERM=xterm CI=1": false, "TERM=xterm CI=false": true,
	} {
		if got := wantsLive(environ(environment)); got != want {
			t.Errorf("%s: %t", environment, got)
		}
	}
	for environment, want := range map[string]bool{
		"TERM=xterm-256color": true, "TERM=xterm XTERM_VERSION=XTerm(390)": false, "TERM=tmux-256color TMUX=/tmp/x XTERM_VERSION=XTerm(390)": true,
		"TERM=screen STY=123": false, "TERM=linux": false,
	} {
		if got := reflows(environ(environment)); got != want {
			t.Errorf("reflows with %s: %t", environment, got)
		}
	}
}

var written = regexp.MustCompile(`s\d+: ?line-\d+;`)

// TestNothingIsLostOrTorn draws at random, on terminals of both kinds that are
// resized at random: every line that was written above the rows stays, once and
// whole and in order.
func TestNothingIsLostOrTorn(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 1))
		f := newFilm(t, 30+random.IntN(80), 3+random.IntN(30), bare)
		f.term.reflows = seed%2 == 0
		f.live.painter.reflows = f.term.reflows
		services := 1 + random.IntN(12)
		var lines []string
		for step := range 60 {
			at := float64(step) / 10
			service := fmt.Sprintf("s%d", random.IntN(services))
			switch random.IntN(4) {
			case 0:
				line := fmt.Sprintf("line-%d;", len(lines))
				lines = append(lines, service+": "+line)
				f.phase(at, service, runtime.PhaseOutput, line)
			case 1:
				f.phase(at, service, runtime.PhasePinging, strings.Repeat("x", random.IntN(100)))
			case 2:
				f.phase(at, service, runtime.PhaseReady, "")
			case 3:
				f.term.resize(20+random.IntN(90), 3+random.IntN(30))
			}
			if random.IntN(3) > 0 {
				f.frame(at, false)
			}
		}
		f.frame(7, true)
		// What is left of a row may stand before a line, where a window became
		// so small that the row had scrolled away in part.
		found := written.FindAllString(strings.Join(f.term.all(), ""), -1)
		if strings.ReplaceAll(strings.Join(found, "\n"), ":line", ": line") != strings.Join(lines, "\n") {
			t.Fatalf("seed %d: written\n%s\nstays\n%s", seed, strings.Join(lines, "\n"), strings.Join(f.term.all(), "\n"))
		}
	}
}
