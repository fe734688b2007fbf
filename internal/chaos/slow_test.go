package chaos

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowEngine delays each answer of the engine by 1 to 5 s, from the start of a
// service to its removal, and for a reload, a restart and a stop of one that is
// built: each command does what it does else, and takes no longer than the answers.
func slowEngine(t *testing.T) {
	const least, most = time.Second, 5 * time.Second
	slowly := func(w *world, i interruption, code int, says string, args ...string) {
		p := newProxy(t, w)
		p.set(fault{delay: least, more: most - least})
		i.limit = 3 * time.Minute
		o := w.interrupted(i, args...)
		times := p.disturbances()
		t.Logf("%s: code %d after %s, %d answers", strings.Join(args, " "), o.code, o.took.Round(time.Millisecond), times)
		if limit := time.Duration(times)*most + busy; times == 0 || o.took > limit {
			t.Errorf("%d answers, more than %s: %s", times, limit, o)
		}
		if !strings.Contains(o.stderr, engineFault) && (o.code != code || !strings.Contains(o.stdout, says)) {
			t.Errorf("no code %d with %q: %s", code, says, o)
		}
	}
	fresh := func() *world {
		w := newWorld(t)
		w.file(talking(1))
		return w
	}
	// Each has a proxy of its own, and with it another address.
	as := func(w *world) *world {
		copied := *w
		return &copied
	}
	var all sync.WaitGroup
	all.Go(func() {
		w := fresh()
		slowly(w, interruption{}, 0, "", startArgs...)
		var looking sync.WaitGroup
		looking.Go(func() {
			slowly(as(w), interruption{}, 7, "well\n", "exec", "talks", "/testserver", "-out", "well", "-exit", "7")
		})
		looking.Go(func() { slowly(as(w), interruption{}, 0, "| line 1 .", "logs") })
		looking.Go(func() {
			slowly(as(w), interruption{at: step{onStdout, 200}, signal: os.Interrupt}, 0, "| tick 100\n", "logs", "--follow")
		})
		looking.Wait()
		slowly(w, interruption{}, 0, "", "stop", "--remove", flags)
		if left := w.containers(); len(left) > 0 {
			t.Errorf("there are %v", left)
		}
	})
	all.Go(func() {
		w := fresh()
		slowly(w, interruption{}, 7, "well\n", "run", "talks", "-out", "well", "-exit", "7")
		if left := w.containers(); len(left) > 0 {
			t.Errorf("run has left %v", left)
		}
	})
	all.Go(func() {
		w := fresh()
		slowly(w, interruption{}, 0, "suites  1 passed", "test", "--timeout=90")
		if containers, networks := w.containers(), w.networks(); len(containers)+len(networks) > 0 {
			t.Errorf("test has left %v %v", containers, networks)
		}
	})
	for _, after := range []struct {
		state string
		args  []string
	}{
		{"running", []string{"reload", "built", flags}}, {"running", []string{"restart", "built", flags}}, {"exited", []string{"stop", flags}},
	} {
		all.Go(func() {
			w := newWorld(t)
			w.file(built)
			if o := w.run(startArgs...); o.code != 0 {
				t.Error(o)
				return
			}
			before := w.containers()
			w.rewrite()
			slowly(w, interruption{}, 0, "", after.args...)
			found := w.containers()
			replaced := len(found) == 1 && found[0].ID != before[0].ID
			if len(found) != 1 || found[0].State != after.state || replaced != (after.args[0] == "reload") {
				t.Errorf("after %s there are %v, before %v", after.args[0], found, before)
			}
		})
	}
	all.Wait()
}

// built is a service with an image that is built.
const built = `
	import { Service, groupName } from "miniboss";
	const { GROUP, IMAGE } = process.env;
	groupName(GROUP);
	export class Built extends Service {
		name = "built";
		image = GROUP + "-app:dev";
		buildFrom = "app";
		buildArgs = { BASE: IMAGE, GROUP };
		cmd = "-http :80";
		ping() { return true; }
	}
`
