package main

import (
	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) restartCommand(g *globals) *cobra.Command {
	var o runtime.RestartOptions
	cmd := &cobra.Command{
		Use:     "restart [FILE] [SERVICE…]",
		GroupID: groupRun,
		Short:   "stop and start without a build",
		Long: `restart stops services, dependants first, and starts them again with their current
definitions: a service whose definition changed gets a new container. It builds an
image only if the image is missing.

Without names it restarts the services that are running, so a service that you
stopped on purpose stays stopped. If no service is running, it starts all of them.
A named service is started whether or not it was running; its dependants are only
started if they were running. Dependencies that are not running are started too. A
named oneShot service runs again.`,
		Example: `  miniboss restart                  all running services
  miniboss restart appdb            appdb and the running services that depend on it
  miniboss restart appdb --no-deps  just appdb`,
		ValidArgsFunction: a.completeServices(g, anyNumber),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			o.Services = names
			return a.withSession(cmd.Context(), g, path, func(s *session) error {
				o.OnStop, o.OnStart = s.file.OnStop, s.file.OnStart
				return s.runner.Restart(cmd.Context(), o)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.NoDeps, "no-deps", false, "restart just the named services")
	flags.StringSliceVar(&o.Exclude, "exclude", nil, "skip these `SERVICES` (a,b)")
	completeFlag(cmd, "exclude", a.completeExclude(g))
	stopTimeoutVar(flags, &o.StopTimeout, "stop-timeout")
	startFlags(cmd, &o.NetworkName, &o.Timeout, &o.Settle, &o.KeepFailed)
	staysOnNetwork(cmd)
	return cmd
}
