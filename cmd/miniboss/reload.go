package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) reloadCommand(g *globals) *cobra.Command {
	var o runtime.ReloadOptions
	cmd := &cobra.Command{
		Use:     "reload [FILE] SERVICE",
		GroupID: groupRun,
		Short:   "build one service's image and replace its container",
		Long: `reload builds the image of a service that has buildFrom, and then replaces its
container with a new one, using the saved context. The old container keeps running
while the image builds, and stays if the build fails.`,
		Example: `  miniboss reload todo
  miniboss reload todo --dependants    also restart what depends on todo`,
		ValidArgsFunction: a.completeServices(g, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			if len(names) != 1 {
				advice := "usage: miniboss reload [FILE] SERVICE"
				if len(names) > 1 {
					advice = "run `miniboss start --build " + strings.Join(names, " ") + "` to build several and replace what changed"
				}
				return &spec.UsageError{Message: "reload takes exactly one service", Advice: advice}
			}
			o.Service = names[0]
			return a.withSession(cmd.Context(), g, path, func(s *session) error {
				o.OnReload = s.file.OnReload
				return s.runner.Reload(cmd.Context(), o)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.Dependants, "dependants", false, "also restart the services that depend on it")
	flags.BoolVar(&o.Remove, "remove", false, "with --dependants: create new containers for them instead of restarting the old ones")
	flags.BoolVar(&o.Pull, "pull", false, "look for newer base images")
	startFlags(cmd, &o.NetworkName, &o.Timeout, &o.Settle, &o.KeepFailed)
	staysOnNetwork(cmd)
	return cmd
}
