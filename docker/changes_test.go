package docker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func requestFor(t *testing.T, d spec.Definition, networkName string) createRequest {
	t.Helper()
	data, err := new(Engine).Request(runtime.ContainerSpec{NetworkName: networkName, Definition: d, Volumes: d.Volumes})
	if err != nil {
		t.Fatal(err)
	}
	req, err := decodeRequest(data)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// made returns what an engine would tell of a container made from a request,
// with what engines add.
func made(t *testing.T, r createRequest) container.InspectResponse {
	t.Helper()
	names, err := fieldNames(r.fields())
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Repeat("0123456789ab", 5)
	config, host := r.Config, r.HostConfig
	config.Env = append(slices.Clone(config.Env), "PATH=/bin")
	config.Labels = maps.Clone(config.Labels)
	if config.Labels == nil {
		config.Labels = map[string]string{}
	}
	config.Labels[labelFields], config.Labels[labelPlatform], config.Labels["from"] = names, r.Platform, "image"
	if host.RestartPolicy.Name == "" {
		host.RestartPolicy.Name = "no"
	}
	if host.ShmSize == 0 {
		host.ShmSize = 64 << 20
	}
	host.LogConfig.Type = "json-file"
	settings := &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{}}
	for name, endpoint := range r.NetworkingConfig.EndpointsConfig {
		copied := *endpoint
		copied.Aliases = append(slices.Clone(copied.Aliases), id[:12])
		copied.NetworkID, copied.IPAddress = "net", "172.20.0.2"
		settings.Networks[name] = &copied
	}
	return container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{ID: id, State: &container.State{}, HostConfig: &host},
		Config:            &config, NetworkSettings: settings,
	}
}

func TestNothingChanged(t *testing.T) {
	for name, d := range map[string]spec.Definition{
		"least": {Name: "web", Image: "web:dev"}, "rich": rich(),
		"no entrypoint": {Name: "web", Image: "web:dev", Entrypoint: []string{}},
	} {
		if got := changes(made(t, requestFor(t, d, "group")), requestFor(t, d, "group")); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestChangesAreToldInTheUsersWords(t *testing.T) {
	for want, change := range map[string]func(*spec.Definition){
		`image: "web:dev" -> "web:2"`:                                             func(d *spec.Definition) { d.Image = "web:2" },
		`cmd: "[\"-http\",\":80\"]" -> "[\"-http\",\":81\"]"`:                     func(d *spec.Definition) { d.Cmd = []string{"-http", ":81"} },
		`cmd: "[\"-http\",\":80\"]" -> ""`:                                        func(d *spec.Definition) { d.Cmd = nil },
		`entrypoint: "[\"/testserver\"]" -> "[]"`:                                 func(d *spec.Definition) { d.Entrypoint = []string{} },
		`user: "1000:1000" -> ""`:                                                 func(d *spec.Definition) { d.User = "" },
		`workingDir: "/tmp" -> "/"`:                                               func(d *spec.Definition) { d.WorkingDir = "/" },
		`stopSignal: "SIGINT" -> "SIGTERM"`:                                       func(d *spec.Definition) { d.StopSignal = "SIGTERM" },
		`env.A: "1=1" -> "2"`:                                                     func(d *spec.Definition) { d.Env["A"] = "2" },
		`env.A: "1=1" -> ""`:                                                      func(d *spec.Definition) { delete(d.Env, "A") },
		`env.NEW: "" -> "x"`:                                                      func(d *spec.Definition) { d.Env["NEW"] = "x" },
		`env.NEW: "" -> "\"\""`:                                                   func(d *spec.Definition) { d.Env["NEW"] = "" },
		`env.EMPTY: "\"\"" -> ""`:                                                 func(d *spec.Definition) { delete(d.Env, "EMPTY") },
		`env.PATH: "" -> "/x"`:                                                    func(d *spec.Definition) { d.Env["PATH"] = "/x" },
		`labels.tier: "front" -> "back"`:                                          func(d *spec.Definition) { d.Labels["tier"] = "back" },
		`ports.81/tcp: "any free port" -> "8081"`:                                 func(d *spec.Definition) { d.Ports[2].Host = 8081 },
		`ports.80/tcp: "127.0.0.1:any free port" -> "any free port"`:              func(d *spec.Definition) { d.Ports[1].HostIP = "" },
		`ports.53/udp: "any free port" -> ""`:                                     func(d *spec.Definition) { d.Ports = d.Ports[1:] },
		`volumes./data: "group_data" -> "group_other"`:                            func(d *spec.Definition) { d.Volumes[0].Source = "group_other" },
		`volumes./host: "/tmp ro" -> "/tmp"`:                                      func(d *spec.Definition) { d.Volumes[1].Mode = "rw" },
		`volumes./colon: "/tmp/with:colon ro" -> ""`:                              func(d *spec.Definition) { d.Volumes = append(d.Volumes[:2], d.Volumes[3]) },
		`volumes./anonymous: "anonymous" -> ""`:                                   func(d *spec.Definition) { d.Volumes = d.Volumes[:3] },
		`extraHosts: "[\"a:10.0.0.1\",\"b:10.0.0.2\"]" -> ""`:                     func(d *spec.Definition) { d.ExtraHosts = nil },
		`tmpfs./scratch: "size=1m" -> "size=2m"`:                                  func(d *spec.Definition) { d.Tmpfs["/scratch"] = "size=2m" },
		`capAdd: "[\"CAP_NET_ADMIN\",\"CAP_SYS_NICE\"]" -> "[\"CAP_NET_ADMIN\"]"`: func(d *spec.Definition) { d.CapAdd = []string{"cap_net_admin"} },
		`devices: "[\"/dev/null:/dev/null:rwm\",\"/dev/zero:/dev/nought:r\"]" -> "[\"/dev/null:/dev/x:r\"]"`: func(d *spec.Definition) { d.Devices = []string{"/dev/null:/dev/x:r"} },
		`memory: "67108864" -> "1073741824"`:                      func(d *spec.Definition) { d.Memory = 1 << 30 },
		`cpus: "0.5" -> "1.5"`:                                    func(d *spec.Definition) { d.CPUs = 1.5 },
		`shmSize: "16777216" -> ""`:                               func(d *spec.Definition) { d.ShmSize = 0 },
		`init: "true" -> ""`:                                      func(d *spec.Definition) { d.Init = false },
		`privileged: "" -> "true"`:                                func(d *spec.Definition) { d.Privileged = true },
		`restart: "on-failure:3" -> "no"`:                         func(d *spec.Definition) { d.Restart = "no" },
		`hostname: "front" -> "web"`:                              func(d *spec.Definition) { d.Hostname = "" },
		`tty: "true" -> ""`:                                       func(d *spec.Definition) { d.TTY = false },
		`stdinOpen: "true" -> ""`:                                 func(d *spec.Definition) { d.StdinOpen = false },
		`readOnly: "true" -> ""`:                                  func(d *spec.Definition) { d.ReadOnly = false },
		`capDrop: "[\"CAP_CHOWN\",\"CAP_MKNOD\"]" -> "[\"ALL\"]"`: func(d *spec.Definition) { d.CapDrop = []string{"ALL"} },
		`securityOpt: "[\"apparmor=unconfined\",\"no-new-privileges\"]" -> ""`: func(d *spec.Definition) { d.SecurityOpt = nil },
		`groupAdd: "[\"100\",\"200\"]" -> "[\"100\"]"`:                         func(d *spec.Definition) { d.GroupAdd = d.GroupAdd[1:] },
		`ulimits.nofile: "soft 512, hard 1024" -> "2048"`:                      func(d *spec.Definition) { d.Ulimits[0].Soft, d.Ulimits[0].Hard = 2048, 2048 },
		`sysctls.net.core.somaxconn: "1024" -> "512"`:                          func(d *spec.Definition) { d.Sysctls["net.core.somaxconn"] = "512" },
		`dns: "[\"10.0.0.1\"]" -> ""`:                                          func(d *spec.Definition) { d.DNS = nil },
		`dnsSearch: "[\"example.org\"]" -> ""`:                                 func(d *spec.Definition) { d.DNSSearch = nil },
		`ipc: "shareable" -> "host"`:                                           func(d *spec.Definition) { d.IPC = "host" },
		`pid: "host" -> ""`:                                                    func(d *spec.Definition) { d.PID = "" },
		`runtime: "" -> "runsc"`:                                               func(d *spec.Definition) { d.Runtime = "runsc" },
		`cgroupParent: "" -> "/mine"`:                                          func(d *spec.Definition) { d.CgroupParent = "/mine" },
		`pidsLimit: "100" -> "-1"`:                                             func(d *spec.Definition) { d.PidsLimit = -1 },
		`oomScoreAdj: "100" -> "-100"`:                                         func(d *spec.Definition) { d.OomScoreAdj = -100 },
		`memorySwap: "134217728" -> "-1"`:                                      func(d *spec.Definition) { d.MemorySwap = -1 },
		`memoryReservation: "33554432" -> ""`:                                  func(d *spec.Definition) { d.MemoryReservation = 0 },
		`platform: "linux/amd64" -> ""`:                                        func(d *spec.Definition) { d.Platform = "" },
	} {
		was := made(t, requestFor(t, rich(), "group"))
		d := rich()
		change(&d)
		got := changes(was, requestFor(t, d, "group"))
		if len(got) != 1 {
			t.Errorf("want %s, got %+v", want, got)
			continue
		}
		if text := fmt.Sprintf("%s: %q -> %q", got[0].Field, got[0].Old, got[0].New); text != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
	}
}

func TestWrittenAnotherWayIsNoChange(t *testing.T) {
	for name, change := range map[string]func(*spec.Definition){
		"order of hosts":        func(d *spec.Definition) { slices.Reverse(d.ExtraHosts) },
		"order of volumes":      func(d *spec.Definition) { slices.Reverse(d.Volumes) },
		"spelling of caps":      func(d *spec.Definition) { d.CapAdd = []string{"CAP_NET_ADMIN", "SYS_NICE"} },
		"spelling of devices":   func(d *spec.Definition) { d.Devices = []string{"/dev/zero:/dev/nought:r", "/dev/null:rwm"} },
		"mode that is the rule": func(d *spec.Definition) { d.Volumes[0].Mode = "rw" },
		"protocol":              func(d *spec.Definition) { d.Ports[2].Protocol = "" },
		"address":               func(d *spec.Definition) { d.Ports[2].HostIP = "0.0.0.0" },
	} {
		d := rich()
		change(&d)
		if got := changes(made(t, requestFor(t, rich(), "group")), requestFor(t, d, "group")); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestWhatPodmanTells: as seen with Podman 4.3.
func TestWhatPodmanTells(t *testing.T) {
	told := func() container.InspectResponse {
		inspect := made(t, requestFor(t, rich(), "group"))
		inspect.Config.Image, inspect.Config.StopSignal = "localhost/web:dev", "2"
		inspect.HostConfig.NetworkMode = "bridge"
		inspect.HostConfig.Tmpfs = map[string]string{"/scratch": "size=1m,rw,rprivate,nosuid,nodev,tmpcopyup", "/plain": "rw,rprivate,nosuid,nodev,tmpcopyup"}
		inspect.HostConfig.PortBindings = nat.PortMap{
			"53/udp": {{HostPort: "43501"}}, "80/tcp": {{HostIP: "127.0.0.1", HostPort: "44905"}}, "81/tcp": {{HostIP: "0.0.0.0", HostPort: "40581"}},
		}
		inspect.HostConfig.Binds = []string{"group_data:/data:rw,rprivate,nosuid,nodev,rbind", "/tmp:/host:ro,rprivate,rbind"}
		inspect.HostConfig.Mounts = nil
		return inspect
	}
	if got := changes(told(), requestFor(t, rich(), "group")); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	d := rich()
	d.Env["A"], d.StopSignal = "2", "SIGTERM"
	if got := changes(told(), requestFor(t, d, "group")); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestAnotherNetworkIsOneChange(t *testing.T) {
	got := changes(made(t, requestFor(t, rich(), "group")), requestFor(t, rich(), "mine"))
	if len(got) != 1 || got[0].Field != "network" || got[0].Old != "group" || got[0].New != "mine" {
		t.Errorf("%+v", got)
	}
}

func TestWhatConfigureSets(t *testing.T) {
	request := func(extra string) createRequest {
		req, err := decodeRequest([]byte(`{"Config": {"Image": "x"}, "HostConfig": {"NetworkMode": "group"` + extra + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		return req
	}
	plain := request("")
	for extra, want := range map[string]string{
		`, "Sysctls": {"net.core.somaxconn": "1024"}`:                "sysctls.net.core.somaxconn",
		`, "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 1}]`: "ulimits.nofile",
		`, "CpuShares": 512`:                              "configure: HostConfig.CpuShares",
		`, "Mounts": [{"Type": "tmpfs", "Target": "/x"}]`: "configure: HostConfig.Mounts",
	} {
		changed := request(extra)
		for name, got := range map[string][]spec.Change{
			"added": changes(made(t, plain), changed), "removed": changes(made(t, changed), plain),
		} {
			if len(got) != 1 || got[0].Field != want {
				t.Errorf("%s %s: %+v", extra, name, got)
			}
		}
		if got := changes(made(t, changed), changed); len(got) != 0 {
			t.Errorf("%s kept: %+v", extra, got)
		}
	}
}

func TestNoValueIsInALabel(t *testing.T) {
	d := rich()
	d.Env["PASSWORD"] = "swordfish"
	d.Cmd = []string{"--password=swordfish"}
	names, err := fieldNames(requestFor(t, d, "group").fields())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(names, "swordfish") {
		t.Error(names)
	}
	var list []string
	if err := json.Unmarshal([]byte(names), &list); err != nil || !slices.Contains(list, "env.PASSWORD") || !slices.IsSorted(list) {
		t.Errorf("%v %v", list, err)
	}
}

// TestChangesOfChosenPorts: a port that was chosen for the container is still
// any free port, and becomes a change only where the file says so.
func TestChangesOfChosenPorts(t *testing.T) {
	t.Parallel()
	d := spec.Definition{Name: "web", Image: "web:1", Ports: []spec.Port{{Container: 80, Protocol: "tcp", HostIP: "127.0.0.1"}, {Container: 81, Protocol: "tcp", Host: 8081}}}
	inspect := made(t, requestFor(t, d, "n"))
	inspect.HostConfig.PortBindings = nat.PortMap{
		"80/tcp": {{HostIP: "127.0.0.1", HostPort: "21234"}}, "81/tcp": {{HostPort: "8081"}},
	}
	inspect.Config.Labels[labelAnyPorts] = "80/tcp"
	if found := changes(inspect, requestFor(t, d, "n")); len(found) > 0 {
		t.Errorf("%v", found)
	}
	d.Ports = slices.Clone(d.Ports)
	d.Ports[0].Host, d.Ports[1].Host = 8080, 8082
	got := fmt.Sprint(changes(inspect, requestFor(t, d, "n")))
	if want := "[ports.80/tcp: 127.0.0.1:any free port → 127.0.0.1:8080 ports.81/tcp: 8081 → 8082]"; got != want {
		t.Errorf("%s\nnot %s", got, want)
	}
	if got := inspect.HostConfig.PortBindings["80/tcp"][0].HostPort; got != "21234" {
		t.Errorf("what the engine told was changed: %q", got)
	}
}
