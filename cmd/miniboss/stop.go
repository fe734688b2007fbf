package main

import (
	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) stopCommand(g *globals) *cobra.Command {
	var o runtime.StopOptions
	cmd := &cobra.Command{
		Use:     "stop [FILE] [SERVICE…]",
		GroupID: groupRun,
		Short:   "stop all services, dependants first",
		Long: `stop stops all services, dependants first, or the named ones with what depends on
them. With --remove it also removes their containers and, if you name or exclude no
service, the network and the saved context. Named volumes stay unless you give
--volumes.`,
		Example: `  miniboss stop                     stop all, keep the containers
  miniboss stop appdb               stop appdb and what depends on it
  miniboss stop --remove            remove everything except the volumes`,
		ValidArgsFunction: a.completeServices(g, anyNumber),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			if o.Volumes && !o.Remove {
				return &spec.UsageError{Message: "--volumes needs --remove", Advice: "add --remove: a volume can only be removed together with its containers"}
			}
			o.Services = names
			return a.withStopSession(cmd.Context(), g, path, func(s *session) error {
				if s.file != nil {
					o.OnStop = s.file.OnStop
				}
				return s.runner.Stop(cmd.Context(), o)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.NoDeps, "no-deps", false, "stop just the named services")
	flags.StringSliceVar(&o.Exclude, "exclude", nil, "leave these `SERVICES` running (a,b)")
	completeFlag(cmd, "exclude", a.completeExclude(g))
	flags.BoolVar(&o.Remove, "remove", false, "remove the containers, the network and the saved context")
	flags.BoolVar(&o.Volumes, "volumes", false, "with --remove: remove the named volumes too")
	networkFlag(cmd, &o.NetworkName)
	stopTimeoutVar(flags, &o.Timeout, "timeout")
	return cmd
}
