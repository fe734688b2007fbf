package main

import "github.com/spf13/cobra"

// exitCodesTopic is the page of help exit-codes.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "what the exit codes mean",
		Long: `miniboss exits with one of these codes:

  0    done
  1    something failed: a service, a hook, a build
  2    wrong usage: an unknown command, flag or service
  3    an error in the service file
  4    no container engine answers
  130  interrupted

exec and run exit with the command's exit code, 127 if there is no such command,
or 126 if it cannot be run.`,
	}
}

// environmentTopic is the page of help environment.
func environmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "environment variables miniboss reads",
		Long: `miniboss reads these environment variables:

  MINIBOSS_FILE      the service file, without FILE or --file
  MINIBOSS_PROGRESS  how to show progress, without --progress
  DOCKER_HOST        the engine; by default the Docker CLI's current context, then
                     the default socket, then Podman's
  DOCKER_CONTEXT     the Docker CLI's context to use

The variables in .env and .env.local next to the service file are for that file,
which reads them from process.env. They do not set any of the variables above.`,
	}
}
