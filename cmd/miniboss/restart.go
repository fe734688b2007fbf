package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) restartCommand(g *globals) *cobra.Command {
	var o runtime.RestartOptions
	cmd := &cobra.Command{
		Use:     "restart [FILE] [SERVICE…]",
		GroupID: groupRun,
		Short:   "stop and start without a build",
		Long: `restart stops services, dependants first, and starts them again as the file
defines them now: a service whose definition has changed gets a new container.
Nothing is built but what is absent.

Without names it restarts the services that run, so that one which you stopped
on purpose stays so; where none runs, it starts all. A named service is started
whether it ran or not, and with it those of its dependants that ran. What they
depend on is started where it does not run. A named oneShot service runs again.`,
		Example: `  miniboss restart                  all that run
  miniboss restart appdb            appdb, and what runs and depends on it
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
	flags.StringSliceVar(&o.Exclude, "exclude", nil, "leave these `SERVICES` as they are (a,b)")
	completeFlag(cmd, "exclude", a.completeExclude(g))
	secondsVar(flags, &o.StopTimeout, "stop-timeout", 50*time.Second, "how long a container may take to end before it is killed, and each hook")
	startFlags(cmd, &o.NetworkName, &o.Timeout, &o.Settle, &o.KeepFailed)
	staysOnNetwork(cmd)
	return cmd
}
