package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	cliconfig "github.com/docker/cli/cli/config"
	clictx "github.com/docker/cli/cli/context/docker"
	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"
)

// oldestAPI is that of Docker 20.10.
const oldestAPI = "1.41"

// How long an engine may take to answer a ping, which is the first request.
const (
	localAnswer  = 10 * time.Second
	remoteAnswer = 40 * time.Second // ssh gives up after 30 s by itself
)

// Engine is a container engine that answers. Close it when done.
type Engine struct {
	api     *client.Client
	host    string               // address, for messages
	local   bool                 // the engine's ports are this machine's
	os      string               // of the containers
	builder build.BuilderVersion // "": the engine names none
	auth    *credentials
	clock   *clock
}

// Settings says where to look for an engine. The zero value is the user's
// environment; tests set the fields.
type Settings struct {
	Getenv  func(string) string // nil: os.Getenv
	Home    string              // "": the user's home directory
	Sockets []string            // addresses tried last; nil: the well-known ones
}

// Connect finds the engine that the user means and makes sure that it answers:
// DOCKER_HOST, else the Docker CLI's current context, else the first of the
// well-known sockets behind which something answers. It costs one small
// request, which settles the API version too. The error is a *NoEngineError
// where no engine answers.
func Connect(ctx context.Context, settings Settings) (*Engine, error) {
	settings = settings.withDefaults()
	places, err := settings.candidates()
	if err != nil {
		return nil, &NoEngineError{Tried: []Try{{Where: "the Docker CLI's configuration", Why: err.Error()}}}
	}
	var none NoEngineError
	for _, place := range places {
		engine, err := place.connect(ctx)
		if err == nil {
			engine.auth = &credentials{dir: settings.configDir()}
			if settings.Getenv("DOCKER_BUILDKIT") == "0" {
				engine.builder = build.BuilderV1
			}
			return engine, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		none.Tried = append(none.Tried, Try{Where: place.where, Address: place.endpoint.Host, Why: err.Error()})
	}
	return nil, &none
}

// Close gives the connections to the engine back.
func (e *Engine) Close() error { return e.api.Close() }

// Local reports whether the engine is on this machine.
func (e *Engine) Local() bool { return e.local }

// Host returns the engine's address.
func (e *Engine) Host() string { return e.host }

func (s Settings) withDefaults() Settings {
	if s.Getenv == nil {
		s.Getenv = os.Getenv
	}
	if s.Home == "" {
		s.Home, _ = os.UserHomeDir()
	}
	if s.Sockets == nil {
		s.Sockets = wellKnownSockets(s.Getenv, s.Home)
	}
	return s
}

func (p candidate) connect(ctx context.Context) (*Engine, error) {
	if p.err != nil {
		return nil, p.err
	}
	host := p.endpoint.Host
	scheme, address, _ := strings.Cut(host, "://")
	if scheme == "unix" {
		// Also spares a client for each of the many places where nothing is.
		if _, err := os.Stat(address); err != nil {
			return nil, rootCause(err)
		}
	}
	options, err := p.endpoint.ClientOpts()
	if err != nil {
		return nil, err
	}
	options = append(options, keepConnections, client.WithUserAgent("miniboss"))
	local, limit := isLocal(scheme, address), localAnswer
	if !local {
		limit = remoteAnswer
	}
	clock := &clock{}
	api, err := newClient(limit, clock, options...)
	if err != nil {
		return nil, err
	}
	engine := &Engine{api: api, host: host, local: local, clock: clock}
	if err := engine.ping(ctx, limit, scheme, address); err != nil {
		_ = api.Close()
		return nil, err
	}
	return engine, nil
}

func (e *Engine) ping(ctx context.Context, limit time.Duration, scheme, address string) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ping, err := e.api.Ping(limited)
	switch {
	case err == nil:
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s", limit)
	case client.IsErrConnectionFailed(err):
		return whyNoConnection(limited, scheme, address, err)
	default:
		return errors.New(engineSays(err))
	}
	if ping.APIVersion == "" {
		return errors.New("the server there is not a container engine")
	}
	if versions.LessThan(ping.APIVersion, oldestAPI) {
		return fmt.Errorf("the engine has API %s, but miniboss needs %s (Docker 20.10) or later", ping.APIVersion, oldestAPI)
	}
	e.api.NegotiateAPIVersionPing(ping)
	e.os = ping.OSType
	if ping.BuilderVersion == build.BuilderBuildKit {
		e.builder = ping.BuilderVersion
	}
	return nil
}

// keepConnections is applied after the client's transport is made. The default
// keeps two idle connections, and a start of thirty services would dial, and
// over ssh spawn, for nearly every call.
func keepConnections(c *client.Client) error {
	if transport, ok := c.HTTPClient().Transport.(*http.Transport); ok {
		transport.MaxIdleConns = 0
		transport.MaxIdleConnsPerHost = 64
		transport.IdleConnTimeout = 90 * time.Second
	}
	return nil
}

// whyNoConnection finds the reason, which the SDK replaces by a question.
func whyNoConnection(ctx context.Context, scheme, address string, err error) error {
	if scheme != "unix" && scheme != "tcp" {
		return errors.New(strings.TrimPrefix(rootCause(err).Error(), "error during connect: "))
	}
	conn, dialErr := new(net.Dialer).DialContext(ctx, scheme, strings.TrimSuffix(address, "/"))
	if dialErr != nil {
		return rootCause(dialErr)
	}
	_ = conn.Close()
	return rootCause(err)
}

// rootCause returns the innermost error: the places' names are shown already.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func isLocal(scheme, address string) bool {
	switch scheme {
	case "unix", "npipe", "fd":
		return true
	case "tcp", "http", "https":
		host, _, err := net.SplitHostPort(strings.TrimSuffix(address, "/"))
		if err != nil {
			host = address
		}
		ip := net.ParseIP(host)
		return host == "localhost" || ip != nil && ip.IsLoopback()
	}
	return false
}

func (s Settings) configDir() string {
	if dir := s.Getenv(cliconfig.EnvOverrideConfigDir); dir != "" {
		return dir
	}
	return s.Home + string(os.PathSeparator) + ".docker"
}

// place is somewhere an engine may be.
type candidate struct {
	where    string // what names it: DOCKER_HOST, docker context "colima"
	endpoint clictx.Endpoint
	err      error // why it cannot even be tried
}
