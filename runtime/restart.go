package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// RestartOptions says what Restart does.
type RestartOptions struct {
	// Selection is as for Stop.
	spec.Selection
	NetworkName string        // "": the one that the group uses
	Timeout     time.Duration // for the pings of a service, and for each hook of starting
	StopTimeout time.Duration // for a container to end, and for each hook of stopping; 0: 10 s and 50 s
	Settle      time.Duration
	KeepFailed  bool
	// OnStop and OnStart are called with the names of the services that were
	// stopped, and that are started again.
	OnStop, OnStart func(ctx context.Context, names []string) error
}

// Restart stops services, dependants first, and starts them again as the file
// defines them now, without building what is there. Without names these are
// the services that run; where none does, all. Named ones are started whether
// they ran or not, and with them those of their dependants that ran. What they
// depend on is started where it does not run. What could not be stopped in
// order is reported, and all are started all the same. What an earlier restart
// has stopped, and nothing has started since, counts as running.
func (r *Runner) Restart(ctx context.Context, o RestartOptions) error {
	containers, err := r.claim(ctx)
	if err != nil {
		return err
	}
	containers, _ = withoutOneOffs(containers)
	have := byService(containers)
	again, err := o.again(r.Graph, func(name string) bool {
		return slices.ContainsFunc(have[name], runs) || r.Journal.ToRestart(name)
	})
	if err != nil {
		return err
	}
	var stopErr error
	if slices.ContainsFunc(again, func(name string) bool { return slices.ContainsFunc(have[name], runs) }) {
		stopErr = r.stopWith(ctx, StopOptions{
			Selection: spec.Selection{Services: again, NoDeps: true}, Timeout: o.StopTimeout, OnStop: o.OnStop,
		}, true)
		if stopErr != nil && !errors.Is(stopErr, ErrFailed) || ctx.Err() != nil {
			return stopErr
		}
	}
	// What they did to a service that gets a new container is done again.
	started := slices.Concat(o.missing(r.Graph, again, have), again)
	if !o.NoDeps {
		started = append(started, slices.DeleteFunc(oneShotsOn(r.Graph, started, have), func(name string) bool { return slices.Contains(o.Exclude, name) })...)
	}
	force := map[string]string{}
	for _, name := range again {
		// Else it would be left alone: it has done its work.
		if r.Graph.Service(name).Loaded.OneShot {
			force[name] = "restart"
		}
	}
	images := newImageSet(ctx, r, false, false)
	defer images.close()
	images.rule = buildAbsent
	err = r.startWith(ctx, StartOptions{
		Selection:   spec.Selection{Services: started, NoDeps: true},
		NetworkName: r.networkToStay(o.NetworkName, containers), Timeout: o.Timeout, StopTimeout: o.StopTimeout, Settle: o.Settle, KeepFailed: o.KeepFailed,
		OnStart: o.OnStart,
	}, startCause{force: force, images: images})
	return errors.Join(stopErr, err)
}

// again returns the services to restart, dependencies first.
func (o RestartOptions) again(g *spec.Graph, ran func(name string) bool) ([]string, error) {
	all, err := o.ForStop(g)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	again := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return !slices.Contains(o.Services, name) && !ran(name)
	})
	if len(again) == 0 {
		return all, nil
	}
	return again, nil
}

// missing returns what the services depend on and what neither runs nor has
// done its work.
func (o RestartOptions) missing(g *spec.Graph, again []string, have map[string][]Container) []string {
	if o.NoDeps {
		return nil
	}
	return slices.DeleteFunc(g.WithDependencies(again...), func(name string) bool {
		done := func(c Container) bool { return c.State == "exited" && c.ExitCode == 0 }
		return slices.Contains(again, name) || slices.Contains(o.Exclude, name) || slices.ContainsFunc(have[name], runs) ||
			g.Service(name).Loaded.OneShot && slices.ContainsFunc(have[name], done)
	})
}
