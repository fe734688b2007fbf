package main

import "github.com/spf13/cobra"

// exitCodesTopic is the page of help exit-codes.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "what the exit codes mean",
		Long: `The exit codes of miniboss:

  0    done
  1    something failed: a service, a hook, a build
  2    wrong usage: an unknown command, flag or service
  3    an error in the service file
  4    no container engine answers
  130  interrupted

exec and run end with the exit code of the command; it is 127 if there is no
such command, and 126 if it cannot be run.`,
	}
}

// environmentTopic is the page of help environment.
func environmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "environment variables miniboss reads",
		Long: `The environment variables that miniboss reads:

  MINIBOSS_FILE      the service file, if neither FILE nor --file names one
  MINIBOSS_PROGRESS  how progress is shown, if --progress does not say
  DOCKER_HOST        the engine; else the Docker CLI's current context, else the
                     default socket, else Podman's
  DOCKER_CONTEXT     the Docker CLI's context to use

The variables in .env and .env.local beside the service file are for the file: it
finds them in process.env. They set none of the above.`,
	}
}
