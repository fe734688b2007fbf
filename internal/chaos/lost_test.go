package chaos

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDeathWhileEventsAreLost kills a container that is being pinged while the
// stream of events is down: the death is noticed when it is up again, and not
// only at the end of the ping's time.
func TestDeathWhileEventsAreLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProxy(t, w)
	w.file(`
		import { Service, groupName } from "miniboss";
		groupName(process.env.GROUP);
		export class Never extends Service { name = "never"; image = process.env.IMAGE; ping() { return false; } }
	`)
	const timeout = "80" // seconds; less than a command may take
	o := w.interrupted(interruption{at: step{"pinging", 1}, do: func() {
		p.set(fault{noEvents: true})
		p.dropEvents()
		w.must(w.api.Do(t.Context(), http.MethodPost, "/containers/"+w.containers()[0].ID+"/kill", nil, nil, nil))
		time.AfterFunc(100*time.Millisecond, func() { p.set(fault{}) })
	}}, "start", "--timeout="+timeout)
	if o.code != 1 || !strings.Contains(o.stderr, "container exited with code 137") || strings.Contains(o.stderr, "not ready after") {
		t.Error(o)
	}
	if left := w.containers(); len(left) > 0 {
		t.Errorf("there are %v", left)
	}
}

// TestNetworkThatIsMiscounted has the engine refuse to remove the network as
// Docker 20.10 does when it has miscounted the containers on it: everything else
// is removed, the message says what it is, and the next start uses the network.
func TestNetworkThatIsMiscounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProxy(t, w)
	start := func() {
		t.Helper()
		if o := w.run(startArgs...); o.code != 0 {
			t.Fatal(o)
		}
		report(t, w, running)
	}
	start()
	p.set(fault{refuse: func(r *http.Request) string {
		if r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "/networks/") {
			return "error while removing network: network x id abc has active endpoints"
		}
		return ""
	}})
	o := w.run("stop", "--remove", "--volumes", flags)
	if o.code != 1 || !strings.Contains(o.stderr, engineFault) || !strings.Contains(o.stderr, "it still works, and can be removed after the engine restarts") {
		t.Error(o)
	}
	if left := w.containers(); len(left) > 0 {
		t.Errorf("there are %v", left)
	}
	var volumes struct{ Volumes []struct{ Name string } }
	w.list("/volumes", "miniboss.group="+w.group, &volumes)
	if len(volumes.Volumes) > 0 {
		t.Errorf("there are %v", volumes)
	}
	before := w.networks()
	start()
	if after := w.networks(); len(after) != 1 || after[0] != before[0] {
		t.Errorf("the network %v became %v", before, after)
	}
	p.set(fault{})
	if o := w.run("stop", "--remove", flags); o.code != 0 && !strings.Contains(o.stderr, engineFault) {
		t.Error(o)
	}
}

// TestReadOnlyDirectory runs as a user who may not write beside the file: what
// sets nothing on the context works, and what does fails and says why.
func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asNobody()
	w.file(`
		import { Service, groupName, context } from "miniboss";
		groupName(process.env.GROUP);
		class Base extends Service { image = process.env.IMAGE; ping() { return true; } }
		export class Sets extends Base { name = "sets"; dependencies = ["other"]; preStart() { context.sets = 1; } }
		export class Other extends Base { name = "other"; }
	`)
	o := w.run(startArgs...)
	if o.code != 1 || !strings.Contains(o.stderr, "preStart: context: open "+filepath.Join(w.dir, ".miniboss-context.tmp")+": permission denied") {
		t.Error(o)
	}
	containers := w.containers()
	if len(containers) != 1 || containers[0].Labels["miniboss.service"] != "other" {
		t.Errorf("there are %v: %s", containers, o)
	}
	if o := w.run("stop", "--remove"); o.code != 0 && !strings.Contains(o.stderr, engineFault) {
		t.Error(o)
	}

	// One that was saved stays as it is, also where it cannot be taken away.
	saved := []byte(`{"version":1,"groups":{"` + w.group + `":{"sets":0}}}`)
	file := filepath.Join(w.dir, ".miniboss-context")
	w.must(os.WriteFile(file, saved, 0o644))
	if o := w.run(startArgs...); o.code != 1 || !strings.Contains(o.stderr, "permission denied") {
		t.Error(o)
	}
	if o := w.run("stop", "--remove"); o.code != 1 || !strings.Contains(o.stderr, "context: ") || !strings.Contains(o.stderr, "permission denied") {
		t.Error(o)
	}
	if left := w.containers(); len(left) > 0 {
		t.Errorf("there are %v", left)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != string(saved) {
		t.Errorf("the context became %s, %v", now, err)
	}
}
