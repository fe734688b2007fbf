package main

import (
	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/display"
	"github.com/miniboss/miniboss/runtime/spec"
)

const rootLong = `miniboss runs interdependent container services that you define in a JavaScript or
TypeScript file. It starts them in the right order, each one as soon as the services
it depends on really answer, and runs your hooks on your machine.

FILE is a service file (.js, .mjs, .cjs, .ts, .mts, .cts). Without it, miniboss uses
the miniboss.* in this directory or the nearest one above.`

// globals are the flags that every command has.
type globals struct {
	file     string
	progress string

	fileVariable string // the value of MINIBOSS_FILE, which a FILE argument overrides
}

func (a *app) rootCommand() *cobra.Command {
	g := &globals{fileVariable: a.getenv("MINIBOSS_FILE")}
	root := &cobra.Command{
		Use:           "miniboss COMMAND [FILE] [ARGS] [FLAGS]",
		Short:         "run interdependent container services, defined in JavaScript",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
		Example: `  miniboss start                    all services of the nearest miniboss.js
  miniboss start other.ts todo      todo from another file, and what it depends on
  miniboss stop --remove            remove everything except the volumes`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		// The value of a flag is checked where it is parsed, that of a variable
		// is not. Completion works in spite of it.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Name() == cobra.ShellCompRequestCmd || cmd.Name() == cobra.ShellCompNoDescRequestCmd {
				return nil
			}
			if len(a.envFiles.Paths) > 0 && a.envFiles.None {
				return &spec.UsageError{Message: "--env-file and --no-env-file cannot be used together"}
			}
			return oneOf("MINIBOSS_PROGRESS", g.progress, progressForms())
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand("command", args[0], runnable(cmd))
			}
			_ = cmd.Help()
			return &spec.UsageError{Message: "no command given"}
		},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(a.showHelp)
	root.AddGroup(commandGroups()...)
	flags := root.PersistentFlags()
	flags.StringVarP(&g.file, "file", "f", "", "the service `FILE` (or $MINIBOSS_FILE)")
	completeFlag(root, "file", completeExtension)
	flags.StringArrayVar(&a.envFiles.Paths, "env-file", nil, "read variables from `PATH` instead of .env and .env.local; can be repeated, later files win")
	completeFlag(root, "env-file", completeAnyFile)
	flags.BoolVar(&a.envFiles.None, "no-env-file", false, "do not read .env files")
	choiceVar(root, flags, &g.progress, "progress", "auto", progressForms(), "show progress in this `FORM`: auto, live, plain, json or quiet (or $MINIBOSS_PROGRESS)")
	flags.BoolP("help", "h", false, "show help for the command")
	root.Flags().Bool("version", false, "print the version")
	root.Version = version()
	root.SetVersionTemplate("miniboss {{.Version}}\n")
	if form := a.getenv("MINIBOSS_PROGRESS"); form != "" {
		g.progress = form
	}
	help := a.helpCommand()
	root.SetHelpCommand(help)
	root.AddCommand(a.startCommand(g), a.stopCommand(g), a.reloadCommand(g), a.envCommand(g), a.restartCommand(g), a.statusCommand(g), a.lsCommand(g), a.logsCommand(g),
		a.execCommand(g), a.runCommand(g), a.testCommand(g), a.graphCommand(g), a.checkCommand(g),
		a.typesCommand(g), a.initCommand(), a.versionCommand(), a.completionCommand(), a.manCommand(), help,
		exitCodesTopic(), environmentTopic())
	return root
}

func progressForms() []string { return display.Forms() }
