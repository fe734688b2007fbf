package chaos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// How long a command may take whose engine goes away, beside what its fault takes.
const (
	// engineTimeout is the command's own: a service that cannot become ready any
	// more may be waited for so long, or a container that does not end.
	engineTimeout = 20 * time.Second
	// busy is for the work that is done all the same. Undisturbed, a start takes 10 s
	// where six tests with builds share two processors.
	busy = 20 * time.Second
	// noticed is when an engine that is silent is given up: after 10 s it is asked
	// whether it is there, and has 10 s to answer. What is asked later waits for 3 s,
	// and a command asks some things one after the other.
	noticed = 20*time.Second + 5*3*time.Second
	// requests is how many a command at most makes one after the other.
	requests = 50
)

// TestEngineGoesAway disturbs the connection to the engine in the middle of
// each command: the command ends soon, says what it was, and the next one puts
// in order what is left over.
func TestEngineGoesAway(t *testing.T) {
	t.Parallel()
	timeout := "--timeout=" + fmt.Sprint(engineTimeout.Seconds())
	start := []string{"start", timeout, "--settle=0.1"}
	slow := 300 * time.Millisecond
	type command struct {
		args []string
		from state
		at   []step
		want state
		// watching are those of its steps at which it reads the engine's events.
		watching []step
	}
	commands := []command{
		{start, nothing, []step{{"creating", 1}, {"starting", 2}, {"pinging", 1}}, running, []step{{"creating", 1}, {"starting", 2}, {"pinging", 1}}},
		{[]string{"reload", "app", timeout}, running, []step{{"building", 1}, {"stopping", 1}}, running, []step{{"starting", 1}}},
		{[]string{"restart", "app", timeout}, running, []step{{"stopping", 1}, {"starting", 1}}, running, []step{{"starting", 1}}},
		{[]string{"stop", timeout}, running, []step{{"stopping", 1}, {"stopping", 3}}, stopped, nil},
		{[]string{"stop", timeout, "--remove"}, running, []step{{"stopping", 1}, {"postStop", 2}}, nothing, nil},
	}
	if long {
		slow = time.Second
		build := append(slices.Clone(start), "--build")
		commands = append(commands, command{build, nothing, []step{{"building", 1}}, running, nil})
	}
	faults := []struct {
		name  string
		fails bool          // else the command gets through
		says  string        // where it fails, one of them
		takes time.Duration // what the command takes longer
		do    func(*proxy)
	}{
		{"gone", true, "does not answer|was lost", 0, func(p *proxy) { p.set(fault{gone: true}) }},
		{"cut once", false, "does not answer|was lost", 0, func(p *proxy) { p.before("", p.cut) }},
		{"500", true, "the test says no", 0, func(p *proxy) { p.set(fault{answer: http.StatusInternalServerError}) }},
		{"slow", false, "", requests * slow, func(p *proxy) { p.set(fault{delay: slow}) }},
		{"silent", true, "does not answer: it does not even answer a ping", noticed, func(p *proxy) { p.set(fault{silent: true}) }},
		{"no events", false, "", 0, func(p *proxy) { p.dropEvents() }},
	}
	for number, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var w *world
			var p *proxy
			now := nothing
			fresh := func() {
				w, now = newWorld(t), nothing
				p = newProxy(t, w)
			}
			fresh()
			limit := engineTimeout + busy + f.takes
			runs, missed, miscounted := 0, 0, 0
			for i, c := range commands {
				steps := c.at
				if f.name == "no events" {
					steps = c.watching
				}
				if !long {
					// The start, and one other command, of which each fault has another one.
					if other := 1 + number%(len(commands)-1); i > 0 && i != other || f.name == "silent" && c.from != nothing {
						continue
					}
					steps = steps[:min(1, len(steps))]
				}
				for _, at := range steps {
					w.bring(&now, c.from, start)
					if c.args[0] == "reload" {
						w.rewrite()
					}
					o := w.interrupted(interruption{at: at, do: func() { f.do(p) }, limit: limit}, c.args...)
					p.set(fault{})
					times := p.disturbances()
					t.Logf("%s at %s %d: code %d after %s, disturbed %d times", strings.Join(c.args, " "), at.phase, at.n, o.code, o.took.Round(time.Millisecond), times)
					if strings.Contains(o.stderr, engineFault) {
						miscounted++
						fresh()
						continue
					}
					if !o.came {
						t.Errorf("it never came to %s %d: %s", at.phase, at.n, o)
					}
					// A command may have asked the engine all that it wanted when a fault comes.
					if runs++; times == 0 {
						missed++
					}
					if o.hung {
						t.Errorf("at %s %d: it takes more than %s: %s", at.phase, at.n, limit, o)
					}
					if o.code != 0 && o.code != 1 || strings.Contains(o.stderr, "goroutine ") {
						t.Errorf("at %s %d: no error of ours: %s", at.phase, at.n, o)
					}
					if f.says != "" && o.code != 0 && !containsAny(o.stderr, f.says) || !f.fails && f.says == "" && o.code != 0 || f.fails && times > 0 && o.code == 0 {
						t.Errorf("at %s %d: %s", at.phase, at.n, o)
					}
					for _, wrong := range unclear(o.stderr) {
						t.Errorf("at %s %d, %s", at.phase, at.n, wrong)
					}
					again := w.run(c.args...)
					if strings.Contains(again.stderr, engineFault) {
						miscounted++
						fresh()
						continue
					}
					if again.code != 0 {
						t.Errorf("at %s %d, run again: %s\nbefore: %s", at.phase, at.n, again, o)
					}
					if wrong := w.differences(c.want); len(wrong) > 0 {
						t.Errorf("at %s %d, differs:\n- %s\n%s\nthen %s", at.phase, at.n, strings.Join(wrong, "\n- "), o, again)
					}
					now = c.want
				}
			}
			if missed > runs/4 {
				t.Errorf("of %d commands %d were not disturbed", runs, missed)
			}
			if miscounted > 1+runs/4 {
				t.Errorf("%d times the engine was in the way, and nothing was compared", miscounted)
			}
		})
	}
}

// TestEngineRestarts restarts the engine in the middle of each command, in order
// and by killing it: the command ends soon, and the next one puts in order what is
// left over.
func TestEngineRestarts(t *testing.T) {
	t.Parallel()
	start := []string{"start", "--timeout=20", "--settle=0.1"}
	reload := []string{"reload", "app", "--timeout=20"}
	restart := []string{"restart", "app", "--timeout=20"}
	stop := []string{"stop", "--timeout=20"}
	remove := append(slices.Clone(stop), "--remove")
	type round struct {
		args []string
		from state
		at   step
		want state
	}
	for _, end := range []engineEnd{{"stopped", (*enginetest.OwnEngine).Stop}, {"killed", (*enginetest.OwnEngine).Kill}} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			engine := enginetest.StartOwn(t)
			var w *world
			now := nothing
			fresh := func() {
				w, now = newWorld(t), nothing
				w.api, w.engineHost, w.host = engine.API(), engine.Host(), engine.Host()
				w.inside = engine.Inside()
			}
			fresh()
			rounds := []round{{start, nothing, step{"starting", 2}, running}}
			if long || end.name == "killed" {
				rounds = append(rounds, round{reload, running, step{"stopping", 1}, running}, round{remove, running, step{"stopping", 2}, nothing})
			}
			if long || end.name == "stopped" {
				rounds = append(rounds, round{restart, running, step{"stopping", 1}, running}, round{stop, running, step{"stopping", 2}, stopped})
			}
			if long {
				build := append(slices.Clone(start), "--build")
				rounds = append(rounds,
					round{build, nothing, step{"building", 1}, running}, round{start, nothing, step{"creating", 2}, running},
					round{start, nothing, step{"pinging", 1}, running}, round{start, nothing, step{"postStart", 3}, running},
					round{start, stopped, step{"starting", 2}, running}, round{reload, running, step{"building", 1}, running},
					round{reload, running, step{"creating", 1}, running}, round{restart, running, step{"starting", 1}, running}, round{stop, running, step{"preStop", 1}, stopped},
					round{remove, running, step{"postStop", 2}, nothing})
			}
			unknown := 0
			for _, r := range rounds {
				reach := []state{r.from}
				if r.from == stopped {
					reach = []state{running, stopped}
				}
				for _, state := range reach {
					o := w.toState(&now, state, start)
					if o.code != 0 && leaked.MatchString(o.stderr) {
						unknown++
						fresh()
						o = w.toState(&now, state, start)
					}
					if o.code != 0 {
						t.Fatal(o)
					}
				}
				if r.args[0] == "reload" {
					w.rewrite()
				}
				var restarting sync.WaitGroup
				o := w.interrupted(interruption{at: r.at, do: func() {
					restarting.Go(func() {
						end.do(engine)
						engine.Start()
					})
				}}, r.args...)
				restarting.Wait()
				t.Logf("%s at %s %d: code %d after %s, came %t", strings.Join(r.args, " "), r.at.phase, r.at.n, o.code, o.took.Round(time.Millisecond), o.came)
				if !o.came {
					t.Errorf("it never came to %s %d: %s", r.at.phase, r.at.n, o)
				}
				if o.hung || o.code != 0 && o.code != 1 && o.code != 4 {
					t.Errorf("hangs: %t: %s", o.hung, o)
				}
				for _, wrong := range end.wrong(engine, o) {
					t.Errorf("at %s %d, %s: %s", r.at.phase, r.at.n, wrong, o)
				}
				next := r.args
				if r.args[0] == "reload" || r.args[0] == "restart" {
					next = start // what it was not about has died with the engine
				}
				again := w.run(next...)
				if again.code != 0 && leaked.MatchString(again.stderr) {
					unknown++
					fresh()
					continue
				}
				if again.code != 0 {
					t.Errorf("at %s %d, run again: %s\nbefore: %s", r.at.phase, r.at.n, again, o)
				}
				if wrong := w.differences(r.want); len(wrong) > 0 {
					t.Fatalf("at %s %d, differs:\n- %s\n%s\nthen %s", r.at.phase, r.at.n, strings.Join(wrong, "\n- "), o, again)
				}
				now = r.want
			}
			if unknown > 2 {
				t.Errorf("%d times the engine kept a port, and not all was compared", unknown)
			}
		})
	}
}

// engineEnd is how an engine ends.
type engineEnd struct {
	name string
	do   func(*enginetest.OwnEngine)
}

// wrong returns what a command may not say in the middle of which the engine has
// ended. One that is killed answers nothing more, so the command fails, and names
// it. One that is stopped in order still answers for a while, in words of its own:
// it may come to the end of a stop, as it ends its containers itself, but no
// service is ready with it.
func (e engineEnd) wrong(engine *enginetest.OwnEngine, o outcome) (wrong []string) {
	switch killed := e.name == "killed"; {
	case o.code == 0 && (killed || o.args[0] != "stop"):
		wrong = append(wrong, "the end of the engine was not noticed")
	case o.code != 0 && killed && !strings.Contains(o.stderr, engine.Host()):
		wrong = append(wrong, "it does not name the engine")
	case o.code != 0 && !strings.Contains(o.stderr, `"error":"`):
		wrong = append(wrong, "it does not say why")
	case killed:
		wrong = unclear(o.stderr)
	}
	return wrong
}

// unclear returns the errors that tell of a lost connection in the words of the
// system, and not what was lost.
func unclear(stderr string) (wrong []string) {
	for line := range strings.Lines(stderr) {
		var event struct{ Error string }
		if json.Unmarshal([]byte(line), &event) != nil {
			continue
		}
		named := containsAny(event.Error, "the engine at|no container engine answers")
		if strings.Contains(event.Error, "EOF") || !named && containsAny(event.Error, "reset by peer|closed|broken pipe|connection refused|no such file") {
			wrong = append(wrong, "unclear: "+event.Error)
		}
	}
	return wrong
}

// leaked is how it shows that Docker 20.10, which ended while it started a
// container, has the container's endpoint in its store and restores it for ever:
// the port is published to nobody. Only another port helps.
var leaked = regexp.MustCompile(`is already in use by process \d+ \(docker-proxy\)|timed out after 20 s: GET [^"]*connection (reset by peer|closed by the other side)`)

func containsAny(text, alternatives string) bool {
	for _, a := range strings.Split(alternatives, "|") {
		if strings.Contains(text, a) {
			return true
		}
	}
	return false
}

// bring brings the group from one state to another, undisturbed.
func (w *world) bring(now *state, want state, start []string) {
	w.Helper()
	if o := w.toState(now, want, start); o.code != 0 && !strings.Contains(o.stderr, engineFault) {
		w.Fatal(o)
	}
}

func (w *world) toState(now *state, want state, start []string) (o outcome) {
	w.Helper()
	if *now == want {
		return o
	}
	args := start
	switch want {
	case nothing:
		args = []string{"stop", "--remove"}
	case stopped:
		args = []string{"stop"}
	}
	*now = want
	return w.run(args...)
}
