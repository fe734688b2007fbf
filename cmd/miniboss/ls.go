package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) lsCommand(g *globals) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		GroupID: groupLook,
		Short:   "list all groups on the engine",
		Long: `ls lists the groups that have containers on the engine: the file they were created
from, how many of their services are running, and for how long. It needs no service
file, so it also finds the containers of a file that was renamed or removed.`,
		Example: `  miniboss ls
  miniboss ls --json`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noArguments(cmd, args)
			}
			s := a.newSession(g, "")
			defer s.close()
			if err := s.connect(cmd.Context()); err != nil {
				return err
			}
			groups, err := runtime.Groups(cmd.Context(), s.engine)
			s.shown()
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(a.stdout)
				encoder.SetEscapeHTML(false)
				encoder.SetIndent("", "  ")
				return encoder.Encode(newJSONGroups(groups))
			}
			if len(groups) == 0 {
				s.notice("no groups on this engine")
				return nil
			}
			_, err = fmt.Fprint(a.stdout, groupsTable(groups, time.Now()))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// groupsTable is the table of ls.
func groupsTable(groups []runtime.GroupStatus, now time.Time) string {
	rows := [][]string{{"GROUP", "RUNNING", "SINCE", "FILE"}}
	for _, group := range groups {
		since := "-"
		if !group.Since.IsZero() {
			since = roughTime(now.Sub(group.Since))
		}
		file := displayPath(group.File)
		if fileGone(group.File) {
			file += " (gone)"
		}
		rows = append(rows, []string{group.Group, fmt.Sprintf("%d of %d", len(group.Running), len(group.Services)), since, file})
	}
	var b strings.Builder
	writeTable(&b, rows, func(_, _ int, text string) string { return text })
	return b.String()
}

// fileGone reports whether there is no such file on this machine.
func fileGone(path string) bool {
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}

// jsonGroups is the document that ls --json writes. Its fields are part of what
// users rely on.
type jsonGroups struct {
	Groups []jsonGroup `json:"groups"`
}

type jsonGroup struct {
	Group    string     `json:"group"`
	File     string     `json:"file"`
	FileGone bool       `json:"fileGone"`
	Running  []string   `json:"running"`
	Services []string   `json:"services"`
	Since    *time.Time `json:"since,omitempty"`
}

func newJSONGroups(groups []runtime.GroupStatus) jsonGroups {
	document := jsonGroups{Groups: []jsonGroup{}}
	for _, group := range groups {
		document.Groups = append(document.Groups, jsonGroup{Group: group.Group, File: group.File, FileGone: fileGone(group.File),
			Running: append([]string{}, group.Running...), Services: group.Services, Since: timeOrNil(group.Since)})
	}
	return document
}
