package runtime

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// GroupContainers finds the containers of a group for its hooks. Start tells it
// of the ones that it makes; any other is looked up in the engine.
type GroupContainers struct {
	group  string
	engine Engine

	// owns tells the containers of the group's file from another file's; nil: all
	// are its.
	owns func(Container) bool

	mu      sync.Mutex
	current map[string]string // service to id
}

var _ Containers = (*GroupContainers)(nil)

// NewContainers returns the access of hooks to the containers of a group.
func NewContainers(group string, engine Engine) *GroupContainers {
	return &GroupContainers{group: group, engine: engine, current: map[string]string{}}
}

// only has the hooks see just the containers that owns is true for, which are
// those of their file.
func (c *GroupContainers) only(owns func(Container) bool) { c.owns = owns }

// set tells which container a service has now.
func (c *GroupContainers) set(service, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current[service] = id
}

func (c *GroupContainers) id(ctx context.Context, service string) (string, error) {
	c.mu.Lock()
	id := c.current[service]
	c.mu.Unlock()
	if id != "" {
		return id, nil
	}
	list, err := c.engine.Containers(ctx, Selector{Group: c.group})
	if err != nil {
		return "", err
	}
	for _, found := range list {
		if found.Labels.Service == service && (c.owns == nil || c.owns(found)) {
			c.set(service, found.ID)
			return found.ID, nil
		}
	}
	return "", fmt.Errorf("service %q has no container", service)
}

// Now returns the time by the engine's clock.
func (c *GroupContainers) Now() time.Time { return c.engine.Now() }

// Exec runs a command in the service's container.
func (c *GroupContainers) Exec(ctx context.Context, service string, o ExecOptions) (ExecResult, error) {
	id, err := c.id(ctx, service)
	if err != nil {
		return ExecResult{}, err
	}
	return c.engine.Exec(ctx, id, o)
}

// Logs returns the log of the service's container.
func (c *GroupContainers) Logs(ctx context.Context, service string, o LogOptions) (string, error) {
	id, err := c.id(ctx, service)
	if err != nil {
		return "", err
	}
	return readLogs(ctx, c.engine, id, o)
}

// HostPort returns the port of the host on which a port is published.
func (c *GroupContainers) HostPort(ctx context.Context, service, port string) (int, error) {
	id, err := c.id(ctx, service)
	if err != nil {
		return 0, err
	}
	state, err := c.engine.State(ctx, id)
	if err != nil {
		return 0, err
	}
	key := port
	if !strings.Contains(key, "/") {
		key += "/tcp"
	}
	host, ok := state.HostPorts[key]
	if !ok {
		return 0, fmt.Errorf("service %q does not publish port %s", service, key)
	}
	return host, nil
}

// Inspect returns what the engine tells of the service's container.
func (c *GroupContainers) Inspect(ctx context.Context, service string) ([]byte, error) {
	id, err := c.id(ctx, service)
	if err != nil {
		return nil, err
	}
	return c.engine.InspectContainer(ctx, id)
}

// Healthy reports whether the service's container is healthy: the engine says so,
// or its healthcheck succeeds now. A container that has no healthcheck never will
// be: that is a *NoHealthcheckError.
func (c *GroupContainers) Healthy(ctx context.Context, service string) (bool, error) {
	id, err := c.id(ctx, service)
	if err != nil {
		return false, err
	}
	state, err := c.engine.State(ctx, id)
	switch {
	case err != nil:
		return false, err
	case state.Healthcheck == nil:
		return false, &NoHealthcheckError{Service: service}
	case !state.Running:
		return false, nil
	case state.Health == "healthy":
		return true, nil
	}
	return runHealthcheck(ctx, c.engine, id, *state.Healthcheck) == nil, nil
}

// NoHealthcheckError is the error where a healthcheck is asked for that neither
// the image nor the definition has.
type NoHealthcheckError struct{ Service string }

func (e *NoHealthcheckError) Error() string {
	return fmt.Sprintf("service %q has no healthcheck, so it can never be healthy", e.Service)
}

// Containers is what hooks can do with the containers of their group. Services
// are named by their name. Methods return an error that names the service where
// it has no container yet.
type Containers interface {
	// Now returns the time by the engine's clock, which need not be ours.
	Now() time.Time
	Exec(ctx context.Context, service string, options ExecOptions) (ExecResult, error)
	Logs(ctx context.Context, service string, options LogOptions) (string, error)
	// HostPort returns the port of the host on which a container port
	// ("5432", "53/udp") is published.
	HostPort(ctx context.Context, service, containerPort string) (int, error)
	// Inspect returns what the engine tells of the container, as JSON.
	Inspect(ctx context.Context, service string) ([]byte, error)
	// Healthy reports whether the container's healthcheck succeeds. It is a *NoHealthcheckError where there is no healthcheck.
	Healthy(ctx context.Context, service string) (bool, error)
}
