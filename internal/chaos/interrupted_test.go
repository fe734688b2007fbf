package chaos

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestInterrupted interrupts each command once, and once more while it cleans
// up. The first time it ends in order; the second time at once, whatever the
// engine does.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	commands := []struct {
		name   string
		phases []string
	}{
		{"start (build)", []string{"building", "creating", "pinging", "postStart", "preStart", "starting", "settling"}},
		{"reload", []string{"building", "stopping", "preStop", "postStop", "creating", "pinging"}},
		{"stop", []string{"stopping", "preStop", "postStop"}},
		{"stop --remove", []string{"stopping", "preStop", "postStop", "removed"}},
	}
	for _, c := range commands {
		for _, times := range []string{"once", "twice"} {
			t.Run(c.name+" "+times, func(t *testing.T) {
				t.Parallel()
				k := newKiller(t, 1, 0)
				p := newProxy(t, k.world)
				phases := c.phases
				if !long {
					phases = phases[:1]
				}
				for _, phase := range phases {
					try := k.reach(c.name)
					if try.prepare != nil {
						try.prepare()
					}
					var again time.Time
					first := interruption{at: step{phase, 1}, signal: os.Interrupt}
					if times == "twice" {
						first.then = &interruption{at: step{"notice", 1}, signal: os.Interrupt, do: func() {
							p.set(fault{silent: true})
							again = time.Now()
						}}
					}
					o := k.world.interrupted(first, try.args...)
					p.set(fault{})
					ended := time.Now()
					// A signal that comes when it has just ended ends it too.
					ended130 := o.code == 130 || o.code == -1 && times == "twice"
					if !ended130 && o.code != 0 || o.code == 0 && slices.Contains(phases[:1], phase) {
						t.Errorf("at %s: %s", phase, o)
					}
					if strings.Contains(o.stderr, `"phase":"failed"`) {
						t.Errorf("at %s: an interruption is no failure: %s", phase, o)
					}
					if !again.IsZero() && ended.Sub(again) > 5*time.Second {
						t.Errorf("at %s: it goes on for %s", phase, ended.Sub(again))
					}
					if times == "once" {
						for _, found := range k.world.containers() {
							if strings.Contains(found.Names[0], ".") {
								t.Errorf("at %s: %s, which was not ready, stays: %s", phase, found.Names[0], o)
							}
						}
					}
					k.recover(try, o)
				}
			})
		}
	}
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
