package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// asFound is what a group was like before tests.
type asFound struct {
	nothing bool // the group had no containers and no network
	network bool // its network was there
	saved   []byte
	stopped []string // services that did not run
	absent  []string // services that had no container; also in stopped
	volumes []string
}

// putBackLimit is how long a group may take to become what it was.
const putBackLimit = 5 * time.Minute

// find notes what a group is like, as far as services are concerned.
func (r *Runner) find(ctx context.Context, services []string) (asFound, error) {
	f := asFound{saved: bytes.Clone(r.Saved)}
	containers, err := r.claim(ctx)
	if err != nil {
		return f, err
	}
	containers, _ = withoutOneOffs(containers)
	networks, err := r.Engine.Networks(ctx, r.Group)
	if err != nil {
		return f, err
	}
	if f.volumes, err = r.volumeNames(ctx); err != nil {
		return f, err
	}
	f.nothing, f.network = len(containers) == 0 && len(networks) == 0, len(networks) > 0
	have := byService(containers)
	for _, name := range services {
		if slices.ContainsFunc(have[name], runs) {
			continue
		}
		f.stopped = append(f.stopped, name)
		if len(have[name]) == 0 {
			f.absent = append(f.absent, name)
		}
	}
	return f, nil
}

// putBack makes the group what it was. It works also when ctx has ended, and
// when the script cannot run any more: then without hooks.
func (r *Runner) putBack(ctx context.Context, o TestOptions, f asFound) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), putBackLimit)
	defer cancel()
	runner, onStop := r, o.OnStop
	if r.scriptDead() {
		runner, onStop = r.withoutScript(), nil
	}
	// In one go, so that the order is right; onStopServices is told of all.
	err := runner.stopThese(ctx, f.stopped, StopOptions{OnStop: onStop})
	if f.nothing {
		err = errors.Join(err, runner.Stop(ctx, StopOptions{Remove: true}))
		if len(f.saved) > 0 && string(f.saved) != "{}" {
			err = errors.Join(err, r.Store.Save(ctx, r.Group, f.saved))
		}
	} else {
		err = errors.Join(err, runner.stopThese(ctx, f.absent, StopOptions{Remove: true}), r.removeNewNetwork(ctx, f))
	}
	return errors.Join(err, r.removeNewVolumes(ctx, f))
}

// stopThese stops just the named services. Without the script, only those can
// be named that have containers.
func (r *Runner) stopThese(ctx context.Context, services []string, o StopOptions) error {
	if r.Graph == nil {
		containers, err := r.Engine.Containers(ctx, Selector{Group: r.Group})
		if err != nil {
			return err
		}
		have := byService(containers)
		services = slices.DeleteFunc(slices.Clone(services), func(name string) bool { return len(have[name]) == 0 })
	}
	if len(services) == 0 {
		return nil // no selection would mean all
	}
	o.Selection = spec.Selection{Services: services, NoDeps: true}
	return r.Stop(ctx, o)
}

// removeNewNetwork removes the group's network where it was not there before
// and nothing of the group is left.
func (r *Runner) removeNewNetwork(ctx context.Context, f asFound) error {
	if f.network {
		return nil
	}
	containers, err := r.Engine.Containers(ctx, Selector{Group: r.Group})
	if err != nil || len(containers) > 0 {
		return err
	}
	networks, err := r.Engine.Networks(ctx, r.Group)
	for _, n := range networks {
		err = errors.Join(err, r.Engine.RemoveNetwork(ctx, n.ID))
	}
	return err
}

// removeNewVolumes removes the volumes that were made for what is gone again.
func (r *Runner) removeNewVolumes(ctx context.Context, f asFound) error {
	used := map[string]bool{}
	for _, s := range r.Graph.Services() {
		if slices.Contains(f.absent, s.Name) {
			continue
		}
		for _, v := range s.Loaded.Volumes {
			used[fullName(r.Group, v.Source)] = true
		}
	}
	volumes, err := r.volumeNames(ctx)
	if err != nil {
		return err
	}
	for _, v := range volumes {
		if slices.Contains(f.volumes, v) || used[v] {
			continue
		}
		if removeErr := r.Engine.RemoveVolume(ctx, v); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("volume %s cannot be removed: %w", v, removeErr))
		}
	}
	return err
}
