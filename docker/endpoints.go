package docker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"

	cerrdefs "github.com/containerd/errdefs"
	cliconfig "github.com/docker/cli/cli/config"
	clicontext "github.com/docker/cli/cli/context"
	clictx "github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
)

// candidates lists where an engine may be. What the user chose, by DOCKER_HOST or
// by a context, is the only place: another engine must never be taken for it.
func (s Settings) candidates() ([]candidate, error) {
	if host := s.Getenv("DOCKER_HOST"); host != "" {
		return []candidate{s.fromEnvironment(host)}, nil
	}
	name, where := s.Getenv("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
	if name == "" {
		config, err := cliconfig.Load(s.configDir())
		if err != nil {
			return nil, err
		}
		name, where = config.CurrentContext, "docker context"
	}
	if name != "" && name != "default" {
		return []candidate{s.fromContext(name, fmt.Sprintf("%s %q", where, name))}, nil
	}
	var places []candidate
	for _, address := range s.Sockets {
		places = append(places, candidate{where: "socket", endpoint: endpointAt(address)})
	}
	return places, nil
}

func endpointAt(address string) clictx.Endpoint {
	return clictx.Endpoint{EndpointMeta: clictx.EndpointMeta{Host: address}}
}

// fromEnvironment treats TLS as the Docker CLI does: DOCKER_TLS turns it on,
// DOCKER_TLS_VERIFY checks the engine's certificate as well.
func (s Settings) fromEnvironment(host string) candidate {
	p := candidate{where: "DOCKER_HOST", endpoint: endpointAt(host)}
	verify := s.Getenv("DOCKER_TLS_VERIFY") != ""
	if !verify && s.Getenv("DOCKER_TLS") == "" {
		return p
	}
	dir := s.Getenv("DOCKER_CERT_PATH")
	if dir == "" {
		dir = s.configDir()
	}
	p.endpoint.SkipTLSVerify = !verify
	p.endpoint.TLSData, p.err = clicontext.TLSDataFromFiles(
		ifExists(dir, "ca.pem"), ifExists(dir, "cert.pem"), ifExists(dir, "key.pem"))
	return p
}

// ifExists returns the file's path, or "" where there is none: an engine may
// be verified without a client certificate, or the other way round.
func ifExists(dir, name string) string {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func (s Settings) fromContext(name, where string) candidate {
	p := candidate{where: where}
	contexts := store.New(filepath.Join(s.configDir(), "contexts"), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(clictx.DockerEndpoint, func() any { return &clictx.EndpointMeta{} }),
	))
	metadata, err := contexts.GetMetadata(name)
	if err != nil {
		if cerrdefs.IsNotFound(err) {
			err = errors.New("no such context; list them with docker context ls")
		}
		p.err = err
		return p
	}
	endpoint, err := clictx.EndpointFromContext(metadata)
	if err != nil {
		p.err = err
		return p
	}
	p.endpoint, p.err = clictx.WithTLSData(contexts, name, endpoint)
	if p.err != nil {
		p.endpoint = clictx.Endpoint{EndpointMeta: endpoint}
	}
	return p
}

// wellKnownSockets lists where engines listen by default, the most likely
// first: Docker's own, then those of the desktop products, then Podman's.
func wellKnownSockets(getenv func(string) string, home string) []string {
	if goruntime.GOOS == "windows" {
		return []string{
			"npipe:////./pipe/docker_engine",
			"npipe:////./pipe/dockerDesktopLinuxEngine",
			"npipe:////./pipe/podman-machine-default",
		}
	}
	runDir := getenv("XDG_RUNTIME_DIR")
	if runDir == "" {
		runDir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	paths := []string{
		"/var/run/docker.sock",
		filepath.Join(home, ".docker/run/docker.sock"),     // Docker Desktop on macOS
		filepath.Join(home, ".docker/desktop/docker.sock"), // Docker Desktop on Linux
		filepath.Join(home, ".orbstack/run/docker.sock"),
		filepath.Join(home, ".colima/default/docker.sock"),
		filepath.Join(home, ".rd/docker.sock"), // Rancher Desktop
	}
	if goruntime.GOOS == "darwin" {
		paths = append(paths,
			filepath.Join(home, ".local/share/containers/podman/machine/podman.sock"),
			filepath.Join(getenv("TMPDIR"), "podman/podman-machine-default-api.sock"),
		)
	} else {
		paths = append(paths,
			filepath.Join(runDir, "docker.sock"), // rootless Docker
			filepath.Join(runDir, "podman/podman.sock"),
			"/run/podman/podman.sock",
		)
	}
	addresses := make([]string, len(paths))
	for i, path := range paths {
		addresses[i] = "unix://" + path
	}
	return addresses
}
