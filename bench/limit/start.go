package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/miniboss/miniboss/bench/collection"
)

const label = "miniboss.bench"

func (r *run) labels(service string) map[string]string {
	return map[string]string{label: r.Group, label + ".service": service}
}

func (r *run) start(ctx context.Context) error {
	if _, err := r.api.NetworkCreate(ctx, r.Group, network.CreateOptions{Driver: "bridge", Labels: r.labels("")}); err != nil {
		return err
	}
	return r.each(ctx, false, func(ctx context.Context, s collection.Service, wait func() error) error {
		if !r.ahead {
			if err := wait(); err != nil {
				return err
			}
		}
		var id string
		err := r.creates.within(func() (err error) {
			id, err = r.create(ctx, s)
			return err
		})
		if err != nil {
			return err
		}
		if err := wait(); err != nil {
			return err
		}
		return r.up(ctx, s, id)
	})
}

func (r *run) create(ctx context.Context, s collection.Service) (id string, err error) {
	config := container.Config{Image: r.Image, Hostname: s.Name, Cmd: s.Cmd(), Labels: r.labels(s.Name)}
	host := container.HostConfig{NetworkMode: container.NetworkMode(r.Group)}
	if s.Port != 0 {
		config.ExposedPorts = nat.PortSet{"8080/tcp": {}}
		host.PortBindings = nat.PortMap{"8080/tcp": {{HostPort: fmt.Sprint(s.Port)}}}
	}
	networks := network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{r.Group: {Aliases: []string{s.Name}}}}
	created, err := r.api.ContainerCreate(ctx, &config, &host, &networks, nil, r.Group+"_"+s.Name)
	return created.ID, err
}

// startReturns is how long after the container's first process has begun the
// engine may say so.
const startReturns = 100 * time.Millisecond

// up starts a container and returns when its service answers. It knows how long
// that takes, so that asking takes no processor from what is being started.
func (r *run) up(ctx context.Context, s collection.Service, id string) error {
	err := r.starts.within(func() error { return r.api.ContainerStart(ctx, id, container.StartOptions{}) })
	if err != nil || s.Port == 0 {
		return err
	}
	time.Sleep(collection.Delay - startReturns)
	for ctx.Err() == nil {
		answer, err := http.Get(fmt.Sprintf("http://localhost:%d/health", s.Port))
		if err == nil {
			return answer.Body.Close()
		}
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}

// list returns the ids of the containers by service.
func (r *run) list(ctx context.Context) (map[string]string, error) {
	found, err := r.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", label+"="+r.Group))})
	ids := map[string]string{}
	for _, c := range found {
		ids[c.Labels[label+".service"]] = c.ID
	}
	return ids, err
}

func (r *run) restart(ctx context.Context) error {
	ids, err := r.list(ctx)
	if err != nil {
		return err
	}
	return r.each(ctx, false, func(ctx context.Context, s collection.Service, wait func() error) error {
		if err := wait(); err != nil {
			return err
		}
		return r.up(ctx, s, ids[s.Name])
	})
}
