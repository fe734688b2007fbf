package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/js"
)

func (a *app) checkCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "check [FILE]",
		GroupID: groupProject,
		Short:   "check the file for mistakes, without an engine",
		Long: `check loads the file and reports every mistake in its definitions, each with its
position. It calls no hooks and needs no engine, so you can run it from an editor,
a commit hook or a CI pipeline.`,
		Example: `  miniboss check
  miniboss check services/miniboss.ts`,
		ValidArgsFunction: completeFile(g),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDefinitions(cmd, g, args, func(path string, file *js.File) error {
				what := count(len(file.Services), "service")
				if len(file.Suites) > 0 {
					what += ", " + count(len(file.Suites), "suite")
				}
				_, err := fmt.Fprintf(a.stdout, "%s is fine: group %s, %s\n", displayPath(path), file.Group, what)
				return err
			})
		},
	}
}
