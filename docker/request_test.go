package docker

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

var update = flag.Bool("update", false, "write the golden files anew")

// rich has every field of a definition.
func rich() spec.Definition {
	return spec.Definition{
		Name: "web", Image: "web:dev", Entrypoint: []string{"/testserver"}, Cmd: []string{"-http", ":80"},
		User: "1000:1000", WorkingDir: "/tmp", Env: map[string]string{"B": "2", "A": "1=1", "EMPTY": ""},
		Ports: []spec.Port{
			{Container: 53, Protocol: "udp", Host: 0},
			{Container: 80, Protocol: "tcp", Host: 0, HostIP: "127.0.0.1"},
			{Container: 81, Protocol: "tcp", Host: 0},
		},
		Volumes: []spec.Volume{
			{Source: "group_data", Named: true, Target: "/data"},
			{Source: "/tmp", Target: "/host", Mode: "ro"},
			{Source: "/tmp/with:colon", Target: "/colon", Mode: "ro"},
			{Anonymous: true, Target: "/anonymous"},
		},
		StopSignal: "SIGINT", Labels: map[string]string{"tier": "front", "empty": ""}, ExtraHosts: []string{"b:10.0.0.2", "a:10.0.0.1"},
		Tmpfs: map[string]string{"/scratch": "size=1m", "/plain": ""}, CapAdd: []string{"sys_nice", "NET_ADMIN"},
		Devices: []string{"/dev/null", "/dev/zero:/dev/nought:r"}, Memory: 64 << 20, CPUs: 0.5, ShmSize: 16 << 20,
		Init: true, Privileged: false, Restart: "on-failure:3", Platform: "linux/amd64",
		Hostname: "front", TTY: true, StdinOpen: true, ReadOnly: true, CapDrop: []string{"MKNOD", "CAP_CHOWN"},
		SecurityOpt: []string{"no-new-privileges", "apparmor=unconfined"}, GroupAdd: []string{"200", "100"},
		Ulimits: []spec.Ulimit{{Name: "nofile", Soft: 512, Hard: 1024}, {Name: "nproc", Soft: 64, Hard: 64}},
		Sysctls: map[string]string{"net.core.somaxconn": "1024"}, DNS: []string{"10.0.0.1"}, DNSSearch: []string{"example.org"},
		IPC: "shareable", PID: "host", PidsLimit: 100, OomScoreAdj: 100, MemorySwap: 128 << 20, MemoryReservation: 32 << 20,
	}
}

func TestRequest(t *testing.T) {
	for name, spec := range map[string]runtime.ContainerSpec{
		"least": {NetworkName: "group", Definition: spec.Definition{Name: "web", Image: "web:dev", StopSignal: "SIGTERM"}},
		"rich":  {NetworkName: "group", Definition: rich(), Volumes: rich().Volumes},
		"host-network": {NetworkName: "host", Definition: spec.Definition{
			Name: "web", Image: "web:dev", StopSignal: "SIGTERM", Privileged: true, Restart: "always",
		}},
		"mode-instead-of-network": {NetworkName: "group", Definition: spec.Definition{
			Name: "web", Image: "web:dev", StopSignal: "SIGTERM", NetworkMode: "none", Runtime: "runsc", CgroupParent: "/mine",
		}},
		"own-host-network": {NetworkName: "group", Definition: spec.Definition{
			Name: "web", Image: "web:dev", StopSignal: "SIGTERM", NetworkMode: "host",
		}},
		"one-off": {NetworkName: "group", OneOff: &runtime.OneOff{}, Definition: spec.Definition{
			Name: "web", Image: "web:dev", StopSignal: "SIGTERM", TTY: true, StdinOpen: true,
		}},
		"fixed-ports": {NetworkName: "group", Definition: spec.Definition{Name: "web", Image: "web:dev", Ports: []spec.Port{
			{Container: 5432, Protocol: "tcp", Host: 5433}, {Container: 53, Protocol: "udp", Host: 5353, HostIP: "127.0.0.1"},
		}}},
		"nothing-of-the-image": {NetworkName: "group", Definition: spec.Definition{
			Name: "web", Image: "web:dev", Entrypoint: []string{}, Cmd: []string{"/bin/true"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := new(Engine).Request(spec)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "request", name+".json")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, bytes.TrimRight(want, "\n")) {
				t.Errorf("got:\n%s", got)
			}
			// Nothing in it is unknown to the engine's types.
			if _, err := decodeRequest(got); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRequestIsTheSameEveryTime(t *testing.T) {
	spec := runtime.ContainerSpec{NetworkName: "group", Definition: rich(), Volumes: rich().Volumes}
	first, _ := new(Engine).Request(spec)
	for range 20 {
		if again, _ := new(Engine).Request(spec); !bytes.Equal(first, again) {
			t.Fatalf("%s\n%s", first, again)
		}
	}
}

func TestMistakesInARequest(t *testing.T) {
	for request, want := range map[string]string{
		`[]`:                                     "must be an object with Config",
		`{`:                                      "must be an object with Config",
		`{"config": {}}`:                         `an unknown field "config": it can have Config`,
		`{"Config": {"Colour": 1}}`:              `the request's Config has an unknown field "Colour"`,
		`{"HostConfig": {"Memory": "512m"}}`:     "the request's HostConfig.Memory is a string, but the engine expects a whole number",
		`{"HostConfig": {"Memory": 1.5}}`:        "the request's HostConfig.Memory is the number 1.5, but the engine expects a whole number",
		`{"Config": {"Env": {"A": "1"}}}`:        "the request's Config.Env is an object, but the engine expects an array",
		`{"HostConfig": {"Privileged": "yes"}}`:  "the request's HostConfig.Privileged is a string, but the engine expects true or false",
		`{"HostConfig": []}`:                     "the request's HostConfig is an array, but the engine expects an object",
		`{"NetworkingConfig": {"Endpoints": 1}}`: `the request's NetworkingConfig has an unknown field "Endpoints"`,
		`{"Platform": 5}`:                        "the request's Platform is a number, but the engine expects a string",
	} {
		_, err := decodeRequest([]byte(request))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", request, err, want)
		}
	}
	for _, request := range []string{
		`{}`, `{"Config": null}`, `{"NetworkingConfig": {"EndpointsConfig": {"x": null}}}`,
		`{"Config": {"Cmd": "one word"}}`, `{"HostConfig": {"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}]}}`,
	} {
		if _, err := decodeRequest([]byte(request)); err != nil {
			t.Errorf("%s: %v", request, err)
		}
	}
}

// FuzzDecodeRequest: whatever a hook returns, no panic, and what is accepted
// can be compared.
func FuzzDecodeRequest(f *testing.F) {
	request, _ := new(Engine).Request(runtime.ContainerSpec{NetworkName: "group", Definition: rich(), Volumes: rich().Volumes})
	f.Add(request)
	f.Add([]byte(`{"HostConfig": {"Binds": [":", "", "::", "C:\\x:/y"], "Mounts": [{}], "PortBindings": {"": null, "x/y/z": [{}]}}}`))
	f.Add([]byte(`{"Config": {"Env": ["", "="], "Labels": {"": ""}}, "NetworkingConfig": {"EndpointsConfig": {"": null}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if req, err := decodeRequest(data); err == nil {
			names, err := fieldNames(req.fields())
			if err != nil || !json.Valid([]byte(names)) {
				t.Errorf("%s: %v", names, err)
			}
		}
	})
}
