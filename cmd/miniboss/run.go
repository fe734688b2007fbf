package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/kballard/go-shellquote"
	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) runCommand(g *globals) *cobra.Command {
	var f commandFlags
	var o runtime.RunOptions
	var entrypoint string
	var noDeps bool
	cmd := &cobra.Command{
		Use:     "run [FILE] SERVICE [CMD…]",
		GroupID: groupService,
		Short:   "run a command in a new container created from a service's definition",
		Long: `run creates a container from a service's definition on the group's network, runs
CMD in it (or the service's own command), and removes it. First it starts the
services that this one depends on and waits until they are ready, unless you give
--no-deps; dependencies that are running and match their definition are left alone.
The service itself does not have to be running. The definition uses the values of
the saved context.

Only the service's configure hook runs. Other containers cannot reach this one
under the service's name, it publishes no ports unless you give --service-ports,
and it is never restarted. It has a terminal if you have one, and miniboss exits
with its exit code. Without a terminal, Ctrl-C stops it.`,
		Example: `  miniboss run todo npm test
  miniboss run todo sh
  miniboss run -e SEED=1 --entrypoint node todo scripts/seed.js`,
		ValidArgsFunction: a.completeServices(g, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, service, command, err := g.takeCommand(cmd, args)
			if err != nil {
				return err
			}
			o.Service, o.Cmd, o.User, o.WorkingDir = service, command, f.user, f.workingDir
			if o.Env, err = f.variables(); err != nil {
				return err
			}
			if cmd.Flags().Changed("entrypoint") {
				if o.Entrypoint, err = shellquote.Split(entrypoint); err != nil {
					return &spec.UsageError{Message: fmt.Sprintf("--entrypoint %s: %v", entrypoint, err)}
				}
				if len(o.Entrypoint) == 0 {
					o.Entrypoint = []string{""} // takes the image's away
				}
			}
			// Where the reader of our output ends, the container must still go:
			// so a write fails instead of ending the process.
			signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
			for {
				err := a.withLook(cmd.Context(), g, path, false, func(s *session) error {
					if err := s.startDependencies(cmd.Context(), o, noDeps); err != nil {
						return err
					}
					var restore func()
					o.Streams, restore = a.streams(!f.noTTY)
					defer restore()
					return commandResult(s.runner.RunOneOff(cmd.Context(), o))
				})
				if !errors.Is(err, errContextChanged) {
					return err
				}
			}
		},
	}
	f.add(cmd)
	accepted(cmd, "rm", "", "the container is always removed")
	flags := cmd.Flags()
	flags.BoolVar(&noDeps, "no-deps", false, "do not start the services it depends on")
	flags.BoolVar(&o.ServicePorts, "service-ports", false, "publish the service's ports on the host")
	flags.StringVar(&entrypoint, "entrypoint", "", "run this `PROGRAM` instead of the service's entrypoint and cmd")
	completeFlag(cmd, "entrypoint", cobra.NoFileCompletions)
	flags.StringVar(&o.NetworkName, "network-name", "", "use the network `NAME` (default: the one the group uses)")
	secondsVar(flags, &o.Timeout, "timeout", 300*time.Second, "how long to wait for a dependency to become ready, and for each hook")
	secondsVar(flags, &o.Settle, "settle", time.Second, "how long a dependency without a ping or healthcheck must stay up")
	secondsVar(flags, &o.StopTimeout, "stop-timeout", 10*time.Second, "how long to wait for the container to stop after Ctrl-C")
	return cmd
}

// startDependencies starts what the service depends on. The group's lock is held
// for that alone, and not taken where there is nothing to start.
func (s *session) startDependencies(ctx context.Context, o runtime.RunOptions, noDeps bool) error {
	service := s.runner.Graph.Service(o.Service)
	if noDeps || service != nil && len(service.DependsOn) == 0 {
		return nil
	}
	err := s.whileLocked(ctx, func() error { return s.runner.StartDependencies(ctx, o, s.file.OnStart) })
	if errors.Is(err, runtime.ErrFailed) {
		s.notice(o.Service + " was not run: a dependency failed")
	}
	return err
}
