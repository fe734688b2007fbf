package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups of commands, in the order of the help. A command without one is
// shown with the others.
const (
	groupRun     = "run"
	groupLook    = "look"
	groupService = "service"
	groupProject = "project"
	groupOther   = "other"
)

func commandGroups() []*cobra.Group {
	return []*cobra.Group{
		{ID: groupRun, Title: "Run"},
		{ID: groupLook, Title: "Inspect"},
		{ID: groupService, Title: "Work with a service"},
		{ID: groupProject, Title: "Project"},
		{ID: groupOther, Title: "Other"},
	}
}

// helpColumns is how wide the help may be.
const helpColumns = 100

func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		GroupID: groupOther,
		Short:   "show help for a command or topic",
		Example: `  miniboss help start
  miniboss help exit-codes`,
		// Nothing can be so wrong that there is no help.
		PersistentPreRun: func(*cobra.Command, []string) {},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var words []cobra.Completion
			for _, c := range shownCommands(cmd.Root()) {
				words = append(words, cobra.CompletionWithDesc(c.Name(), c.Short))
			}
			if len(args) > 0 {
				words = nil
			}
			return beginning(typed, words, nil), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if len(args) == 0 {
				return root.Help()
			}
			if len(args) > 1 {
				return noArguments(cmd, args[1:])
			}
			var names []string
			for _, c := range shownCommands(root) {
				if c.Name() == args[0] || c.HasAlias(args[0]) {
					return c.Help()
				}
				names = append(names, c.Name())
			}
			return unknownCommand("command or topic", args[0], names)
		},
	}
}

// shownCommands returns the commands and topics that the help shows.
func shownCommands(root *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(root.Commands()), func(c *cobra.Command) bool { return c.Hidden })
}

func (a *app) showHelp(cmd *cobra.Command, _ []string) {
	_, _ = fmt.Fprint(a.stdout, helpText(cmd))
}

// helpText is the help of a command, of a topic, or of miniboss as a whole.
func helpText(cmd *cobra.Command) string {
	var b strings.Builder
	b.WriteString(description(cmd) + "\n")
	if cmd.Runnable() {
		section(&b, "Usage", "  "+useLine(cmd))
	}
	if len(cmd.Aliases) > 0 {
		section(&b, "Aliases", "  "+strings.Join(cmd.Aliases, ", "))
	}
	for _, g := range cmd.Groups() {
		section(&b, g.Title, commandList(shownCommands(cmd), func(c *cobra.Command) bool {
			return c.Runnable() && (c.GroupID == g.ID || c.GroupID == "" && g.ID == groupOther)
		}))
	}
	section(&b, "Topics", commandList(shownCommands(cmd), func(c *cobra.Command) bool { return !c.Runnable() }))
	section(&b, "Examples", cmd.Example)
	if cmd.Runnable() {
		local := cmd.LocalNonPersistentFlags()
		if local.HasAvailableFlags() {
			section(&b, "Flags", flagList(local))
		}
		section(&b, "Global flags", flagList(commonFlags(cmd)))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nRun miniboss help COMMAND for more about a command.\n")
	}
	return b.String()
}

// description says what a command is for, in a sentence at least.
func description(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return cmd.Long
	}
	return cmd.Name() + ": " + cmd.Short
}

func useLine(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return cmd.Use
	}
	use := cmd.Parent().Name() + " " + cmd.Use
	if cmd.Runnable() {
		use += " [FLAGS]"
	}
	return use
}

func section(b *strings.Builder, title, body string) {
	if body != "" {
		fmt.Fprintf(b, "\n%s:\n%s\n", title, strings.TrimRight(body, "\n"))
	}
}

// commonFlags returns the flags of every command that this one does not have in
// a form of its own.
func commonFlags(cmd *cobra.Command) *pflag.FlagSet {
	local := cmd.LocalNonPersistentFlags()
	common := pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if local.Lookup(f.Name) == nil {
			common.AddFlag(f)
		}
	})
	return common
}

func commandList(commands []*cobra.Command, wanted func(*cobra.Command) bool) string {
	var b strings.Builder
	for _, c := range commands {
		if wanted(c) {
			fmt.Fprintf(&b, "  %-12s %s\n", c.Name(), c.Short)
		}
	}
	return b.String()
}
