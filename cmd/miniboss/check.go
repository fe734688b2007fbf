package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) checkCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "load and check the file; no engine is needed",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, rest, err := takeFile(g.file, args)
			if err != nil {
				return err
			}
			if err := noArguments(cmd, rest); err != nil {
				return err
			}
			show, err := a.progress(g.progress)
			if err != nil {
				return err
			}
			file, err := a.load(cmd.Context(), path, show, nil)
			if err != nil {
				return err
			}
			defer file.Close()
			names := file.Graph.Names()
			noun := "services"
			if len(names) == 1 {
				noun = "service"
			}
			_, err = fmt.Fprintf(a.stdout, "%s is fine: group %s, %d %s\n", displayPath(path), file.Group, len(names), noun)
			return err
		},
	}
}
