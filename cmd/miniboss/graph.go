package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/display/graph"
	"github.com/miniboss/miniboss/js"
)

func (a *app) graphCommand(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "graph [FILE]",
		GroupID: groupLook,
		Short:   "draw the dependency graph, without an engine",
		Long: `graph draws which service depends on which: as text, as Mermaid for Markdown, as
Graphviz dot, or as an SVG that any browser can show.`,
		Example: `  miniboss graph
  miniboss graph --format svg > services.svg
  miniboss graph --format mermaid        to paste into a README`,
		ValidArgsFunction: completeFile(g),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDefinitions(cmd, g, args, func(_ string, file *js.File) error {
				var drawing string
				switch format {
				case "mermaid":
					drawing = graph.Mermaid(file.Graph)
				case "dot":
					drawing = graph.Dot(file.Group, file.Graph)
				case "svg":
					drawing = graph.SVG(file.Group, file.Graph)
				default:
					drawing = graph.Text(file.Group, file.Graph)
				}
				_, err := fmt.Fprint(a.stdout, drawing)
				return err
			})
		},
	}
	choiceVar(cmd, cmd.Flags(), &format, "format", "text", []string{"text", "mermaid", "dot", "svg"}, "draw in this `FORMAT`: text, mermaid, dot or svg")
	return cmd
}
