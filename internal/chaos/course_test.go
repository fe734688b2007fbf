package chaos

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestHooksAreSeen has hooks that §6 of the contract does not allow.
func TestHooksAreSeen(t *testing.T) {
	t.Parallel()
	const (
		stops  = "preStop postStop "
		starts = "preStart postStart "
		killed = -1
	)
	start, stop, reload, restart := []string{"start"}, []string{"stop"}, []string{"reload", "app"}, []string{"restart", "app"}
	type command struct {
		args  []string
		code  int
		hooks string
	}
	for _, c := range []struct {
		is       condition
		commands []command
		right    bool
	}{
		{ready, []command{{start, 0, ""}}, true},
		{ready, []command{{start, 0, "postStart "}}, false},
		{ready, []command{{start, 0, "preStart "}}, false},
		{ready, []command{{start, 0, stops + starts}}, false},
		{ready, []command{{start, killed, "preStop "}}, false},
		{ended, []command{{start, 0, ""}}, true},
		{ended, []command{{start, 0, "preStart "}}, false},
		{ended, []command{{stop, 0, stops}}, false},
		{outdated, []command{{start, 0, stops + starts}}, true},
		{outdated, []command{{start, 0, starts}}, false},
		{outdated, []command{{start, 0, stops + starts + "postStart "}}, false},
		{outdated, []command{{start, killed, "preStop "}, {start, 0, stops + starts}}, true},
		{outdated, []command{{start, killed, "preStop "}, {start, 0, starts}}, true},
		{outdated, []command{{start, killed, stops}, {start, 0, stops + starts}}, false},
		{absent, []command{{start, killed, "preStart "}, {start, 0, "postStart "}}, true},
		{absent, []command{{start, killed, "preStart "}, {start, 0, starts}}, true},
		{absent, []command{{start, killed, "preStart "}, {start, 0, ""}}, false},
		{absent, []command{{start, killed, starts}, {start, 0, ""}}, true},
		{absent, []command{{start, killed, starts}, {start, 0, "postStart "}}, true},
		{absent, []command{{start, killed, starts}, {start, 0, starts}}, false},
		{absent, []command{{start, killed, "postStart "}}, false},
		{ready, []command{{stop, 0, stops}}, true},
		{ready, []command{{stop, 0, ""}}, false},
		{ready, []command{{stop, killed, stops}, {start, 0, ""}}, true},
		{ready, []command{{stop, killed, "preStop "}, {stop, 0, stops}}, true},
		{ready, []command{{reload, killed, ""}, {start, 0, ""}}, true},
		{ready, []command{{reload, killed, ""}, {start, 0, stops + starts}}, true},
		{ready, []command{{reload, killed, stops}, {reload, 0, starts}}, true},
		{ready, []command{{reload, 0, ""}}, false},
		{ready, []command{{restart, 0, stops}}, true},
		{ready, []command{{restart, 0, stops + starts}}, false},
		{ready, []command{{restart, killed, stops}, {restart, 0, ""}}, true},
	} {
		may := conditions{"app": {c.is}}
		var wrong []string
		for _, command := range c.commands {
			var unlike []string
			may, unlike = may.after(outcome{args: command.args, code: command.code}, map[string]string{"app": command.hooks})
			wrong = append(wrong, unlike...)
		}
		if (len(wrong) == 0) != c.right {
			t.Errorf("%s, %v: %q", c.is, c.commands, wrong)
		}
	}
}

// condition is what a service's container is, as far as a command asks.
type condition string

const (
	absent     condition = "absent"
	created    condition = "not ready and not running"
	begun      condition = "not ready and running"
	ready      condition = "ready"
	ended      condition = "ended" // and it was ready
	outdated   condition = "running, with another definition"
	leftBehind condition = "ended, with another definition"
)

// course is what a command does to a service: the moments that it goes through,
// each with the hooks that have begun and what the container is then. A command
// that is killed leaves the service at one of them, and nobody but the engine
// knows at which; the hooks that have begun narrow it down.
type course struct {
	runs    bool // the service does, once it is started
	moments []moment
}

type moment struct {
	hooks string // in order, each followed by a space
	is    condition
}

func (c *course) now() moment       { return c.moments[len(c.moments)-1] }
func (c *course) is(next condition) { c.moments = append(c.moments, moment{c.now().hooks, next}) }
func (c *course) hook(name string) {
	c.moments = append(c.moments, moment{c.now().hooks + name + " ", c.now().is})
}

// start is §6 of the contract: nothing for what is ready, no hooks for what is
// started again, and for a new container those of the old one first.
func (c *course) start() {
	switch c.now().is {
	case created, outdated, leftBehind:
		c.remove()
	case ended:
		if c.runs {
			c.is(ready)
		}
	}
	switch c.now().is {
	case absent:
		c.hook("preStart")
		c.is(created)
		c.is(begun)
	case ready, ended:
		return
	}
	last := ready
	if !c.runs {
		c.is(created) // it has ended, and is not ready before its postStart
		last = ended
	}
	c.hook("postStart")
	c.is(last)
}

func (c *course) stop() {
	next := map[condition]condition{begun: created, ready: ended, outdated: leftBehind}[c.now().is]
	if next == "" {
		return // it does not run
	}
	c.hook("preStop")
	c.is(next)
	c.hook("postStop")
}

func (c *course) remove() {
	c.stop()
	c.is(absent)
}

// change makes the container one that is to be replaced.
func (c *course) change() {
	switch c.now().is {
	case begun, ready:
		c.is(outdated)
	case created, ended:
		c.is(leftBehind)
	}
}

// take goes through a command for a service.
func (c *course) take(args []string, service string) {
	has := func(flag string) bool { return slices.Contains(args, flag) }
	switch {
	case args[0] == "start":
		c.start()
	case args[0] == "stop" && has("--remove"):
		c.remove()
	case args[0] == "stop":
		c.stop()
	case args[0] == "restart":
		if service == "app" || service == "web" {
			c.stop()
			c.start()
		}
	case service == "app": // of reload
		c.change() // when the image is built
		c.start()
	case service == "web" && has("--dependants"):
		if c.stop(); has("--remove") {
			c.change()
		}
		c.start()
	}
}

// conditions are what the containers may be, by service.
type conditions map[string][]condition

func (s state) conditions() conditions {
	all := conditions{}
	for service, runs := range services {
		switch {
		case s == nothing:
			all[service] = []condition{absent}
		case s == running && runs:
			all[service] = []condition{ready}
		default:
			all[service] = []condition{ended}
		}
	}
	return all
}

// change makes the containers of services ones that are to be replaced.
func (all conditions) change(names []string) {
	for _, service := range names {
		c := course{moments: []moment{{is: all[service][0]}}}
		c.change()
		all[service] = []condition{c.now().is}
	}
}

// after returns what the containers may be after a command during which the hooks
// were run, and a line for each service whose hooks cannot have been these.
func (all conditions) after(o outcome, hooks map[string]string) (next conditions, wrong []string) {
	next = conditions{}
	for _, service := range slices.Sorted(maps.Keys(all)) {
		var right []string
		for _, begin := range all[service] {
			c := course{services[service], []moment{{is: begin}}}
			c.take(o.args, service)
			if o.code != -1 {
				c.moments = c.moments[len(c.moments)-1:]
			}
			for _, m := range c.moments {
				right = append(right, fmt.Sprintf("%q", m.hooks))
				if m.hooks == hooks[service] {
					next[service] = append(next[service], m.is)
				}
			}
		}
		if next[service] == nil && right != nil { // else it has been told of
			slices.Sort(right)
			wrong = append(wrong, fmt.Sprintf("%s of service %s, which was %s: the hooks %q, not one of %s",
				o.args[0], service, all[service], hooks[service], strings.Join(slices.Compact(right), ", ")))
		}
	}
	return next, wrong
}

// hooksRun are the hooks of commands that run one after the other.
type hooksRun struct {
	*world
	may   conditions
	read  int // how much of the file
	wrong []string
}

// hooksOf begins when the group is in a state, and containers of some services are
// to be replaced.
func (w *world) hooksOf(s state, changed []string) *hooksRun {
	w.Helper()
	h := &hooksRun{world: w, may: s.conditions()}
	h.may.change(changed)
	h.more()
	return h
}

// of checks the hooks of the command that has just ended.
func (h *hooksRun) of(o outcome) {
	h.Helper()
	may, wrong := h.may.after(o, h.more())
	h.may, h.wrong = may, append(h.wrong, wrong...)
}

// more returns the hooks that have run since, by service.
func (h *hooksRun) more() map[string]string {
	h.Helper()
	data, err := os.ReadFile(h.world.hooks)
	if err != nil && !os.IsNotExist(err) {
		h.Fatal(err)
	}
	hooks := map[string]string{}
	for line := range bytes.Lines(data[h.read:]) {
		words := strings.Fields(string(line)) // who, hook, service
		hooks[words[2]] += words[1] + " "
	}
	h.read = len(data)
	return hooks
}
