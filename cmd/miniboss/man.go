package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		GroupID: groupOther,
		Short:   "write the manual pages into a directory",
		Long: `man writes the manual pages, one for each command and topic, into a directory,
which is made where it is not there. It overwrites those that are there.`,
		Example: `  miniboss man ~/.local/share/man/man1       then: man miniboss-start`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &runtime.UsageError{Message: fmt.Sprintf("man takes one directory, and %d are given", len(args)), Advice: "miniboss man DIR"}
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			for _, c := range append(shownCommands(cmd.Root()), cmd.Root()) {
				page, err := manPage(c)
				if err != nil {
					return err
				}
				name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
				if err := os.WriteFile(filepath.Join(args[0], name), page, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPage returns the manual page of a command or a topic.
func manPage(cmd *cobra.Command) ([]byte, error) {
	c := *cmd
	c.DisableAutoGenTag = true
	c.Use, c.DisableFlagsInUseLine = strings.TrimPrefix(useLine(cmd), "miniboss "), true
	if !cmd.HasParent() {
		c.Use = cmd.Use
	}
	c.Long = preformatted(description(cmd))
	var b bytes.Buffer
	// The same version must make the same pages, whenever they are made: they
	// have no date.
	date := time.Time{}
	err := doc.GenMan(&c, &doc.GenManHeader{Title: "MINIBOSS", Section: "1", Date: &date, Source: "miniboss " + version()}, &b)
	return bytes.Replace(b.Bytes(), []byte(date.Format(`"Jan 2006"`)), []byte(`""`), 1), err
}

// preformatted keeps the lines as they are that begin with a space: four make
// it code in Markdown.
func preformatted(text string) string {
	return strings.ReplaceAll(text, "\n  ", "\n      ")
}
