package chaos

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// talking is a service that is ready when it has written so many lines of 200
// characters, and goes on writing, and a suite in a container.
func talking(lines int) string {
	return fmt.Sprintf(`
		import { Service, Suite, groupName, probe } from "miniboss";
		groupName(process.env.GROUP);
		export class Talks extends Service {
			name = "talks";
			image = process.env.IMAGE;
			cmd = "-print %[1]d -width 200 -repeat 50ms";
			ping() { return probe.log(this, "line %[1]d"); }
		}
		export class Box extends Suite {
			name = "box";
			services = [Talks];
			image = process.env.IMAGE;
			cmd = "-repeat 50ms -die-after 8s";
		}
	`, lines)
}

// wholeLog is how many lines a log of 2 MB has, more than can be on its way between
// the engine and the one who reads it, so that it is cut in the middle.
const wholeLog = 10000

// ownTime is how long the commands of connections work where nothing disturbs them.
const ownTime = 8 * time.Second

// connection is a command that a connection to the engine is held for.
type connection struct {
	name string
	args []string
	asks string // how the path of its first request ends that is of this command
	at   step   // at which it is connected
	code int    // undisturbed
	// alone is set where it needs a group of its own, which it starts itself; else
	// the service runs.
	alone bool
	// insists is set where it tries for a minute to come back to the engine.
	insists bool
}

var connections = []connection{
	{name: "run", args: []string{"run", "talks", "-repeat", "50ms", "-die-after", "8s", "-exit", "7"}, asks: "/containers/create", at: step{onStdout, 3}, code: 7, alone: true},
	{name: "exec", args: []string{"exec", "talks", "/testserver", "-repeat", "50ms", "-die-after", "8s", "-exit", "7"}, asks: "/exec", at: step{onStdout, 3}, code: 7},
	{name: "logs", args: []string{"logs"}, asks: "/logs", at: step{onStdout, 1000}},
	{name: "logs -f", args: []string{"logs", "--follow", "--tail=5"}, asks: "/logs", at: step{onStdout, 10}, insists: true},
	{name: "test", args: []string{"test", "--output", "--timeout=20", "--settle=0.1"}, asks: "/containers/create", at: step{"output", 3}, alone: true},
}

// insistence is how long it tries: a minute, and until the next try.
const insistence = 62 * time.Second

// separation is a fault that comes between a command and the engine.
type separation struct {
	name  string
	says  string        // one of them, where the command fails
	takes time.Duration // what a command takes longer
	back  bool          // the engine is there again at once
	asked bool          // also in the short form when the command asks, and not only when it is connected
	do    func(*proxy)
}

// TestEngineGoesAwayWhileConnected disturbs the commands that read what a container
// writes: when they ask for it, and in the middle. None takes half of it for all,
// and an engine that is slow only makes them slow. They mostly wait, so that several
// take the place of one of the tests that run at the same time.
func TestEngineGoesAwayWhileConnected(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	places := make(chan struct{}, connectedAtOnce)
	for _, s := range []separation{
		{"gone", "does not answer|was lost", 0, false, true, func(p *proxy) { p.set(fault{gone: true}) }},
		{"cut once", "does not answer|was lost", 0, true, false, (*proxy).cut},
		{"500", "the test says no", 0, false, false, func(p *proxy) {
			p.set(fault{answer: http.StatusInternalServerError})
			p.dropEvents() // they would go on
		}},
		{"silent", "does not answer: it does not even answer a ping", noticed, false, false, func(p *proxy) { p.set(fault{silent: true}) }},
	} {
		all.Go(func() { t.Run(s.name, func(t *testing.T) { s.test(t, places) }) })
	}
	all.Go(func() { t.Run("slow", slowEngine) })
	all.Wait()
}

// connectedAtOnce is how many commands are disturbed at once: with more of them two
// processors do nothing else, and what has to be done in time is not.
const connectedAtOnce = 4

func (s separation) test(t *testing.T, places chan struct{}) {
	shared := newWorld(t)
	shared.file(talking(wholeLog))
	places <- struct{}{}
	o := shared.run(startArgs...)
	<-places
	if o.code != 0 {
		t.Fatal(o)
	}
	var all sync.WaitGroup
	for _, c := range connections {
		for _, asked := range []bool{true, false} {
			name := c.name + " connected"
			if asked {
				name = c.name + " asked"
			}
			switch {
			case asked && !s.asked && !long:
				continue
			case !asked && s.name == "500" && c.name == "logs":
				continue // what is on its way comes, whatever else is answered
			}
			all.Go(func() {
				t.Run(name, func(t *testing.T) {
					places <- struct{}{}
					defer func() { <-places }()
					w := *shared
					if w.TB = t; c.alone {
						w = *newWorld(t)
						w.file(talking(1))
					}
					s.disturb(t, &w, c, asked)
					c.again(t, &w)
				})
			})
		}
	}
	all.Wait()
	if o := shared.run("stop", "--remove"); o.code != 0 && !strings.Contains(o.stderr, engineFault) {
		t.Error(o)
	}
}

// disturb runs the command, and comes between it and the engine.
func (s separation) disturb(t *testing.T, w *world, c connection, asked bool) {
	p := newProxy(t, w)
	i := interruption{at: c.at, do: func() { s.do(p) }}
	// It reads on when the engine is back, until it is told to end.
	end := interruption{at: step{onStdout, 60}, signal: os.Interrupt}
	if c.insists && s.back {
		i.then = &end
	}
	if asked {
		p.before(c.asks, i.do)
		if i = (interruption{}); c.insists && s.back {
			i = end
		}
	}
	i.limit = ownTime + busy + s.takes
	if c.insists {
		i.limit += insistence
	}
	if c.alone {
		i.limit += engineTimeout // for the container that it starts itself
	}
	o := w.interrupted(i, c.args...)
	p.set(fault{})
	times := p.disturbances()
	t.Logf("code %d after %s, disturbed %d times", o.code, o.took.Round(time.Millisecond), times)
	if times == 0 {
		t.Errorf("nothing disturbed it: %s", o)
	}
	if o.hung {
		t.Errorf("it takes more than %s: %s", i.limit, o)
	}
	// What is asked for may be asked once more, and who follows goes on.
	if s.back && (asked || c.insists) && o.code == c.code {
		for _, wrong := range c.incomplete(o) {
			t.Errorf("%s: %s", wrong, o)
		}
		return
	}
	if o.code != 1 || !containsAny(o.stdout+o.stderr, s.says) || strings.Contains(o.stderr, "goroutine ") {
		t.Error(o)
	}
}

// incomplete returns what is missing in the output of a command that ended well.
func (c connection) incomplete(o outcome) (wrong []string) {
	switch c.name {
	case "logs":
		if n := strings.Count(o.stdout, "| line "); n != wholeLog {
			wrong = append(wrong, fmt.Sprintf("it has %d lines", n))
		}
	case "logs -f":
		last := 0
		for line := range strings.Lines(o.stdout) {
			var n int
			if _, err := fmt.Sscanf(line, "talks | tick %d", &n); err != nil {
				continue // those before
			}
			if last > 0 && n != last+1 {
				wrong = append(wrong, fmt.Sprintf("tick %d comes after tick %d", n, last))
			}
			last = n
		}
	}
	return wrong
}

// again runs the command once more, undisturbed, and looks for what the first one
// has left.
func (c connection) again(t *testing.T, w *world) {
	i := interruption{}
	if c.insists {
		i = interruption{at: c.at, signal: os.Interrupt}
	}
	o := w.interrupted(i, c.args...)
	if o.code != c.code && !strings.Contains(o.stderr, engineFault) {
		t.Errorf("%s again: %s", c.name, o)
	}
	for _, wrong := range c.incomplete(o) {
		t.Errorf("%s again: %s: %s", c.name, wrong, o)
	}
	if !c.alone {
		return
	}
	if o := w.run(startArgs...); o.code != 0 {
		t.Errorf("the start after %s: %s", c.name, o)
	}
	if found := w.containers(); len(found) != 1 || found[0].Labels["miniboss.service"] != "talks" || found[0].State != "running" {
		t.Errorf("after %s there are %v", c.name, found)
	}
	if o := w.run("stop", "--remove"); o.code != 0 {
		if !strings.Contains(o.stderr, engineFault) {
			t.Errorf("the end after %s: %s", c.name, o)
		}
		return
	}
	if containers, networks := w.containers(), w.networks(); len(containers)+len(networks) > 0 {
		t.Errorf("%s has left %v %v", c.name, containers, networks)
	}
}
