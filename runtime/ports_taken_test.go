package runtime

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

func tcp(container, host int) spec.Port {
	return spec.Port{Container: container, Protocol: "tcp", Host: host}
}

// TestTakenPorts: what is taken fails before anything is created; what is the
// group's own, or may not be wanted at all, is left to the engine.
func TestTakenPorts(t *testing.T) {
	t.Parallel()
	bubble(t, "all at once", func(t *testing.T) {
		w := newWorld(t, "a:\nb: a\nc:\nd:\ne:", func(services map[string]*spec.Service) {
			services["a"].Loaded.Ports = []spec.Port{tcp(80, 8080), tcp(81, 8081), tcp(82, 0)}
			services["c"].Loaded.Ports = []spec.Port{tcp(80, 8082)}
			services["d"].Loaded.Ports = []spec.Port{tcp(80, 8083)}
		})
		w.engine.taken = []int{8080, 8081, 8082}
		if err := w.start(t.Context()); err == nil {
			t.Error("no error")
		}
		same(t, "outcomes", w.outcomes(), `a: failed: service "a": host port 8080/tcp is already in use by process 7 (node); host port 8081/tcp is already in use by process 7 (node)
b: skipped: a failed
c: failed: service "c": host port 8082/tcp is already in use by process 7 (node)
d: ready: new container
e: ready: new container`)
		same(t, "containers", w.engine.list(), "shop_d running, shop_e running")
	})

	graph, problems := spec.NewGraph(graphOf("a:"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	service := graph.Service("a")
	service.Loaded.Ports = []spec.Port{tcp(80, 8080), tcp(81, 0)}
	configure := *service
	configure.Hooks.Configure = func(_ context.Context, request []byte) ([]byte, error) { return request, nil }
	once := *service
	once.Loaded.OneShot = true
	own := []spec.Port{{Container: 1, Protocol: "tcp", Host: 8080, HostIP: "127.0.0.1"}}
	ended := []Container{{State: "exited", ExitCode: 0}}
	for name, got := range map[string]int{
		"1 plain":            len(surePorts(service, nil, nil)),
		"0 the group's own":  len(surePorts(service, nil, own)),
		"1 another protocol": len(surePorts(service, nil, []spec.Port{{Protocol: "udp", Host: 8080}})),
		"0 configure":        len(surePorts(&configure, nil, nil)),
		"1 one-shot":         len(surePorts(&once, nil, nil)),
		"0 one-shot, done":   len(surePorts(&once, ended, nil)),
		"1 one-shot, failed": len(surePorts(&once, []Container{{State: "exited", ExitCode: 1}}, nil)),
		"1 stopped":          len(surePorts(service, ended, nil)),
	} {
		if want := name[:1]; strconv.Itoa(int(got)) != want {
			t.Errorf("%s: %d", name, got)
		}
	}
	for network, want := range map[string]bool{"miniboss-a": true, "bridge": true, "host": false, "none": false, "container:x": false} {
		if publishes(network) != want {
			t.Errorf("%s: %v", network, !want)
		}
	}
}

// TestChoosePorts: a port wherever the request leaves it open, the same at each
// start, none twice, none that is taken, and nothing else is changed.
func TestChoosePorts(t *testing.T) {
	t.Parallel()
	const request = `{"Config":{"Image":"x","StopTimeout":12345678901234567890},"HostConfig":{"NetworkMode":"n","Memory":9007199254740993,"PortBindings":{
		"53/udp":[{"HostIp":"127.0.0.1","HostPort":""}],"80/tcp":[{"HostPort":""}],"81/tcp":[{"HostPort":"8081"}],"82/tcp":[{"HostPort":"0"},{"HostPort":"1"}],"83/tcp":null,"84/tcp":[]}}}`
	run := func(taken ...int) (*turn, map[string]string, string) {
		graph, _ := spec.NewGraph(graphOf("web:"))
		engine := newEngine()
		engine.taken = taken
		turn := newTurn(&startRun{Runner: NewRunner(Setup{Group: "shop", Graph: graph, Engine: engine})}, &node{Service: graph.Service("web")})
		turn.request = []byte(request)
		chosen, keys, err := turn.choosePorts()
		if err != nil {
			t.Fatal(err)
		}
		same(t, "keys", strings.Join(keys, " "), "53/udp 80/tcp 82/tcp 83/tcp 84/tcp")
		var r struct {
			HostConfig struct {
				PortBindings map[string][]struct{ HostIp, HostPort string }
			}
		}
		if err := json.Unmarshal(chosen, &r); err != nil {
			t.Fatal(err)
		}
		ports := map[string]string{}
		for key, list := range r.HostConfig.PortBindings {
			for _, b := range list {
				ports[key] += strings.TrimPrefix(b.HostIp+":"+b.HostPort+" ", ":")
			}
		}
		if !strings.Contains(string(chosen), "12345678901234567890") || !strings.Contains(string(chosen), "9007199254740993") {
			t.Errorf("a number was changed: %s", chosen)
		}
		return turn, ports, string(chosen)
	}
	turn, ports, first := run()
	same(t, "a fixed port", ports["81/tcp"], "8081 ")
	if !strings.HasPrefix(ports["53/udp"], "127.0.0.1:2") || !strings.HasPrefix(ports["80/tcp"], "2") || !strings.HasSuffix(ports["82/tcp"], " 1 ") {
		t.Errorf("%v", ports)
	}
	if _, _, again := run(); again != first {
		t.Errorf("%s\nand then %s", first, again)
	}
	next, _, err := turn.choosePorts()
	if err != nil || string(next) == first {
		t.Errorf("a port that was refused was chosen again: %s %v", next, err)
	}
	var all []int
	for p := firstFreePort; p < firstFreePort+freePorts; p++ {
		all = append(all, p)
	}
	if len(turn.run.chosen) != 10 { // five, twice
		t.Errorf("%d ports were chosen", len(turn.run.chosen))
	}
	full := newEngine()
	full.taken = all
	turn.runner.Engine, turn.request = full, []byte(request)
	if left, keys, err := turn.choosePorts(); err != nil || len(keys) > 0 || string(left) != request {
		t.Errorf("nothing is free, and %v was chosen: %v", keys, err)
	}
	turn.request = []byte(strings.Replace(request, `"n"`, `"host"`, 1))
	if _, keys, err := turn.choosePorts(); err != nil || len(keys) > 0 {
		t.Errorf("on the host's network %v was chosen: %v", keys, err)
	}
}

// TestChosenPortIsTaken: another one is chosen, and in the end the choice is
// left to the engine.
func TestChosenPortIsTaken(t *testing.T) {
	t.Parallel()
	for _, refused := range []int{1, 3, choices, choices + 1} {
		bubble(t, strconv.Itoa(int(refused)), func(t *testing.T) {
			w := newWorld(t, "a:", func(services map[string]*spec.Service) {
				services["a"].Hooks.Configure = func(context.Context, []byte) ([]byte, error) {
					return []byte(`{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":""}]}}}`), nil
				}
			})
			var starts []string
			w.engine.before = func(_ context.Context, operation string) error {
				if operation != "start a" {
					return nil
				}
				w.engine.mu.Lock()
				defer w.engine.mu.Unlock()
				for _, c := range w.engine.containers {
					starts = append(starts, strings.Join(c.Labels.AnyPorts, ","))
				}
				if len(starts) <= refused {
					return &PortTakenError{Port: 20000, Protocol: "tcp", Container: "80/tcp"}
				}
				return nil
			}
			_ = w.start(t.Context())
			want := slices.Repeat([]string{"80/tcp"}, min(refused+1, choices))
			if refused >= choices {
				want = append(want, "") // and, where that is taken too, the wait for others
			}
			if refused > choices {
				want = append(want, "")
			}
			same(t, "starts", strings.Join(starts, " "), strings.Join(want, " "))
			same(t, "containers", w.engine.list(), "shop_a running")
		})
	}
}
