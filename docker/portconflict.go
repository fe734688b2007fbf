package docker

import (
	"context"
	"fmt"
	"os"
	goruntime "runtime"

	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// TakenPorts implements runtime.Engine. Nothing is listened on, not even for a
// moment: macOS and Windows would ask their users for permission, and others
// that start at the same time would be disturbed.
func (e *Engine) TakenPorts(ports []spec.Port) []spec.Port {
	if !e.local || len(ports) == 0 {
		return nil
	}
	return listenedOn(ports)
}

// PortHolders implements runtime.Engine.
func (e *Engine) PortHolders(ctx context.Context, ports []spec.Port) []*runtime.PortTakenError {
	holders := make([]*runtime.PortTakenError, len(ports))
	if len(ports) == 0 || !e.sharesPorts(ctx) {
		return holders
	}
	running, err := e.api.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return holders // the engine will tell when the port is published
	}
	for i, p := range ports {
		taken := &runtime.PortTakenError{Port: p.Host, Protocol: p.Protocol, Container: fmt.Sprintf("%d/%s", p.Container, p.Protocol)}
		e.findHolder(ctx, taken, running, "", p.HostIP)
		if taken.Holder != nil && taken.Holder.Process == "docker-proxy" {
			// No container that runs has it: one is just being started or has
			// just ended, maybe the service's own.
			continue
		}
		if taken.Holder == nil && len(listenedOn(ports[i:i+1])) == 0 {
			continue
		}
		holders[i] = taken
	}
	return holders
}

// SharesFiles implements runtime.Engine: where the ports are the engine's, the
// paths are too.
func (e *Engine) SharesFiles(ctx context.Context) bool { return e.sharesPorts(ctx) }

// sharesPorts tells whether this machine's ports are the engine's: they are
// not where we run in a container that has got the engine's socket. On macOS
// and Windows the engine is in a virtual machine that passes the ports on.
func (e *Engine) sharesPorts(ctx context.Context) bool {
	if !e.local || goruntime.GOOS != "linux" {
		return e.local
	}
	info, err := e.api.Info(ctx)
	if err != nil {
		return false
	}
	host, err := os.Hostname()
	return err == nil && host == info.Name
}
