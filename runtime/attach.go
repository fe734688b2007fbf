package runtime

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Exec runs a command in a service's running container, on the caller's
// streams, and returns its exit code. Where ctx ends first, the command goes on
// in the container.
func (r *Runner) Exec(ctx context.Context, service string, o ExecOptions, streams Streams) (int, error) {
	containers, err := r.groupContainers(ctx)
	if err == nil {
		err = r.taken(containerThings(containers))
	}
	if err != nil {
		return 0, err
	}
	containers, _ = withoutOneOffs(containers)
	have := byService(containers)
	if _, err := r.known([]string{service}, have); err != nil {
		return 0, err
	}
	c, err := r.running(service, have[service])
	if err != nil {
		return 0, err
	}
	code, err := r.Engine.ExecAttached(ctx, c.ID, o, streams)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("service %q: %w", service, err)
	}
	return code, nil
}

// running picks the container of a service in which a command can run, also
// while a start has not seen it ready: that is when one wants to look.
func (r *Runner) running(service string, have []Container) (Container, error) {
	if len(have) == 0 {
		message, advice := fmt.Sprintf("service %q has no container", service), "run `miniboss start "+service+"`"
		if end := r.LastEnds.Of(service); end != nil {
			message += ": " + end.String()
			if len(end.Log) > 0 {
				advice = "run `miniboss logs " + service + "` to see the end of its log"
			}
		}
		return Container{}, &NotStartedError{Message: message, Advice: advice}
	}
	full := fullName(r.Group, service)
	best := slices.MinFunc(have, func(a, b Container) int {
		return cmp.Or(
			-cmp.Compare(btoi(a.State == "running"), btoi(b.State == "running")),
			-cmp.Compare(btoi(a.Name == full), btoi(b.Name == full)),
			-a.Created.Compare(b.Created))
	})
	if best.State == "running" {
		return best, nil
	}
	state := best.State
	if state == "exited" && best.ExitCode >= 0 {
		state = fmt.Sprintf("exited (%d)", best.ExitCode)
	}
	return Container{}, &NotStartedError{
		Message: fmt.Sprintf("service %q is not running: its container is %s", service, state),
		Advice:  "run `miniboss start " + service + "`, or `miniboss run " + service + "` for a one-off container",
	}
}
