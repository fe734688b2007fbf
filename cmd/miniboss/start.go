package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) startCommand(g *globals) *cobra.Command {
	var o runtime.StartOptions
	var dryRun bool
	var timeline string
	cmd := &cobra.Command{
		Use:     "start [FILE] [SERVICE…]",
		GroupID: groupRun,
		Short:   "start all services, or the named ones with their dependencies",
		Long: `start starts all services, or the named ones with what they depend on. Each service
starts when the services it depends on are ready and their hooks are done. Services
that are already running and match their definition are left alone. start returns
when everything is ready; the services keep running.`,
		Example: `  miniboss start                    all services of the nearest miniboss.js
  miniboss start todo               todo and what it depends on
  miniboss start --exclude todo     all but todo
  miniboss start --dry-run          show what would be done, and why
  miniboss start --timeline t.svg   draw where the time went`,
		ValidArgsFunction: a.completeServices(g, anyNumber),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			o.Services = names
			return a.withSession(cmd.Context(), g, path, func(s *session) error {
				if dryRun {
					plan, err := s.runner.Plan(cmd.Context(), o)
					s.shown()
					if err == nil {
						_, err = fmt.Fprint(a.stdout, plan)
					}
					return err
				}
				o.OnStart = s.file.OnStart
				return s.timed(timeline, func() error { return s.runner.Start(cmd.Context(), o) })
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.NoDeps, "no-deps", false, "start just the named services")
	flags.StringSliceVar(&o.Exclude, "exclude", nil, "skip these `SERVICES` (a,b)")
	completeFlag(cmd, "exclude", a.completeExclude(g))
	flags.BoolVar(&o.Build, "build", false, "build the image of every service that has buildFrom")
	flags.BoolVar(&o.NoBuild, "no-build", false, "do not build images, even if their sources changed")
	cmd.MarkFlagsMutuallyExclusive("build", "no-build")
	flags.BoolVar(&o.Pull, "pull", false, "look for newer images before starting")
	timelineFlag(cmd, &timeline)
	flags.BoolVar(&dryRun, "dry-run", false, "show what would be done and why, without doing it")
	accepted(cmd, "detach", "d", "start always returns once the services are ready")
	startFlags(cmd, &o.NetworkName, &o.Timeout, &o.Settle, &o.KeepFailed)
	return cmd
}

// startFlags adds what all commands have that start services.
func startFlags(cmd *cobra.Command, network *string, timeout, settle *time.Duration, keepFailed *bool) {
	flags := cmd.Flags()
	networkFlag(cmd, network)
	secondsVar(flags, timeout, "timeout", 300*time.Second, "how long to wait for a service to become ready, and for each other hook")
	secondsVar(flags, settle, "settle", time.Second, "how long a service without a ping or healthcheck must stay up")
	flags.BoolVar(keepFailed, "keep-failed", false, "keep the containers of services that fail")
}

func networkFlag(cmd *cobra.Command, network *string) {
	cmd.Flags().StringVar(network, "network-name", "", "use the network `NAME` (default miniboss-GROUP)")
}

// staysOnNetwork is for commands that start again what runs already.
func staysOnNetwork(cmd *cobra.Command) {
	cmd.Flags().Lookup("network-name").Usage = "use the network `NAME` (default: the one the group uses)"
}
