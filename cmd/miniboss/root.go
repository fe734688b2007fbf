package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

const rootLong = `miniboss runs a collection of interdependent container services that a
JavaScript or TypeScript file defines: in the right order, each when those it
depends on really answer, with hooks that run on your machine.

FILE is a service file (.js, .mjs, .cjs, .ts, .mts, .cts). Left out, it is the
miniboss.* in this directory or the nearest one above.`

// globals are the flags that every command has.
type globals struct {
	file     string
	progress string
}

func (a *app) rootCommand() *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:           "miniboss COMMAND [FILE] [ARGS] [FLAGS]",
		Short:         "run interdependent container services, defined in JavaScript",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			_ = cmd.Help()
			return &runtime.UsageError{Message: "no command is given"}
		},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &runtime.UsageError{Message: err.Error(), Advice: "miniboss help " + cmd.Name() + " lists the flags"}
	})
	flags := root.PersistentFlags()
	flags.StringVarP(&g.file, "file", "f", "", "the service `FILE`")
	flags.StringVar(&g.progress, "progress", "auto", "how progress is shown: auto, plain, json or quiet")
	root.AddCommand(a.startCommand(g), a.stopCommand(g), a.reloadCommand(g), a.checkCommand(g), a.typesCommand(g), a.initCommand(), a.versionCommand(), exitCodesTopic())
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		if c.Runnable() && !c.Hidden {
			names = append(names, c.Name())
		}
	}
	slices.Sort(names)
	advice := "the commands: " + strings.Join(names, ", ")
	if near := runtime.Nearest(name, names); near != "" {
		advice = fmt.Sprintf("did you mean %q?", near)
	}
	return &runtime.UsageError{Message: fmt.Sprintf("there is no command %q", name), Advice: advice}
}

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
  130  interrupted`,
	}
}
