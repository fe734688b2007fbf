package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// ReloadOptions says what Reload does.
type ReloadOptions struct {
	Service     string
	NetworkName string        // "": the one that the group uses
	Timeout     time.Duration // for pings and hooks
	StopTimeout time.Duration
	Settle      time.Duration
	Pull        bool
	KeepFailed  bool
	Dependants  bool // restart the dependants too
	Remove      bool // with Dependants: make new containers for them instead of restarting
	// OnReload is called with the service's name when it is started again.
	OnReload func(ctx context.Context, name string) error
}

// Reload builds a service's image, and then replaces its container. Until the
// image is built the old container goes on running, and it stays where the
// build fails.
func (r *Runner) Reload(ctx context.Context, o ReloadOptions) error {
	service := r.Graph.Service(o.Service)
	if service == nil {
		return spec.UnknownService(r.Graph, o.Service)
	}
	if service.Loaded.Build == nil {
		return &spec.UsageError{
			Message: fmt.Sprintf("service %q cannot be reloaded: it has no buildFrom", o.Service),
			Advice:  "use restart to stop and start a service without building its image",
		}
	}
	ctx, stop := r.guard(ctx)
	defer stop()
	containers, err := r.claim(ctx)
	if err != nil {
		return err
	}
	containers, _ = withoutOneOffs(containers)
	began := time.Now()
	definition, err := r.buildDefinition(ctx, service)
	if err != nil {
		return r.reloadFailed(ctx, service, began, err)
	}
	images := newImageSet(ctx, r, false, o.Pull)
	defer images.close()
	images.forced = definition.Image
	if _, err := images.get(ctx, service.Name, definition); err != nil {
		return r.reloadFailed(ctx, service, began, err)
	}
	names := []string{o.Service}
	force := map[string]string{o.Service: "reload"}
	if o.Dependants {
		dependants := r.Graph.WithDependants(o.Service)
		dependants = slices.DeleteFunc(dependants, func(name string) bool { return name == o.Service })
		if err := r.stopDependants(ctx, dependants, o); err != nil {
			return err
		}
		slices.Reverse(dependants)
		names = append(names, dependants...)
		for _, name := range dependants {
			if o.Remove {
				force[name] = "reload of " + o.Service
			}
		}
	}
	names = append(names, oneShotsOn(r.Graph, names, byService(containers))...)
	err = r.startWith(ctx, StartOptions{
		Selection: spec.Selection{Services: names, NoDeps: true}, NetworkName: r.networkToStay(o.NetworkName, containers), Timeout: o.Timeout,
		StopTimeout: o.StopTimeout, Settle: o.Settle, KeepFailed: o.KeepFailed,
	}, startCause{force: force, images: images})
	if err != nil || o.OnReload == nil {
		return err
	}
	return r.collectionHook(ctx, "onReloadService", o.Timeout, func(ctx context.Context) error { return o.OnReload(ctx, o.Service) })
}

// buildDefinition returns what the build needs to know, with the values of the
// context in it where the file uses them for the image.
func (r *Runner) buildDefinition(ctx context.Context, s *spec.Service) (spec.Definition, error) {
	if !spec.ImagePending(s.Loaded) {
		return s.Loaded, nil
	}
	return r.finalDefinition(ctx, s)
}

func (r *Runner) reloadFailed(ctx context.Context, s *spec.Service, began time.Time, err error) error {
	if r.ending(ctx) {
		return context.Cause(ctx)
	}
	r.emit(Event{Service: s.Name, Phase: PhaseFailed, Duration: time.Since(began),
		Err: fmt.Errorf("service %q: %w", s.Name, err)})
	r.phase(s.Name, PhaseNotice, "its container is left unchanged")
	return failedOrNil([]string{s.Name})
}

func (r *Runner) stopDependants(ctx context.Context, names []string, o ReloadOptions) error {
	if len(names) == 0 {
		return nil
	}
	err := r.Stop(ctx, StopOptions{Selection: spec.Selection{Services: names, NoDeps: true}, Timeout: o.StopTimeout})
	if errors.Is(err, ErrFailed) {
		return fmt.Errorf("the dependent services could not be stopped: %w", err)
	}
	return err
}
