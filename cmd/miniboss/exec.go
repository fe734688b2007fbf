package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// commandFlags are what exec and run have in common.
type commandFlags struct {
	user, workingDir string
	env              []string
	noTTY            bool
}

func (f *commandFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	// What comes after SERVICE belongs to the command.
	flags.SetInterspersed(false)
	flags.StringVarP(&f.user, "user", "u", "", "run as this `USER` (a name or uid, optionally with :GROUP)")
	flags.StringVarP(&f.workingDir, "workdir", "w", "", "run in this `DIRECTORY` in the container")
	flags.StringArrayVarP(&f.env, "env", "e", nil, "set a variable: `NAME=VALUE`, or NAME to pass on its value; can be repeated")
	flags.BoolVarP(&f.noTTY, "no-tty", "T", false, "do not give the command a terminal, even if there is one")
	accepted(cmd, "interactive", "i", "the command always reads your input")
	accepted(cmd, "tty", "t", "the command has a terminal if there is one")
	for _, name := range []string{"user", "env", "workdir"} {
		completeFlag(cmd, name, cobra.NoFileCompletions)
	}
}

// variables reads the values of --env.
func (f *commandFlags) variables() (map[string]string, error) {
	env := map[string]string{}
	for _, entry := range f.env {
		name, value, given := strings.Cut(entry, "=")
		if name == "" {
			return nil, &spec.UsageError{Message: fmt.Sprintf("--env %s has no name", entry), Advice: "use NAME=VALUE, or NAME"}
		}
		if !given {
			if value, given = os.LookupEnv(name); !given {
				continue
			}
		}
		env[name] = value
	}
	return env, nil
}

// takeCommand returns the service file, the service, and the command after it.
// Only the first argument can be the file: a command may well have arguments
// that look like one.
func (g *globals) takeCommand(cmd *cobra.Command, args []string) (path, service string, command []string, err error) {
	if len(args) > 0 && isFile(args[0]) {
		first := args[0]
		// The flags between FILE and SERVICE are still ours.
		if err := cmd.Flags().Parse(args[1:]); err != nil {
			return "", "", nil, flagError(cmd, err)
		}
		args = append([]string{first}, cmd.Flags().Args()...)
	}
	n := min(1, len(args))
	path, rest, err := g.takeFile(args[:n])
	if err != nil {
		return "", "", nil, err
	}
	rest = append(rest, args[n:]...)
	if len(rest) == 0 {
		return "", "", nil, &spec.UsageError{Message: cmd.Name() + " needs a service", Advice: "usage: miniboss " + cmd.Use}
	}
	service, command = rest[0], rest[1:]
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	return path, service, command, nil
}

func (a *app) execCommand(g *globals) *cobra.Command {
	var f commandFlags
	cmd := &cobra.Command{
		Use:     "exec [FILE] SERVICE CMD [ARG…]",
		GroupID: groupService,
		Short:   "run a command in a service's running container",
		Long: `exec runs a command in a service's running container, with a terminal if you have
one. miniboss exits with the command's exit code, 127 if the container has no such
command, or 126 if it cannot be run. Everything after SERVICE belongs to the
command. Without a terminal, Ctrl-C ends miniboss but not the command: the engine
has no way to end it.`,
		Example: `  miniboss exec todo sh
  miniboss exec todo sh -c 'ls -la'
  miniboss exec appdb pg_dump -U dbuser appdb > dump.sql
  miniboss exec -u root -e DEBUG=1 todo env`,
		ValidArgsFunction: a.completeServices(g, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, service, command, err := g.takeCommand(cmd, args)
			if err != nil {
				return err
			}
			if len(command) == 0 {
				return &spec.UsageError{Message: "exec needs a command to run in " + service, Advice: "for example: miniboss exec " + service + " sh"}
			}
			env, err := f.variables()
			if err != nil {
				return err
			}
			a.quietEnd.Store(true) // there is nothing to clean up
			return a.withLook(cmd.Context(), g, path, true, func(s *session) error {
				streams, restore := a.streams(!f.noTTY)
				defer restore()
				code, err := s.runner.Exec(cmd.Context(), service,
					runtime.ExecOptions{Cmd: command, Env: env, User: f.user, WorkingDir: f.workingDir}, streams)
				return commandResult(code, err)
			})
		},
	}
	f.add(cmd)
	return cmd
}
