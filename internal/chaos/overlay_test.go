package chaos

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// TestOverlayNetwork starts a group on an attachable overlay network, on which
// Docker 20.10 renames no container that runs. A service is ready all the same,
// and no postStart runs twice, also after a kill.
func TestOverlayNetwork(t *testing.T) {
	t.Parallel()
	engine := enginetest.StartOwn(t)
	w := newWorld(t)
	w.api, w.engineHost, w.host, w.inside = engine.API(), engine.Host(), engine.Host(), engine.Inside()
	do := func(path string, body any) {
		t.Helper()
		w.must(w.api.Do(t.Context(), http.MethodPost, path, nil, body, nil))
	}
	const loopback = "127.0.0.1"
	do("/swarm/init", map[string]any{"ListenAddr": loopback + ":2377", "AdvertiseAddr": loopback, "DataPathAddr": loopback})
	network := w.group + "-overlay"
	do("/networks/create", map[string]any{"Name": network, "Driver": "overlay", "Attachable": true})
	w.file(`
		import { Service, groupName } from "miniboss";
		import fs from "node:fs";
		const { GROUP, IMAGE, HOOKS } = process.env;
		groupName(GROUP);
		class Base extends Service {
			image = IMAGE;
			// It answers from the third ping on: a restarted one is seen not to be ready.
			ping() {
				fs.appendFileSync(HOOKS + ".pings", this.name + "\n");
				return fs.readFileSync(HOOKS + ".pings", "utf8").split(this.name + "\n").length > 3;
			}
			postStart() { fs.appendFileSync(HOOKS, "0 postStart " + this.name + "\n"); }
		}
		export class One extends Base { name = "one"; }
		export class Two extends Base { name = "two"; dependencies = [One]; }
	`)
	unready := func() { w.must(os.Remove(w.hooks + ".pings")) }
	start := []string{"start", flags, "--network-name", network}
	run := func(want string, args ...string) outcome {
		t.Helper()
		o := w.run(args...)
		if o.code != 0 || !strings.Contains(o.stderr+o.stdout, want) {
			t.Fatalf("it does not say %q: %s", want, o)
		}
		return o
	}
	first := run(`"phase":"ready"`, start...)
	if !strings.Contains(first.stderr, "keeps the name") {
		t.Skip("this engine renames containers on an overlay network")
	}
	run(`"service":"two","phase":"unchanged"`, start...)
	if o := run("one", "status", "--json"); strings.Count(o.stdout, `"state": "running"`) != 2 {
		t.Errorf("they do not run: %s", o)
	}
	unready()
	run(`"phase":"ready"`, "restart", flags)
	run(`"service":"two","phase":"unchanged"`, start...)
	run("", "stop", flags)
	for _, c := range w.containers() {
		if strings.Contains(c.Names[0], ".") {
			t.Errorf("%s is stopped, and has no final name", c.Names[0])
		}
	}
	unready()
	run(`"phase":"ready"`, start...)
	run("", "stop", "--remove", flags)
	for _, service := range []string{"one", "two"} {
		if ran := w.hookLines()["postStart "+service]; ran != 1 {
			t.Errorf("the postStart of %s ran %d times for one container", service, ran)
		}
	}
}
