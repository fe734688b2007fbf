package chaos

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// TestInterrupted interrupts each command once, and once more while it cleans
// up. The first time it ends in order; the second time at once, whatever the
// engine does.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	commands := []struct {
		name   string
		phases []string // at the first of each, there is much left to do; twice is the first alone, but in the long form
		more   []string // only in the long form
		last   []string // after these the command may be done too soon
	}{
		{"start (build)", []string{"building", "pinging", "postStart"}, []string{"creating", "preStart", "starting", "settling"}, nil},
		{"reload", []string{"building"}, []string{"stopping", "preStop", "postStop", "creating"}, []string{"pinging"}},
		{"stop", []string{"stopping"}, []string{"preStop", "postStop"}, nil},
		{"stop --remove", []string{"stopping"}, []string{"preStop", "postStop", "removed"}, nil},
	}
	for _, c := range commands {
		for _, times := range []string{"once", "twice"} {
			t.Run(c.name+" "+times, func(t *testing.T) {
				t.Parallel()
				k := newKiller(t, 1, 0)
				k.proxy = newProxy(t, k.world)
				phases := c.phases
				if times == "twice" {
					phases = phases[:1]
				}
				if long {
					phases = slices.Concat(c.phases, c.more, c.last)
				}
				for _, phase := range phases {
					// A command may end between the signal and its notice, but not each time.
					last := slices.Contains(c.last, phase)
					for missed := 0; !k.interrupt(c.name, phase, times == "twice", last) && !last; {
						if missed++; missed == 3 {
							t.Fatalf("at %s: it never says that it was interrupted", phase)
						}
					}
				}
			})
		}
	}
	for _, times := range []string{"once", "twice"} {
		t.Run("start (pull) "+times, func(t *testing.T) {
			t.Parallel()
			interruptedPull(t, times == "twice")
		})
	}
}

// interruptedPull interrupts a start while its image is on its way.
func interruptedPull(t *testing.T, twice bool) {
	registry := enginetest.NewRegistry(t, "", "")
	image := registry.Add(t, "server:1")
	registry.Stall()
	k := &killer{T: t, world: newWorld(t)}
	k.proxy = newProxy(t, k.world)
	k.world.image = image
	k.world.file(`
		import { Service, groupName } from "miniboss";
		groupName(process.env.GROUP);
		export class Pulled extends Service { name = "pulled"; image = process.env.IMAGE; ping() { return true; } }
	`)
	o := k.signalled(startArgs, "pulling", twice, false)
	if !strings.Contains(o.stderr, interruptedOnce) {
		t.Errorf("it never says that it was interrupted: %s", o)
	}
	if left := k.world.containers(); len(left) > 0 {
		t.Errorf("there are %v", left)
	}
	registry.GoOn()
	if again := k.world.run(startArgs...); again.code != 0 {
		t.Errorf("%s\nthen: %s", o, again)
	}
	if found := k.world.containers(); len(found) != 1 || found[0].State != "running" {
		t.Errorf("there are %v", found)
	}
	if o := k.world.run("stop", "--remove"); o.code != 0 && !strings.Contains(o.stderr, engineFault) {
		t.Error(o)
	}
}

// interrupt interrupts a command at a phase, and once more when it says so, and
// returns whether it did. last is set where it may be done already.
func (k *killer) interrupt(command, phase string, twice, last bool) (noticed bool) {
	k.Helper()
	try := k.reach(command)
	if try.prepare != nil {
		try.prepare()
	}
	o := k.signalled(try.args, phase, twice, last)
	if !twice {
		for _, wrong := range k.endedInOrder(o) {
			k.Errorf("at %s: %s: %s", phase, wrong, o)
		}
	}
	k.recover(try, o)
	return strings.Contains(o.stderr, interruptedOnce)
}

// interruptedOnce is what a command says that was interrupted once.
const interruptedOnce = "interrupted, cleaning up (press Ctrl-C again to quit now)"

// signalled runs a command, and interrupts it. The second time the engine has
// fallen silent.
func (k *killer) signalled(args []string, phase string, twice, last bool) outcome {
	k.Helper()
	var again time.Time
	first := interruption{at: step{phase, 1}, signal: os.Interrupt}
	if twice {
		first.then = &interruption{at: step{"notice", 1}, signal: os.Interrupt, do: func() {
			k.proxy.set(fault{silent: true})
			again = time.Now()
		}}
	}
	o := k.world.interrupted(first, args...)
	k.proxy.set(fault{})
	ended := time.Now()
	// A signal that comes when it has just ended ends it too.
	ended130 := o.code == 130 || o.code == -1 && twice && !o.hung
	if !ended130 && (o.code != 0 || !last) {
		k.Errorf("at %s: %s", phase, o)
	}
	if strings.Contains(o.stderr, `"phase":"failed"`) {
		k.Errorf("at %s: an interruption is no failure: %s", phase, o)
	}
	if !again.IsZero() && ended.Sub(again) > 5*time.Second {
		k.Errorf("at %s: it goes on for %s", phase, ended.Sub(again))
	}
	return o
}

// endedInOrder checks what an interrupted command has left: what was not ready
// is gone, and what was ready, or was not being stopped yet, runs.
func (k *killer) endedInOrder(o outcome) (wrong []string) {
	k.Helper()
	runs := map[string]bool{}
	for _, found := range k.world.containers() {
		service := found.Labels["miniboss.service"]
		if runs[service] = found.State == "running"; strings.Contains(found.Names[0], ".") {
			wrong = append(wrong, found.Names[0]+", which was not ready, stays")
		}
	}
	ready, stopping := o.services("ready"), o.services("stopping")
	for service, keepsRunning := range services {
		stays := ready[service] || k.state == running && !stopping[service]
		if keepsRunning && stays && !runs[service] {
			wrong = append(wrong, "service "+service+" was to stay")
		}
	}
	return wrong
}

// recover runs what is run after a command that was disturbed, and compares.
func (k *killer) recover(try try, disturbed outcome) {
	k.Helper()
	o := k.world.run(try.again...)
	if strings.Contains(disturbed.stderr+o.stderr, engineFault) {
		k.Log("the engine has miscounted")
		k.fresh()
		return
	}
	wrong := k.world.differences(try.want)
	if o.code != 0 {
		wrong = append(wrong, "the second command failed")
	}
	if len(wrong) > 0 {
		k.Fatalf("differs:\n- %s\n%s\nthen: %s", strings.Join(wrong, "\n- "), disturbed, o)
	}
	k.state = try.want
}
