package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/kballard/go-shellquote"
	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) runCommand(g *globals) *cobra.Command {
	var f commandFlags
	var o runtime.RunOptions
	var entrypoint string
	cmd := &cobra.Command{
		Use:     "run [FILE] SERVICE [CMD…]",
		GroupID: groupService,
		Short:   "run a command in a new container made from a service's definition",
		Long: `run makes a container from a service's definition on the group's network, runs
CMD in it (else the service's own), and removes it. The service itself need not
run, and nothing else is started; the group's network is made where it is not
there. The definition has the values of the saved context.

No hook runs but configure. The container is not reached under the service's
name, has no ports on the host unless --service-ports is given, and is not
restarted. It has a terminal where there is one; its exit code is that of
miniboss. Ctrl-C without a terminal stops it.`,
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
					return &runtime.UsageError{Message: fmt.Sprintf("--entrypoint %s: %v", entrypoint, err)}
				}
				if len(o.Entrypoint) == 0 {
					o.Entrypoint = []string{""} // takes the image's away
				}
			}
			// Where the reader of our output ends, the container must still go:
			// so a write fails instead of ending the process.
			signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
			return a.withLook(cmd.Context(), g, path, false, func(s *session) error {
				var restore func()
				o.Streams, restore = a.streams(!f.noTTY)
				defer restore()
				return commandResult(s.runner.RunOneOff(cmd.Context(), o))
			})
		},
	}
	f.add(cmd)
	accepted(cmd, "rm", "", "the container is always removed")
	flags := cmd.Flags()
	flags.BoolVar(&o.ServicePorts, "service-ports", false, "publish the service's ports on the host")
	flags.StringVar(&entrypoint, "entrypoint", "", "run this `PROGRAM` instead of the service's entrypoint and cmd")
	completeFlag(cmd, "entrypoint", cobra.NoFileCompletions)
	flags.StringVar(&o.NetworkName, "network-name", "", "use the network `NAME` (default: the one that the group uses)")
	secondsVar(flags, &o.Timeout, "timeout", 300*time.Second, "how long the configure hook may take")
	secondsVar(flags, &o.StopTimeout, "stop-timeout", 10*time.Second, "how long the container may take to end after Ctrl-C")
	return cmd
}
