package docker

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
)

// State implements runtime.Engine.
func (e *Engine) State(ctx context.Context, id string) (runtime.ContainerState, error) {
	inspect, err := e.inspect(ctx, id)
	if err != nil {
		return runtime.ContainerState{}, err
	}
	return fromInspect(inspect), nil
}

// InspectContainer implements runtime.Engine.
func (e *Engine) InspectContainer(ctx context.Context, id string) ([]byte, error) {
	_, raw, err := e.api.ContainerInspectWithRaw(ctx, id, false)
	if err != nil {
		return nil, e.failed(ctx, "inspect container "+short(id), err)
	}
	return bytes.TrimSpace(raw), nil
}

func (e *Engine) inspect(ctx context.Context, id string) (container.InspectResponse, error) {
	inspect, err := e.api.ContainerInspect(ctx, id)
	if err != nil {
		return inspect, e.failed(ctx, "inspect container "+short(id), err)
	}
	// What the API promises, and a proxy in between may break.
	if inspect.ContainerJSONBase == nil || inspect.State == nil || inspect.Config == nil || inspect.HostConfig == nil {
		return inspect, &engineError{doing: "inspect container " + short(id), says: "the engine's answer is incomplete"}
	}
	if inspect.NetworkSettings == nil {
		inspect.NetworkSettings = &container.NetworkSettings{}
	}
	return inspect, nil
}

func fromInspect(inspect container.InspectResponse) runtime.ContainerState {
	s := inspect.State
	state := runtime.ContainerState{
		Status:     oneState(string(s.Status)),
		Running:    s.Running || s.Paused,
		ExitCode:   s.ExitCode,
		StopSignal: stopSignalOf(inspect),
		OOMKilled:  s.OOMKilled,
		Error:      s.Error,
		StartedAt:  timeOf(s.StartedAt),
		FinishedAt: timeOf(s.FinishedAt),
		HostPorts:  map[string]int{},

		Healthcheck:  healthcheckOf(inspect.Config),
		RestartCount: inspect.RestartCount,
	}
	if s.Health != nil && s.Health.Status != container.NoHealthcheck {
		state.Health = string(s.Health.Status)
		if n := len(s.Health.Log); n > 0 && s.Health.Log[n-1] != nil {
			state.HealthLog = strings.TrimSpace(s.Health.Log[n-1].Output)
		}
	}
	if !state.Running {
		return state // Podman goes on telling the ports
	}
	for port, bindings := range inspect.NetworkSettings.Ports {
		for _, binding := range bindings {
			// IPv4 and IPv6 may differ where any port is asked for; the first
			// is IPv4's, which is what localhost leads to everywhere.
			if number, err := strconv.Atoi(binding.HostPort); err == nil && state.HostPorts[string(port)] == 0 {
				state.HostPorts[string(port)] = number
			}
		}
	}
	return state
}

// defaultCheckTimeout is the engine's for a healthcheck that sets none.
const defaultCheckTimeout = 30 * time.Second

// healthcheckOf returns how to ask for a container's health as the engine does.
// State.Health tells less: Podman has it only after the first check.
func healthcheckOf(config *container.Config) *runtime.Healthcheck {
	if config == nil || config.Healthcheck == nil || len(config.Healthcheck.Test) < 2 {
		return nil // {"NONE"} switches off that of the image
	}
	check := &runtime.Healthcheck{Test: config.Healthcheck.Test[1:], Timeout: cmp.Or(config.Healthcheck.Timeout, defaultCheckTimeout)}
	if config.Healthcheck.Test[0] == "CMD-SHELL" {
		shell := []string(config.Shell)
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		check.Test = append(slices.Clone(shell), config.Healthcheck.Test[1])
	}
	return check
}

// timeOf reads the engine's times; it writes year 1 for "never".
func timeOf(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t
}
