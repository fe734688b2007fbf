package main

import (
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/display"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/state"
)

func (a *app) statusCommand(g *globals) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status [FILE] [SERVICE…]",
		Aliases: []string{"ps"},
		GroupID: groupLook,
		Short:   "show the state of each service and what changed",
		Long: `status shows the group, the state and addresses of each service, and whether its
container still matches the file. Below the table it lists each field that changed,
with the old and the new value. Values that look secret are masked. status changes
nothing, and does not wait for other commands.

HEALTH shows whether a service answers its ping, which status calls once, or why it
does not. For a service without a ping, it shows the result of its healthcheck.

The states are: running, starting (not seen ready yet), not ready (ended before it
was ready), failed (and kept by --keep-failed), done (a oneShot service), stopped
(was asked to stop, or killed), exited (ended by itself), absent (has no container
that was ever started), and the engine's own paused, restarting, created and dead.
An orphan is a container whose service is no longer in the file.`,
		Example: `  miniboss status
  miniboss ps todo
  miniboss status --json | jq '.services[] | select(.changed)'`,
		ValidArgsFunction: a.completeServices(g, anyNumber),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			return a.withLook(cmd.Context(), g, path, true, func(s *session) error {
				status, err := s.runner.Status(cmd.Context(), names)
				if err != nil {
					return err
				}
				if asJSON {
					encoder := json.NewEncoder(a.stdout)
					encoder.SetEscapeHTML(false)
					encoder.SetIndent("", "  ")
					return encoder.Encode(newJSONStatus(status))
				}
				return writeStatus(a.stdout, status, s.engine.Now(), a.coloured(a.stdout))
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// jsonStatus is the document that status --json writes. Its fields are part of
// what users rely on.
type jsonStatus struct {
	Group    string        `json:"group"`
	File     string        `json:"file"`
	Services []jsonService `json:"services"`
}

type jsonService struct {
	Service    string         `json:"service"`
	State      string         `json:"state"`
	Ready      bool           `json:"ready"`
	Orphan     bool           `json:"orphan"`
	Health     string         `json:"health,omitempty"`
	ExitCode   *int           `json:"exitCode,omitempty"`
	Image      string         `json:"image,omitempty"`
	ImageID    string         `json:"imageId,omitempty"`
	Container  *jsonContainer `json:"container,omitempty"`
	Ports      []jsonPort     `json:"ports"`
	StartedAt  *time.Time     `json:"startedAt,omitempty"`
	FinishedAt *time.Time     `json:"finishedAt,omitempty"`
	// Changed is null where it cannot be told, for the reason in Unknown.
	Changed *bool        `json:"changed"`
	Unknown string       `json:"unknown,omitempty"`
	Reasons []string     `json:"reasons,omitempty"`
	Changes []jsonChange `json:"changes,omitempty"`
	// LastStart says why it has no container, where that is known.
	LastStart *state.LastEnd `json:"lastStart,omitempty"`
}

type jsonContainer struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt"`
}

type jsonPort struct {
	Container int    `json:"container"`
	Protocol  string `json:"protocol"`
	HostIP    string `json:"hostIp,omitempty"`
	Host      int    `json:"host"`
	Address   string `json:"address"` // where it is reached, as a URL if a browser can show it
}

// jsonChange is a field that changed. Old is null where it was not set, and New
// where it is not set any more.
type jsonChange struct {
	Field string  `json:"field"`
	Old   *string `json:"old"`
	New   *string `json:"new"`
}

func newJSONStatus(status runtime.Status) jsonStatus {
	document := jsonStatus{Group: status.Group, File: status.File, Services: []jsonService{}}
	for _, s := range status.Services {
		c := s.Container
		line := jsonService{
			Service: s.Service, State: stateWord(s.State), Ready: s.Ready, Orphan: s.Orphan, Health: s.Health, Image: c.Image, ImageID: c.ImageID,
			Ports: []jsonPort{}, StartedAt: timeOrNil(s.StartedAt), FinishedAt: timeOrNil(s.FinishedAt), Unknown: s.Unknown, Reasons: s.Reasons, LastStart: s.LastEnd,
		}
		if c.ID != "" {
			line.Container = &jsonContainer{ID: c.ID, Name: c.Name, CreatedAt: c.Created.UTC()}
			if c.ExitCode >= 0 {
				line.ExitCode = &c.ExitCode
			}
		}
		if changed := s.Changed(); s.Unknown == "" && !s.Orphan && c.ID != "" {
			line.Changed = &changed
		}
		for _, p := range c.Ports {
			line.Ports = append(line.Ports, jsonPort{p.Container, p.Protocol, p.HostIP, p.Host, display.Address(p)})
		}
		for _, change := range s.Changes {
			line.Changes = append(line.Changes, jsonChange{change.Field, textOrNil(change.Old), textOrNil(change.New)})
		}
		document.Services = append(document.Services, line)
	}
	return document
}

// stateWord is a state in one word.
func stateWord(state string) string {
	if state == runtime.StateNotReady {
		return "notReady"
	}
	return state
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
