package display

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// jsonEvent is an event as the form json writes it, one a line. The fields are
// described in docs/progress.md.
type jsonEvent struct {
	Time     time.Time     `json:"time"`
	Service  string        `json:"service,omitempty"`
	Suite    string        `json:"suite,omitempty"`
	Phase    runtime.Phase `json:"phase"`
	Cause    string        `json:"cause,omitempty"`
	WaitsFor []string      `json:"waitsFor,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Seconds  float64       `json:"seconds,omitempty"`
	Attempt  int           `json:"attempt,omitempty"`
	Lasting  bool          `json:"lasting,omitempty"`
	Hint     string        `json:"hint,omitempty"`
	Progress *jsonProgress `json:"progress,omitempty"`
	Running  bool          `json:"running,omitempty"`
	Ports    []jsonPort    `json:"ports,omitempty"`
	Error    string        `json:"error,omitempty"`
	Logs     []string      `json:"logs,omitempty"`
}

type jsonProgress struct {
	Step    string `json:"step,omitempty"`
	Text    string `json:"text,omitempty"`
	Current int64  `json:"current,omitempty"`
	Total   int64  `json:"total,omitempty"`
}

type jsonPort struct {
	Container int    `json:"container"`
	Protocol  string `json:"protocol"`
	Host      int    `json:"host"`
	HostIP    string `json:"hostIP,omitempty"`
}

func newJSON(out io.Writer, explain func(error) string) runtime.Sink {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return func(e runtime.Event) {
		line := jsonEvent{Time: e.Time, Service: e.Service, Suite: e.Suite, Phase: e.Phase, Cause: e.Cause, WaitsFor: e.WaitsFor,
			Seconds: e.Duration.Seconds(), Attempt: e.Attempt, Lasting: e.Lasting, Hint: e.Hint, Running: e.Running, Logs: e.Logs}
		switch {
		case e.Image != "":
			line.Cause, line.Reason = e.Image, e.Cause
		case len(e.WaitsFor) > 0:
			line.Cause = strings.Join(e.WaitsFor, ", ")
		}
		if e.Progress != nil {
			line.Progress = &jsonProgress{Step: e.Progress.Step, Text: e.Progress.Text, Current: e.Progress.Current, Total: e.Progress.Total}
		}
		for _, p := range e.Ports {
			line.Ports = append(line.Ports, jsonPort{Container: p.Container, Protocol: p.Protocol, Host: p.Host, HostIP: p.HostIP})
		}
		if e.Err != nil {
			line.Error = explain(e.Err)
		}
		_ = encoder.Encode(line)
	}
}
