package main

import (
	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/js"
)

// withDefinitions loads the file, the only argument, and calls run with it. It
// is for commands that look at the definitions alone: no engine, no saved
// context, no lock. The progress has ended by then, so run may print.
func (a *app) withDefinitions(cmd *cobra.Command, g *globals, args []string, run func(path string, file *js.File) error) error {
	path, rest, err := g.takeFile(args)
	if err != nil {
		return err
	}
	if err := noArguments(cmd, rest); err != nil {
		return err
	}
	show, done := a.progress(g.progress)
	file, err := a.load(cmd.Context(), path, show, nil)
	done()
	if err != nil {
		return err
	}
	defer file.Close()
	return run(path, file)
}
