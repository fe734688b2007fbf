package docker

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/docker/docker/api/types/build"

	"github.com/miniboss/miniboss/runtime"
)

// fakeEngine answers pings on a socket and counts requests.
func fakeEngine(t *testing.T, api string) (address string, requests *atomic.Int32) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int32)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("Api-Version", api)
		w.Header().Set("Ostype", "linux")
		w.Header().Set("Builder-Version", "2")
		if strings.HasSuffix(r.URL.Path, "/containers/json") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte("[]"))
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "unix://" + path, requests
}

// environment makes Settings of variables and files of the home directory.
func environment(t *testing.T, variables, files map[string]string, sockets ...string) Settings {
	t.Helper()
	home := t.TempDir()
	for name, content := range files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Settings{Getenv: func(name string) string { return variables[name] }, Home: home, Sockets: sockets}
}

// contextFile is where the Docker CLI keeps the context "other": a directory
// named by the hash of the name.
const contextFile = ".docker/contexts/meta/d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa/meta.json"

func contextTo(host string) string {
	return `{"Name":"other","Metadata":{},"Endpoints":{"docker":{"Host":"` + host + `","SkipTLSVerify":false}}}`
}

func TestWhereTheEngineIsLookedFor(t *testing.T) {
	here, _ := fakeEngine(t, "1.41")
	there, _ := fakeEngine(t, "1.50")
	last, _ := fakeEngine(t, "1.44")
	files := map[string]string{contextFile: contextTo(there), ".docker/config.json": `{"currentContext":"other"}`}
	onlyContext := map[string]string{contextFile: contextTo(there)}
	for name, c := range map[string]struct {
		settings Settings
		want     string
	}{
		"DOCKER_HOST":                  {environment(t, map[string]string{"DOCKER_HOST": here, "DOCKER_CONTEXT": "other"}, files, last), here},
		"DOCKER_CONTEXT":               {environment(t, map[string]string{"DOCKER_CONTEXT": "other"}, onlyContext, last), there},
		"current context":              {environment(t, nil, files, last), there},
		"DOCKER_CONTEXT=default":       {environment(t, map[string]string{"DOCKER_CONTEXT": "default"}, files, last), last},
		"context default":              {environment(t, nil, map[string]string{".docker/config.json": `{"currentContext":"default"}`}, last), last},
		"nothing said":                 {environment(t, nil, nil, last, here), last},
		"the first that answers":       {environment(t, nil, nil, "unix:///no/such/socket", here), here},
		"DOCKER_CONFIG":                {environment(t, map[string]string{"DOCKER_CONFIG": "/no/such/dir"}, files, last), last},
		"no configuration but a wrong": {environment(t, map[string]string{"DOCKER_HOST": here}, map[string]string{".docker/config.json": `{`}), here},
	} {
		engine, err := Connect(t.Context(), c.settings)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if engine.Host() != c.want {
			t.Errorf("%s: %s, want %s", name, engine.Host(), c.want)
		}
		_ = engine.Close()
	}
}

func TestNoEngine(t *testing.T) {
	dir := t.TempDir()
	deaf := filepath.Join(dir, "deaf")
	listener, err := net.Listen("unix", deaf)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = listener.Close()
	old, _ := fakeEngine(t, "1.30")
	noEngine := http.Server{Handler: http.NotFoundHandler()}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = noEngine.Serve(plain) }()
	t.Cleanup(func() { _ = noEngine.Close() })

	for name, c := range map[string]struct {
		settings Settings
		want     []string
		hint     string
	}{
		"sockets": {
			environment(t, nil, nil, "unix:///no/such/socket", "unix://"+deaf, old),
			[]string{
				"no container engine answers\n", "\n  tried socket unix:///no/such/socket: no such file or directory\n",
				"\n  tried socket unix://" + deaf + ": connection refused\n", old + ": the engine has API 1.30, but miniboss needs 1.41 (Docker 20.10) or later",
			}, "start ",
		},
		"DOCKER_HOST": {
			environment(t, map[string]string{"DOCKER_HOST": "tcp://127.0.0.1:1"}, nil, "unix://"+deaf),
			[]string{"\n  tried DOCKER_HOST tcp://127.0.0.1:1: connection refused"}, "unset DOCKER_HOST",
		},
		"not an engine": {
			environment(t, map[string]string{"DOCKER_HOST": "tcp://" + plain.Addr().String()}, nil),
			[]string{"404"}, "unset DOCKER_HOST",
		},
		"nonsense": {environment(t, map[string]string{"DOCKER_HOST": "nonsense"}, nil), []string{"tried DOCKER_HOST nonsense: "}, "unset"},
		"unknown context": {
			environment(t, map[string]string{"DOCKER_CONTEXT": "gone"}, nil, "unix://"+deaf),
			[]string{`tried DOCKER_CONTEXT "gone": `, "no such context; list them with docker context ls"}, "docker context use",
		},
		"context": {
			environment(t, nil, map[string]string{contextFile: contextTo("unix:///no/such"), ".docker/config.json": `{"currentContext":"other"}`}),
			[]string{`tried docker context "other" unix:///no/such: no such file or directory`}, "docker context use",
		},
		"configuration": {environment(t, nil, map[string]string{".docker/config.json": `{`}), []string{"tried the Docker CLI's configuration", "config.json"}, "start "},
	} {
		_, err := Connect(t.Context(), c.settings)
		var none *NoEngineError
		if !errors.As(err, &none) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error()+"\n", want) {
				t.Errorf("%s: %v\nwant %s", name, err, want)
			}
		}
		if !strings.Contains(none.Hint(), c.hint) {
			t.Errorf("%s: hint %q", name, none.Hint())
		}
	}
}

func TestNoRightToTheSocket(t *testing.T) {
	none := NoEngineError{Tried: []Try{{Where: "socket", Address: "unix:///var/run/docker.sock", Why: "permission denied"}}}
	if hint := none.Hint(); !strings.Contains(hint, "docker group") {
		t.Error(hint)
	}
}

func TestConnectAsksOnce(t *testing.T) {
	address, requests := fakeEngine(t, "1.41")
	engine, err := Connect(t.Context(), environment(t, map[string]string{"DOCKER_HOST": address}, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = engine.Close() }()
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests to connect", n)
	}
	if _, err := engine.Containers(t.Context(), runtime.Selector{Group: "x"}); err != nil {
		t.Fatal(err)
	}
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests to connect and list", n)
	}
	if version := engine.api.ClientVersion(); version != "1.41" {
		t.Errorf("API %s", version)
	}
	if engine.builder != build.BuilderBuildKit {
		t.Errorf("builder %q", engine.builder)
	}
}

func TestTLSFromTheEnvironment(t *testing.T) {
	settings := environment(t, map[string]string{"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1"},
		map[string]string{".docker/ca.pem": "authority"}).withDefaults()
	places, err := settings.candidates()
	if err != nil {
		t.Fatal(err)
	}
	if p := places[0]; p.err != nil || p.endpoint.SkipTLSVerify || p.endpoint.TLSData == nil || string(p.endpoint.TLSData.CA) != "authority" {
		t.Errorf("%+v", p)
	}
	// A certificate that is none is told of, not passed over.
	if _, err := Connect(t.Context(), settings); err == nil || !strings.Contains(err.Error(), "ca.pem seems invalid") {
		t.Error(err)
	}
}

func TestWellKnownSockets(t *testing.T) {
	list := wellKnownSockets(func(name string) string { return map[string]string{"XDG_RUNTIME_DIR": "/run/user/7"}[name] }, "/home/joe")
	at := func(address string) int { return slices.Index(list, address) }
	if at("unix:///var/run/docker.sock") != 0 || at("unix:///home/joe/.colima/default/docker.sock") < 0 ||
		at("unix:///run/user/7/podman/podman.sock") < at("unix:///run/user/7/docker.sock") || at("unix:///run/podman/podman.sock") != len(list)-1 {
		t.Errorf("%q", list)
	}
}
