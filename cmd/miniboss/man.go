package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		GroupID: groupOther,
		Short:   "write the manual pages into a directory",
		Long: `man writes the manual pages, one for each command and topic, into a directory. It
creates the directory if it does not exist, and overwrites existing pages.`,
		Example: `  miniboss man ~/.local/share/man/man1       then: man miniboss-start`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &spec.UsageError{Message: fmt.Sprintf("man takes exactly one directory, got %d", len(args)), Advice: "usage: miniboss man DIR"}
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			for _, c := range append(shownCommands(cmd.Root()), cmd.Root()) {
				if err := os.WriteFile(filepath.Join(args[0], manName(c)+".1"), manPage(c), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPage returns the manual page of a command or a topic. It has no date: the
// same version makes the same pages, whenever they are made.
func manPage(cmd *cobra.Command) []byte {
	var page roff
	page.request("TH", "MINIBOSS", "1", "", "miniboss "+version())
	page.request("SH", "NAME")
	page.text(manName(cmd) + " - " + cmd.Short)
	if cmd.Runnable() {
		page.request("SH", "SYNOPSIS")
		page.request("B", useLine(cmd))
	}
	page.request("SH", "DESCRIPTION")
	page.text(description(cmd))
	manFlags(&page, "OPTIONS", cmd.LocalNonPersistentFlags())
	if cmd.Runnable() {
		manFlags(&page, "GLOBAL OPTIONS", commonFlags(cmd))
	}
	if cmd.Example != "" {
		page.request("SH", "EXAMPLES")
		page.text(cmd.Example)
	}
	page.request("SH", "SEE ALSO")
	if cmd.HasParent() {
		page.request("BR", manName(cmd.Root()), "(1)")
		return page.Bytes()
	}
	for _, c := range shownCommands(cmd) {
		page.request("TP")
		page.request("BR", manName(c), "(1)")
		page.text(c.Short)
	}
	return page.Bytes()
}

// manName is the name of the page of a command or a topic.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func manFlags(page *roff, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	page.request("SH", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		page.request("TP")
		left, usage := flagTexts(f)
		page.request("B", strings.TrimSpace(left))
		page.text(usage)
	})
}
