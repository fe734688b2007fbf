package spec

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// object and array are what JavaScript hands over.
type (
	object = map[string]any
	array  = []any
)

// projectDir makes a directory with something to build in it.
func projectDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"web/Dockerfile", "web/Dockerfile.dev", "empty/readme", "file"} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// with returns the fields of a service that is fine, with others in addition.
func with(fields object) object {
	all := object{"name": "app", "image": "web:1"}
	maps.Copy(all, fields)
	return all
}

// plain is the definition of with(nil).
func plain() Definition {
	return Definition{Name: "app", Image: "web:1"}
}

func TestParseDefinition(t *testing.T) {
	t.Parallel()
	dir := projectDir(t)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip("no home directory:", err)
	}
	tests := []struct {
		name   string
		fields object
		want   func(d *Definition)
	}{
		{"the least", object{}, func(*Definition) {}},
		{"null is not set", object{
			"entrypoint": nil, "cmd": nil, "user": nil, "workingDir": nil, "dependencies": nil, "env": nil, "ports": nil,
			"volumes": nil, "alwaysStartNew": nil, "stopSignal": nil, "buildFrom": nil, "dockerfile": nil, "buildArgs": nil,
			"buildTarget": nil, "labels": nil, "extraHosts": nil, "tmpfs": nil, "capAdd": nil, "devices": nil, "memory": nil,
			"cpus": nil, "shmSize": nil, "init": nil, "privileged": nil, "restart": nil, "platform": nil, "pingTimeout": nil,
			"stopTimeout": nil, "oneShot": nil, "sync": nil}, func(*Definition) {}},
		{"undefined is not set", object{
			"entrypoint": Undefined{}, "cmd": Undefined{}, "user": Undefined{}, "dependencies": Undefined{}, "env": Undefined{},
			"ports": Undefined{}, "volumes": Undefined{}, "buildFrom": Undefined{}, "dockerfile": Undefined{},
			"memory": Undefined{}, "oneShot": Undefined{}}, func(*Definition) {}},
		{"name of one letter", object{"name": "a"}, func(d *Definition) { d.Name = "a" }},
		{"name of 63 letters", object{"name": strings.Repeat("a", 63)}, func(d *Definition) { d.Name = strings.Repeat("a", 63) }},
		{"name of digits", object{"name": "0"}, func(d *Definition) { d.Name = "0" }},
		{"image with registry and digest", object{"image": "localhost:5000/a/b@sha256:" + strings.Repeat("0", 64)}, func(d *Definition) {
			d.Image = "localhost:5000/a/b@sha256:" + strings.Repeat("0", 64)
		}},
		{"cmd as text", object{"cmd": `sh -c "echo 'a b'" c\ d`}, func(d *Definition) { d.Cmd = []string{"sh", "-c", "echo 'a b'", "c d"} }},
		{"cmd as list", object{"cmd": array{"-p", 80.0, "a b", ""}}, func(d *Definition) { d.Cmd = []string{"-p", "80", "a b", ""} }},
		{"cmd as an empty list", object{"cmd": array{}}, func(d *Definition) { d.Cmd = []string{} }},
		{"entrypoint", object{"entrypoint": "/bin/sh -e"}, func(d *Definition) { d.Entrypoint = []string{"/bin/sh", "-e"} }},
		{"user and workingDir", object{"user": "1000:1000", "workingDir": "/app"}, func(d *Definition) { d.User, d.WorkingDir = "1000:1000", "/app" }},
		{"dependencies", object{"dependencies": array{"db"}}, func(*Definition) {}},
		{"env", object{"env": object{"A": "text", "B": 1.5, "C": true, "D": nil, "E": "", "F": 1e21, "G": 1e-7, "H": math.Copysign(0, -1)}}, func(d *Definition) {
			d.Unset = []string{"D"}
			d.Env = map[string]string{"A": "text", "B": "1.5", "C": "true", "E": "", "F": "1e+21", "G": "1e-7", "H": "0"}
		}},
		{"env that is empty", object{"env": object{}}, func(d *Definition) { d.Env = map[string]string{} }},
		{"ports", object{"ports": object{"5432": 5433.0, "53/udp": "53", "53": 0.0, "80/sctp": "127.0.0.1:81", "443": "[::1]:0"}}, func(d *Definition) {
			d.Ports = []Port{{53, "tcp", "", 0}, {53, "udp", "", 53}, {80, "sctp", "127.0.0.1", 81}, {443, "tcp", "::1", 0}, {5432, "tcp", "", 5433}}
		}},
		{"volumes as list", object{"volumes": array{"data:/data", "/abs/../x:/x/:ro", "./web:/web:rw,z", "~/h:/h", "../up:/up", ".:/here", "./made/:/made", "/anonymous/"}}, func(d *Definition) {
			d.Volumes = []Volume{{Source: "data", Named: true, Target: "/data", Field: "volumes[0]"}, {Source: "/x", Target: "/x", Mode: "ro", Field: "volumes[1]"},
				{Source: filepath.Join(dir, "web"), Target: "/web", Mode: "rw,z", Field: "volumes[2]"}, {Source: filepath.Join(home, "h"), Target: "/h", Field: "volumes[3]"},
				{Source: filepath.Join(filepath.Dir(dir), "up"), Target: "/up", Field: "volumes[4]"}, {Source: dir, Target: "/here", Field: "volumes[5]"},
				{Source: filepath.Join(dir, "made"), Make: true, Target: "/made", Field: "volumes[6]"}, {Anonymous: true, Target: "/anonymous", Field: "volumes[7]"}}
		}},
		{"volumes as object", object{"volumes": object{"data": object{"bind": "/data"}, "./web": object{"bind": "/web", "mode": "ro"}, "b_1.x-2": object{"bind": "/b", "mode": nil, "external": false},
			"./d/": object{"bind": "/d"}, "theirs": object{"bind": "/x", "external": true}}}, func(d *Definition) {
			d.Volumes = []Volume{{Source: filepath.Join(dir, "d"), Make: true, Target: "/d", Field: "volumes../d/"}, {Source: filepath.Join(dir, "web"), Target: "/web", Mode: "ro", Field: "volumes../web"},
				{Source: "b_1.x-2", Named: true, Target: "/b", Field: "volumes.b_1.x-2"}, {Source: "data", Named: true, Target: "/data", Field: "volumes.data"},
				{Source: "theirs", Named: true, External: true, Target: "/x", Field: "volumes.theirs"}}
		}},
		{"stopSignal", object{"stopSignal": "SIGQUIT"}, func(d *Definition) { d.StopSignal = "SIGQUIT" }},
		{"buildFrom", object{"buildFrom": "web/"}, func(d *Definition) { d.Build = &Build{Context: filepath.Join(dir, "web"), Dockerfile: "Dockerfile"} }},
		{"build with everything", object{"buildFrom": "./web", "dockerfile": "Dockerfile.dev", "buildArgs": object{"A": 1.0, "B": "x", "C": false, "D": nil}, "buildTarget": "dev"}, func(d *Definition) {
			d.Build = &Build{filepath.Join(dir, "web"), "Dockerfile.dev", map[string]string{"A": "1", "B": "x", "C": "false"}, "dev"}
		}},
		{"labels", object{"labels": object{"a.b": "c", "n": 1.0, "gone": nil}}, func(d *Definition) { d.Labels = map[string]string{"a.b": "c", "n": "1"} }},
		{"extraHosts as list", object{"extraHosts": array{"h:host-gateway", "v6:::1"}}, func(d *Definition) { d.ExtraHosts = []string{"h:host-gateway", "v6:::1"} }},
		{"extraHosts as object", object{"extraHosts": object{"b": "1.2.3.4", "a": "::1"}}, func(d *Definition) { d.ExtraHosts = []string{"a:::1", "b:1.2.3.4"} }},
		{"tmpfs as list", object{"tmpfs": array{"/tmp"}}, func(d *Definition) { d.Tmpfs = map[string]string{"/tmp": ""} }},
		{"tmpfs as object", object{"tmpfs": object{"/tmp": "size=64m"}}, func(d *Definition) { d.Tmpfs = map[string]string{"/tmp": "size=64m"} }},
		{"capAdd and devices", object{"capAdd": array{"NET_ADMIN"}, "devices": array{"/dev/fuse", "/dev/a:/dev/b:r"}}, func(d *Definition) {
			d.CapAdd, d.Devices = []string{"NET_ADMIN"}, []string{"/dev/fuse", "/dev/a:/dev/b:r"}
		}},
		{"sizes", object{"memory": "512m", "shmSize": 1048576.0, "cpus": 0.5}, func(d *Definition) { d.Memory, d.ShmSize, d.CPUs = 512<<20, 1<<20, 0.5 }},
		{"flags", object{"alwaysStartNew": true, "oneShot": true, "init": true, "privileged": true}, func(d *Definition) {
			d.AlwaysStartNew, d.OneShot, d.Init, d.Privileged = true, true, true, true
		}},
		{"sandbox", object{"hostname": "a.b_c", "networkMode": "none", "tty": true, "stdinOpen": true, "readOnly": true, "capDrop": array{"ALL"},
			"securityOpt": array{"no-new-privileges"}, "groupAdd": array{"docker", 999.0}, "sysctls": object{"net.core.somaxconn": 1024.0},
			"dns": array{"1.1.1.1", "::1"}, "dnsSearch": array{"example.org"}, "ipc": "host", "pid": "host", "runtime": "runsc", "cgroupParent": "/x",
			"pidsLimit": -1.0, "oomScoreAdj": -500.0, "memory": "1g", "memorySwap": "2g", "memoryReservation": "512m"}, func(d *Definition) {
			d.Hostname, d.NetworkMode, d.TTY, d.StdinOpen, d.ReadOnly, d.CapDrop = "a.b_c", "none", true, true, true, []string{"ALL"}
			d.SecurityOpt, d.GroupAdd, d.Sysctls = []string{"no-new-privileges"}, []string{"docker", "999"}, map[string]string{"net.core.somaxconn": "1024"}
			d.DNS, d.DNSSearch, d.IPC, d.PID, d.Runtime, d.CgroupParent = []string{"1.1.1.1", "::1"}, []string{"example.org"}, "host", "host", "runsc", "/x"
			d.PidsLimit, d.OomScoreAdj, d.Memory, d.MemorySwap, d.MemoryReservation = -1, -500, 1<<30, 2<<30, 512<<20
		}},
		{"ulimits", object{"ulimits": object{"nofile": 1.0, "core": -1.0, "nproc": object{"soft": 10.0, "hard": -1.0}, "rss": nil}}, func(d *Definition) {
			d.Ulimits = []Ulimit{{"core", -1, -1}, {"nofile", 1, 1}, {"nproc", 10, -1}}
		}},
		{"swap without a limit", object{"memorySwap": -1.0}, func(d *Definition) { d.MemorySwap = -1 }},
		{"ports on the bridge", object{"networkMode": "bridge", "ports": object{"80": 0.0}}, func(d *Definition) {
			d.NetworkMode, d.Ports = "bridge", []Port{{80, "tcp", "", 0}}
		}},
		{"restart and platform", object{"restart": "on-failure:3", "platform": "linux/arm/v7"}, func(d *Definition) { d.Restart, d.Platform = "on-failure:3", "linux/arm/v7" }},
		{"timeouts", object{"pingTimeout": 1.5, "stopTimeout": 10.0}, func(d *Definition) { d.PingTimeout, d.StopTimeout = 1500*time.Millisecond, 10*time.Second }},
		{"sync", object{"sync": object{"src/": "/app/src"}}, func(d *Definition) { d.Sync = map[string]string{"src/": "/app/src"} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := plain()
			test.want(&want)
			for _, stage := range []Stage{AtLoad, AtTurn} {
				got, problems := ParseDefinition(with(test.fields), dir, stage)
				if len(problems) > 0 {
					t.Errorf("stage %d: problems:\n%s", stage, (&DefinitionError{problems}).Error())
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("stage %d:\n got %+v\nwant %+v", stage, got, want)
				}
			}
		})
	}
}

// problemLines prints problems as the tables below give them.
func problemLines(problems []Problem, dir string) string {
	var out strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&out, "%s | %s | %s | %s\n", p.Field, p.Found+p.Message, p.Accepted, p.Hint)
	}
	return strings.ReplaceAll(out.String(), dir, "DIR")
}

// What is accepted, as the messages say it.
const (
	acceptedName    = `a hostname label: letters, digits and hyphens, at most 63, such as "my-app"`
	acceptedImage   = `an image reference, such as "postgres:17"`
	acceptedWords   = "a command as a string, or as an array of strings"
	acceptedText    = "a non-empty string"
	acceptedEnv     = "an object {NAME: string, number, boolean or null}"
	acceptedValue   = "a string, a number, a boolean, or null to leave the variable out"
	acceptedPorts   = "an object {container port: host port}, such as {5432: 5433}"
	acceptedPort    = `a port of the host (0 for any free one), or "127.0.0.1:5433"`
	acceptedPortKey = `container ports as keys, such as 5432 or "53/udp"`
	acceptedVolumes = `an array of "source:/path[:mode]" or "/path", or an object {source: {bind: "/path", mode: "ro"}}`
	acceptedSize    = `a size, such as "512m" or "2g", or a number of bytes`
	acceptedSeconds = "a number of seconds greater than 0"
	acceptedTmpfs   = `an object {path: options}, such as {"/tmp": "size=64m"}, or an array of paths`
	acceptedHosts   = `an array of "host:address", or an object {host: address}`
	acceptedDeps    = "an array of service names or of exported service classes"
	acceptedTable   = "an object {name: string, number or boolean}"
	acceptedSignal  = "SIGTERM, SIGINT, SIGKILL or SIGQUIT"
	acceptedRestart = `"no", "always", "unless-stopped" or "on-failure[:times]"`
	acceptedBuild   = "a directory, relative to the file"
	acceptedFlag    = "true or false"
)

func TestParseDefinitionProblems(t *testing.T) {
	t.Parallel()
	dir := projectDir(t)
	function := Opaque{Kind: "a function"}
	tests := []struct {
		name   string
		fields object
		want   []string // field | found | accepted | hint
	}{
		{"name missing", object{"name": Undefined{}}, []string{"name | undefined | " + acceptedName + " | "}},
		{"name null", object{"name": nil}, []string{"name | null | " + acceptedName + " | "}},
		{"name empty", object{"name": ""}, []string{`name | the string "" | ` + acceptedName + " | "}},
		{"name number", object{"name": 1.0}, []string{"name | the number 1 | " + acceptedName + " | "}},
		{"name with underscore", object{"name": "my_app"}, []string{`name | the string "my_app" | ` + acceptedName + ` | did you mean "my-app"?`}},
		{"name with dot at the end", object{"name": "app."}, []string{`name | the string "app." | ` + acceptedName + ` | did you mean "app"?`}},
		{"name with slash", object{"name": "a/b"}, []string{`name | the string "a/b" | ` + acceptedName + " | "}},
		{"name with hyphen first", object{"name": "-a"}, []string{`name | the string "-a" | ` + acceptedName + ` | did you mean "a"?`}},
		{"name too long", object{"name": strings.Repeat("a", 64)}, []string{`name | the string "` + strings.Repeat("a", 64) + `" | ` + acceptedName + " | "}},
		{"name not ASCII", object{"name": "ä"}, []string{`name | the string "ä" | ` + acceptedName + " | "}},
		{"name with reference", object{"name": "a{b}"}, []string{`name | the string "a{b}" | ` + acceptedName + " | a name cannot depend on the context: it must be known when the file is loaded"}},
		{"image missing", object{"image": Undefined{}}, []string{"image | undefined | " + acceptedImage + " | "}},
		{"image null", object{"image": nil}, []string{"image | null | " + acceptedImage + " | "}},
		{"image empty", object{"image": ""}, []string{`image | the string "" | ` + acceptedImage + " | "}},
		{"image with capitals", object{"image": "Web"}, []string{`image | the string "Web" | ` + acceptedImage + " | "}},
		{"image method", object{"image": function}, []string{"image | a function | " + acceptedImage + " | to compute the value, write a getter: get image() { … }"}},
		{"entrypoint number", object{"entrypoint": 1.0}, []string{"entrypoint | the number 1 | " + acceptedWords + " | "}},
		{"cmd empty", object{"cmd": " "}, []string{`cmd | the string " " | ` + acceptedWords + " | "}},
		{"cmd with an open quote", object{"cmd": `echo 'a`}, []string{`cmd | the string "echo 'a" | ` + acceptedWords + " | it cannot be split into words: unterminated single-quoted string"}},
		{"cmd with bad items", object{"cmd": array{"a", nil, true, object{}, array{}, Undefined{}, "\x00"}}, []string{
			"cmd[1] | null | " + acceptedWords + " | ", "cmd[2] | true | " + acceptedWords + " | ", "cmd[3] | an object | " + acceptedWords + " | ",
			"cmd[4] | an array | " + acceptedWords + " | ", "cmd[5] | undefined | " + acceptedWords + " | ", `cmd[6] | the string "\x00" | ` + acceptedWords + " | "}},
		{"cmd with what no command can hold", object{"cmd": "a\x00"}, []string{`cmd | the string "a\x00" | ` + acceptedWords + " | "}},
		{"and so for other strings", object{"user": "a\x00", "labels": object{"a": "\x00"}}, []string{`labels.a | the string "\x00" | ` + acceptedTable + " | ", `user | the string "a\x00" | ` + acceptedText + " | "}},
		{"user empty", object{"user": ""}, []string{`user | the string "" | ` + acceptedText + " | "}},
		{"user number", object{"user": 1000.0}, []string{"user | the number 1000 | " + acceptedText + " | "}},
		{"workingDir array", object{"workingDir": array{}}, []string{"workingDir | an array | " + acceptedText + " | "}},
		{"dependencies text", object{"dependencies": "db"}, []string{`dependencies | the string "db" | ` + acceptedDeps + " | "}},
		{"dependencies bad items", object{"dependencies": array{"db", 1.0, Opaque{"a class"}, "{db}"}}, []string{
			"dependencies | the number 1 | " + acceptedDeps + " | ", "dependencies | a class | " + acceptedDeps + " | ", `dependencies | the string "{db}" | ` + acceptedDeps + " | "}},
		{"env array", object{"env": array{"A=b"}}, []string{"env | an array | " + acceptedEnv + " | "}},
		{"env bad values", object{"env": object{"A": array{}, "B": object{}, "C": function, "D": math.NaN(), "E": math.Inf(-1), "F": "a\x00"}}, []string{
			"env.A | an array | " + acceptedValue + " | ", "env.B | an object | " + acceptedValue + " | ",
			"env.C | a function | " + acceptedValue + " | ",
			"env.D | the number NaN | " + acceptedValue + " | ", "env.E | the number -Infinity | " + acceptedValue + " | ", `env.F | the string "a\x00" | ` + acceptedValue + " | "}},
		{"env bad names", object{"env": object{"": "x", "A=B": "x"}}, []string{
			`env | the string "" | variable names without = | `, `env | the string "A=B" | variable names without = | `}},
		{"ports array", object{"ports": array{"80:80"}}, []string{"ports | an array | " + acceptedPorts + " | "}},
		{"ports bad keys", object{"ports": object{"0": 1.0, "65536": 1.0, "080": 1.0, "80/icmp": 1.0, "x": 1.0, "-1": 1.0, "+1": 1.0, "80/": 1.0}}, []string{
			`ports | the string "+1" | ` + acceptedPortKey + " | ", `ports | the string "-1" | ` + acceptedPortKey + " | ", `ports | the string "0" | ` + acceptedPortKey + " | ",
			`ports | the string "080" | ` + acceptedPortKey + " | ", `ports | the string "65536" | ` + acceptedPortKey + " | ", `ports | the string "80/" | ` + acceptedPortKey + " | ",
			`ports | the string "80/icmp" | ` + acceptedPortKey + " | ", `ports | the string "x" | ` + acceptedPortKey + " | "}},
		{"ports bad values", object{"ports": object{"1": -1.0, "2": 65536.0, "3": 1.5, "4": "localhost:80", "5": "1.2.3.4:", "6": nil, "7": true, "8": "::1:80", "9": math.NaN(), "10": "080"}}, []string{
			"ports.1 | the number -1 | " + acceptedPort + " | ", `ports.10 | the string "080" | ` + acceptedPort + " | ", "ports.2 | the number 65536 | " + acceptedPort + " | ",
			"ports.3 | the number 1.5 | " + acceptedPort + " | ", `ports.4 | the string "localhost:80" | ` + acceptedPort + " | ", `ports.5 | the string "1.2.3.4:" | ` + acceptedPort + " | ",
			"ports.6 | null | " + acceptedPort + " | ", "ports.7 | true | " + acceptedPort + " | ", `ports.8 | the string "::1:80" | ` + acceptedPort + " | ", "ports.9 | the number NaN | " + acceptedPort + " | "}},
		{"ports twice", object{"ports": object{"80": 1.0, "80/tcp": 2.0}}, []string{"ports.80/tcp | the container port 80/tcp twice | each container port once | "}},
		{"volumes text", object{"volumes": "a:/a"}, []string{`volumes | the string "a:/a" | ` + acceptedVolumes + " | "}},
		{"volumes bad items", object{"volumes": array{"data", ":/a", "a:b", "a:/b:", "a:/b:xx", "_a:/b", 1.0, "~a:/b", "src/x:/b", "a:/b:ro:rw"}}, []string{
			`volumes[0] | the string "data" | ` + acceptedVolumes + " | the path in the container must be absolute",
			`volumes[1] | the string ":/a" | ` + acceptedVolumes + " | the source is missing",
			`volumes[2] | the string "a:b" | ` + acceptedVolumes + " | the path in the container must be absolute",
			`volumes[3] | the string "a:/b:" | ` + acceptedVolumes + ` | unknown mode ":"`,
			`volumes[4] | the string "a:/b:xx" | ` + acceptedVolumes + ` | unknown mode "xx"`,
			`volumes[5] | the string "_a:/b" | ` + acceptedVolumes + " | the source is neither a path (which starts with /, ./, ../ or ~) nor a volume name",
			"volumes[6] | the number 1 | " + acceptedVolumes + " | ",
			`volumes[7] | the string "~a:/b" | ` + acceptedVolumes + " | the source is neither a path (which starts with /, ./, ../ or ~) nor a volume name",
			`volumes[8] | the string "src/x:/b" | ` + acceptedVolumes + " | the source is neither a path (which starts with /, ./, ../ or ~) nor a volume name",
			`volumes[9] | the string "a:/b:ro:rw" | ` + acceptedVolumes + ` | unknown mode "ro:rw"`}},
		{"volumes at one path", object{"volumes": array{"a:/data", "b:/data/"}}, []string{"volumes[1] | a second volume at /data | one volume for each path in the container | "}},
		{"volumes object bad", object{"volumes": object{"a": "/a", "b": object{}, "c": object{"bind": "/c", "mode": 1.0}, "d": object{"bind": "/d", "path": "x"}, "e": object{"bind": 1.0}, "f": object{"bind": "x"}}}, []string{
			`volumes.a | the string "/a" | ` + acceptedVolumes + " | ", "volumes.b.bind | undefined | " + acceptedVolumes + " | ", "volumes.c.mode | the number 1 | " + acceptedVolumes + " | ",
			`volumes.d.path | the string "x" | ` + acceptedVolumes + " | ", "volumes.e.bind | the number 1 | " + acceptedVolumes + " | ",
			`volumes.f | the string "f" | ` + acceptedVolumes + " | the path in the container must be absolute"}},
		{"stopSignal", object{"stopSignal": "SIGHUP"}, []string{`stopSignal | the string "SIGHUP" | ` + acceptedSignal + " | "}},
		{"stopSignal number", object{"stopSignal": 15.0}, []string{"stopSignal | the number 15 | " + acceptedSignal + " | "}},
		{"flags", object{"alwaysStartNew": "yes", "oneShot": 1.0, "init": object{}, "privileged": "true"}, []string{
			`alwaysStartNew | the string "yes" | ` + acceptedFlag + " | ", "init | an object | " + acceptedFlag + " | ", "oneShot | the number 1 | " + acceptedFlag + " | ", `privileged | the string "true" | ` + acceptedFlag + " | "}},
		{"buildFrom missing", object{"buildFrom": "nowhere"}, []string{`buildFrom | the string "nowhere" | ` + acceptedBuild + " | there is no directory DIR/nowhere"}},
		{"buildFrom a file", object{"buildFrom": "file"}, []string{`buildFrom | the string "file" | ` + acceptedBuild + " | there is no directory DIR/file"}},
		{"buildFrom empty", object{"buildFrom": ""}, []string{`buildFrom | the string "" | ` + acceptedText + " | "}},
		{"no Dockerfile", object{"buildFrom": "empty"}, []string{`dockerfile | the string "Dockerfile" | a file, relative to buildFrom | there is no file DIR/empty/Dockerfile`}},
		{"dockerfile missing", object{"buildFrom": "web", "dockerfile": "x"}, []string{`dockerfile | the string "x" | a file, relative to buildFrom | there is no file DIR/web/x`}},
		{"dockerfile of a wrong kind says one thing", object{"buildFrom": "empty", "dockerfile": 1.0}, []string{"dockerfile | the number 1 | " + acceptedText + " | "}},
		{"without buildFrom", object{"dockerfile": "x", "buildArgs": object{"A": "b"}, "buildTarget": "t"}, []string{
			"buildArgs | an object without buildFrom | this field only together with buildFrom | ",
			`buildTarget | the string "t" without buildFrom | this field only together with buildFrom | `,
			`dockerfile | the string "x" without buildFrom | this field only together with buildFrom | `}},
		{"buildArgs", object{"buildFrom": "web", "buildArgs": object{"A": array{}}}, []string{"buildArgs.A | an array | " + acceptedTable + " | "}},
		{"labels", object{"labels": object{"miniboss.group": "x", "a": array{}}}, []string{
			`labels | the string "miniboss.group" | names that do not start with miniboss., which is reserved | `, "labels.a | an array | " + acceptedTable + " | "}},
		{"extraHosts", object{"extraHosts": array{"h", ":1", "h:"}}, []string{
			`extraHosts[0] | the string "h" | ` + acceptedHosts + " | ", `extraHosts[1] | the string ":1" | ` + acceptedHosts + " | ", `extraHosts[2] | the string "h:" | ` + acceptedHosts + " | "}},
		{"extraHosts object", object{"extraHosts": object{"h": 1.0, "i": ""}}, []string{"extraHosts.h | the number 1 | " + acceptedHosts + " | ", `extraHosts.i | the string "" | ` + acceptedHosts + " | "}},
		{"tmpfs", object{"tmpfs": object{"b": "", "a": "", "/c": 1.0}}, []string{
			`tmpfs | the string "a" | ` + acceptedTmpfs + " | ", `tmpfs | the string "b" | ` + acceptedTmpfs + " | ", "tmpfs./c | the number 1 | " + acceptedTmpfs + " | "}},
		{"tmpfs list", object{"tmpfs": array{"tmp"}}, []string{`tmpfs[0] | the string "tmp" | ` + acceptedTmpfs + " | "}},
		{"capAdd", object{"capAdd": "NET_ADMIN"}, []string{`capAdd | the string "NET_ADMIN" | an array of capability names | `}},
		{"devices", object{"devices": array{"fuse"}}, []string{`devices[0] | the string "fuse" | an array of "/dev/x[:/dev/y[:rwm]]" | `}},
		{"sizes", object{"memory": "much", "shmSize": -1.0}, []string{`memory | the string "much" | ` + acceptedSize + " | ", "shmSize | the number -1 | " + acceptedSize + " | "}},
		{"size not whole", object{"memory": 1.5}, []string{"memory | the number 1.5 | " + acceptedSize + " | "}},
		{"cpus", object{"cpus": "2"}, []string{`cpus | the string "2" | a number of processors, such as 1.5 | `}},
		{"cpus none", object{"cpus": 0.0}, []string{"cpus | the number 0 | a number of processors, such as 1.5 | "}},
		{"restart", object{"restart": "sometimes"}, []string{`restart | the string "sometimes" | ` + acceptedRestart + " | "}},
		{"restart with a reference, which is not replaced there", object{"restart": "{policy}"}, []string{`restart | the string "{policy}" | ` + acceptedRestart + " | "}},
		{"platform", object{"platform": "arm64"}, []string{`platform | the string "arm64" | an operating system and architecture, such as "linux/arm64" | `}},
		{"timeouts", object{"pingTimeout": "5s", "stopTimeout": 0.0}, []string{`pingTimeout | the string "5s" | ` + acceptedSeconds + " | ", "stopTimeout | the number 0 | " + acceptedSeconds + " | "}},
		{"timeout not a number", object{"pingTimeout": math.NaN()}, []string{"pingTimeout | the number NaN | " + acceptedSeconds + " | "}},
		{"sync", object{"sync": object{"src": 1.0}}, []string{"sync.src | the number 1 | an object {directory: directory in the container} | "}},
		{"long strings are not shown", object{"platform": strings.Repeat("x", 81)}, []string{`platform | a string of 81 bytes | an operating system and architecture, such as "linux/arm64" | `}},
		{"sandbox", object{"hostname": "-a", "networkMode": "service:db", "tty": 1.0, "capDrop": "ALL", "sysctls": array{}, "dns": array{"one"}, "ipc": "x",
			"pid": "container:x", "pidsLimit": 0.0, "oomScoreAdj": 1001.0, "memorySwap": "1g"}, []string{
			`capDrop | the string "ALL" | an array of capability names, or ["ALL"] | `, `dns[0] | the string "one" | an array of IP addresses | `,
			`hostname | the string "-a" | a hostname, such as "db.example.org" | `, `ipc | the string "x" | "none", "private", "shareable" or "host" | `,
			`memorySwap | the string "1g" without memory | this field only together with memory | `,
			`networkMode | the string "service:db" | "host", "none" or "bridge" | `, "oomScoreAdj | the number 1001 | a whole number from -1000 to 1000 | ",
			`pid | the string "container:x" | "host" | `, "pidsLimit | the number 0 | a number of processes greater than 0, or -1 for no limit | ",
			`sysctls | an array | an object {name: string or number}, such as {"net.core.somaxconn": 1024} | `, "tty | the number 1 | true or false | "}},
		{"ulimits", object{"ulimits": object{"nofiles": 1.0, "core": -2.0, "nproc": object{"soft": 10.0, "hard": 9.0}, "rss": object{"soft": 1.0}, "stack": "8m"}}, []string{
			"ulimits.core | the number -2 | a whole number, or {soft, hard} with soft no greater than hard; -1 means no limit | ",
			`ulimits.nofiles | the string "nofiles" | one of the limits core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack | did you mean "nofile"?`,
			"ulimits.nproc | an object | a whole number, or {soft, hard} with soft no greater than hard; -1 means no limit | ",
			"ulimits.rss | an object | a whole number, or {soft, hard} with soft no greater than hard; -1 means no limit | ",
			`ulimits.stack | the string "8m" | a whole number, or {soft, hard} with soft no greater than hard; -1 means no limit | `}},
		{"ports in the host's network", object{"networkMode": "host", "ports": object{"80": 80.0}}, []string{
			`ports | ports with networkMode = "host" | only one of the two | remove ports: on the host's network a container listens on the host's ports directly`}},
		{"less swap than memory", object{"memory": "2g", "memorySwap": "1g"}, []string{`memorySwap | the string "1g" | at least the value of memory, which it includes | `}},
		{"several at once, sorted", object{"user": 1.0, "image": 1.0, "env": 1.0, "always_start_new": true, "cmd": 1.0}, []string{
			`always_start_new | unknown field "always_start_new": did you mean "alwaysStartNew"? (if it is your own field, give it a more distinct name) | alwaysStartNew | `,
			"cmd | the number 1 | " + acceptedWords + " | ", "env | the number 1 | " + acceptedEnv + " | ", "image | the number 1 | " + acceptedImage + " | ", "user | the number 1 | " + acceptedText + " | "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Join(test.want, "\n") + "\n"
			for _, stage := range []Stage{AtLoad, AtTurn} {
				_, problems := ParseDefinition(with(test.fields), dir, stage)
				if got := problemLines(problems, dir); got != want {
					t.Errorf("stage %d:\n got %s\nwant %s", stage, got, want)
				}
			}
		})
	}
	t.Run("fields that are not there", func(t *testing.T) {
		t.Parallel()
		_, problems := ParseDefinition(object{}, dir, AtLoad)
		want := "image | undefined | " + acceptedImage + " | \nname | undefined | " + acceptedName + " | \n"
		if got := problemLines(problems, dir); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	})
}

// At load a value of the context may be missing; at the turn it may not.
func TestParseDefinitionStages(t *testing.T) {
	t.Parallel()
	dir := projectDir(t)
	later := Placeholder{Path: "user.id"}
	notThere := "a context value that is not set yet (user.id)"
	tests := []struct {
		name    string
		fields  object
		pending []string // at load
		load    []string // problems at load
		turn    []string // problems at the turn
	}{
		{"env", object{"env": object{"A": later, "B": "x"}}, []string{"env.A"}, nil, []string{"env.A | " + notThere + " | " + acceptedValue + " | "}},
		{"undefined in env", object{"env": object{"A": Undefined{}}}, nil, nil, []string{
			"env.A | undefined | " + acceptedValue + " | is it a context value that no hook has set, or a variable missing from process.env?"}},
		{"whole fields", object{"env": later, "ports": later, "cmd": later, "memory": later, "oneShot": later, "image": later},
			[]string{"cmd", "env", "image", "memory", "oneShot", "ports"}, nil, []string{
				"cmd | " + notThere + " | " + acceptedWords + " | ", "env | " + notThere + " | " + acceptedEnv + " | ", "image | " + notThere + " | " + acceptedImage + " | ",
				"memory | " + notThere + " | " + acceptedSize + " | ", "oneShot | " + notThere + " | " + acceptedFlag + " | ", "ports | " + notThere + " | " + acceptedPorts + " | "}},
		{"ports", object{"ports": object{"1": later, "2": Undefined{}, "3": 4.0}}, []string{"ports.1"}, nil, []string{
			"ports.1 | " + notThere + " | " + acceptedPort + " | ", "ports.2 | undefined | " + acceptedPort + " | "}},
		{"items", object{"cmd": array{"a", later}, "volumes": array{later}}, []string{"cmd[1]", "volumes[0]"}, nil, []string{
			"cmd[1] | " + notThere + " | " + acceptedWords + " | ", "volumes[0] | " + notThere + " | " + acceptedVolumes + " | "}},
		{"volumes object", object{"volumes": object{"a": object{"bind": later}, "b": later}}, []string{"volumes.a.bind", "volumes.b"}, nil, []string{
			"volumes.a.bind | " + notThere + " | " + acceptedVolumes + " | ", "volumes.b | " + notThere + " | " + acceptedVolumes + " | "}},
		{"labels and buildArgs", object{"labels": object{"a": Undefined{}}, "buildFrom": "web", "buildArgs": object{"A": later}}, []string{"buildArgs.A"}, nil, []string{
			"buildArgs.A | " + notThere + " | " + acceptedTable + " | ", "labels.a | undefined | " + acceptedTable + " | "}},
		{"buildFrom, whose companions are fine then", object{"buildFrom": later, "dockerfile": "x"}, []string{"buildFrom"}, nil, []string{
			"buildFrom | " + notThere + " | " + acceptedText + " | "}},
		{"dockerfile, for which the default is no stand-in", object{"buildFrom": "empty", "dockerfile": later}, []string{"dockerfile"}, nil, []string{
			"dockerfile | " + notThere + " | " + acceptedText + " | "}},
		{"name", object{"name": later}, nil,
			[]string{"name | " + notThere + " | " + acceptedName + " | a name cannot depend on the context: it must be known when the file is loaded"},
			[]string{"name | " + notThere + " | " + acceptedName + " | "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, problems := ParseDefinition(with(test.fields), dir, AtLoad)
			if got, want := problemLines(problems, dir), lines(test.load); got != want {
				t.Errorf("at load:\n got %s\nwant %s", got, want)
			}
			if !slices.Equal(d.Pending, test.pending) {
				t.Errorf("pending: got %q, want %q", d.Pending, test.pending)
			}
			d, problems = ParseDefinition(with(test.fields), dir, AtTurn)
			if got, want := problemLines(problems, dir), lines(test.turn); got != want {
				t.Errorf("at the turn:\n got %s\nwant %s", got, want)
			}
			if len(d.Pending) > 0 {
				t.Errorf("pending at the turn: %q", d.Pending)
			}
		})
	}
}

func lines(all []string) string {
	var out strings.Builder
	for _, line := range all {
		out.WriteString(line + "\n")
	}
	return out.String()
}

// References are replaced before the turn's check, which sees the values only.
func TestParseDefinitionReferences(t *testing.T) {
	t.Parallel()
	fields := with(object{
		"image": "web:{tag}", "cmd": "run {x}", "entrypoint": array{"a", "{x.y[0]}"}, "user": "{u}", "env": object{"A": "{a}", "B": "{{a}}", "C": `{"a":1}`},
		"labels": object{"l": "{l}"}, "volumes": array{"{v}:/v", "w:/w"}})
	d, problems := ParseDefinition(writtenFields(fields), t.TempDir(), AtLoad)
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	want := []string{"cmd", "entrypoint[1]", "env.A", "image", "labels.l", "user", "volumes[0]"}
	if !slices.Equal(d.Pending, want) {
		t.Errorf("pending: got %q, want %q", d.Pending, want)
	}
	if _, problems := ParseDefinition(with(object{"env": object{"A": "{a}"}}), t.TempDir(), AtTurn); len(problems) > 0 {
		t.Errorf("what a value of the context holds is not looked at again: %v", problems)
	}
}

// Else the user who writes 5432 in place of "5432" would get a new container.
func TestNumberAndStringAreEqual(t *testing.T) {
	t.Parallel()
	number, _ := ParseDefinition(with(object{"env": object{"A": 5432.0, "B": true, "C": 0.1}, "cmd": array{80.0}}), "/", AtTurn)
	text, _ := ParseDefinition(with(object{"env": object{"A": "5432", "B": "true", "C": "0.1"}, "cmd": array{"80"}}), "/", AtTurn)
	if !reflect.DeepEqual(number, text) {
		t.Errorf("numbers give %+v, strings %+v", number, text)
	}
}

func TestNearMisses(t *testing.T) {
	t.Parallel()
	flagged := map[string]string{
		"always_start_new": "alwaysStartNew", "AlwaysStartNew": "alwaysStartNew", "alwaysstartnew": "alwaysStartNew", "alwaysStartNow": "alwaysStartNew",
		"enviroment": "env", "Env": "env", "dependency": "",
		"dependancies": "dependencies", "port": "ports", "volume": "volumes", "label": "labels",
		"build_from": "buildFrom", "buildfrom": "buildFrom", "stop_signal": "stopSignal", "working_dir": "workingDir", "pign": "ping", "poststart": "postStart",
		"post_start": "postStart", "preStrat": "preStart", "postart": "postStart", "one_shot": "oneShot", "imgae": "image", "entryPoint": "entrypoint",
		"enviromnt": "env", "postSart": "postStart", "stdin_open": "stdinOpen", "read_only": "readOnly", "ulimit": "ulimits", "cap_dorp": "capDrop",
		"contianer_name": "name", "security_opts": "securityOpt", "networkmode": "networkMode", "cpu": "cpus", "extra_hosts": "extraHosts", "cap_add": "capAdd", "shm_size": "shmSize",
	}
	for _, name := range slices.Sorted(maps.Keys(flagged)) {
		meant := flagged[name]
		var want string
		if meant != "" {
			want = fmt.Sprintf("class : unknown field %q: did you mean %q? (if it is your own field, give it a more distinct name)\n", name, meant)
		}
		var value any = "x"
		switch {
		case slices.Contains(hookNames(), meant):
			value = Opaque{Kind: "a function"}
		case slices.Contains(collections(), meant):
			value = object{}
		}
		_, problems := ParseDefinition(with(object{name: value}), "/", AtLoad)
		var got strings.Builder
		for _, p := range problems {
			fmt.Fprintf(&got, "%s\n", p)
			if p.Field != name || p.Accepted != meant {
				t.Errorf("%s: %+v", name, p)
			}
		}
		if got.String() != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got.String(), want)
		}
	}
	own := []string{"url", "host", "dsn", "database", "password", "token", "schema", "seed", "tables", "migrations", "client", "baseUrl", "version",
		"options", "retries", "query", "connect", "waitFor", "_env", "helper", "log", "logs", "exec", "hostPort", "inspect", "timeout", "data", "config",
		"a", "id", "key", "tag", "args", "envs", "cm", "x1", "größe", "connection", "constructor", "path"}
	// What they hold tells these from a slip.
	for name, value := range map[string]any{"port": 8080.0, "volume": "data", "users": array{"a"}, "images": object{}, "pong": "x",
		"start": Opaque{Kind: "a function"}, "game": "chess"} {
		if _, problems := ParseDefinition(with(object{name: value}), "/", AtLoad); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	for _, name := range own {
		if name == "_env" {
			continue // an underscore does not make another name of it
		}
		if _, problems := ParseDefinition(with(object{name: Opaque{"a function"}}), "/", AtLoad); len(problems) > 0 {
			t.Errorf("%s is the user's own: %v", name, problems)
		}
	}
	for _, name := range append(fieldNames(), hookNames()...) {
		if _, problems := ParseDefinition(with(object{name: Undefined{}}), "/", AtLoad); slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.Message, "unknown field") }) {
			t.Errorf("%s is not known: %v", name, problems)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"appdb", "app", "reminder", "todo"}
	for word, want := range map[string]string{
		"todo": "todo", "tood": "todo", "todos": "todo", "TODO": "todo", "tado": "todo", "taod": "", "appd": "appdb", "apdb": "appdb", "ap": "", "app_db": "appdb",
		"remimder": "reminder", "rimimder": "reminder", "rimimdr": "", "": "", "database": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	err := &DefinitionError{[]Problem{
		{Class: "Db", Field: "ports.1", Found: "null", Accepted: "a port"},
		{Class: "Db", Field: "env.A", Found: "{a} is not in the context"},
		{Class: "Db", Found: "nothing", Accepted: "something"},
	}}
	want := "class Db: ports.1: found null, accepted: a port\nclass Db: env.A: {a} is not in the context\nclass Db: found nothing, accepted: something"
	if err.Error() != want {
		t.Errorf("got:\n%s\nwant:\n%s", err, want)
	}
}
