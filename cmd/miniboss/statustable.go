package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/miniboss/miniboss/display"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// writeStatus writes the table of status, and below it what changed.
func writeStatus(out io.Writer, status runtime.Status, now time.Time, coloured bool) error {
	rows := [][]string{{"SERVICE", "STATE", "HEALTH", "IMAGE", "URLS", "UPTIME", "CHANGED"}}
	colours := []string{""}
	for _, s := range status.Services {
		rows = append(rows, []string{s.Service, stateText(s), orDash(healthText(s)), orDash(imageText(s.Container.Image)),
			orDash(portsText(s.Container.Ports)), orDash(uptime(s, now)), changedText(s)})
		colours = append(colours, stateColour(s))
	}
	var b strings.Builder
	if status.Group != "" {
		fmt.Fprintf(&b, "group %s, %s\n\n", status.Group, displayPath(status.File))
	}
	writeTable(&b, rows, func(row, column int, text string) string {
		if coloured && column == 1 && colours[row] != "" {
			return "\x1b[" + colours[row] + "m" + text + "\x1b[m"
		}
		return text
	})
	for _, s := range status.Services {
		if s.LastEnd != nil {
			fmt.Fprintf(&b, "\n%s: %s\n", s.Service, s.LastEnd)
		}
		if s.Changed() {
			fmt.Fprintf(&b, "\n%s: the next start creates a new container:\n", s.Service)
			writeChanges(&b, s)
		}
		if s.Unknown != "" {
			fmt.Fprintf(&b, "\n%s: cannot tell yet whether it changed: %s\n", s.Service, s.Unknown)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// healthText is the health of a service, as much of it as there is room for.
func healthText(s runtime.ServiceStatus) string {
	const most = 50
	text := strings.Join(strings.Fields(s.Health), " ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return text
}

// imageText shortens the id of an image, which the engine gives where another
// image has got the name since.
func imageText(image string) string {
	if id, isID := strings.CutPrefix(image, "sha256:"); isID && len(id) > 12 {
		return id[:12]
	}
	return image
}

func writeChanges(b *strings.Builder, s runtime.ServiceStatus) {
	var told []string
	for _, c := range s.Changes {
		fmt.Fprintf(b, "  %s\n", c)
		told = append(told, c.Field+" changed")
	}
	for _, reason := range s.Reasons {
		if !slices.Contains(told, reason) {
			fmt.Fprintf(b, "  %s\n", reason)
		}
	}
}

// writeTable writes rows in columns. paint changes how a text looks, not how
// wide it is.
func writeTable(b *strings.Builder, rows [][]string, paint func(row, column int, text string) string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	for r, row := range rows {
		for i, text := range row {
			b.WriteString(paint(r, i, text))
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2))
			}
		}
		b.WriteByte('\n')
	}
}

func stateText(s runtime.ServiceStatus) string {
	text := s.State
	if s.State != runtime.StateDone && s.State != runtime.StateStopped && s.Container.State == "exited" && s.Container.ExitCode >= 0 {
		text = fmt.Sprintf("%s (%d)", text, s.Container.ExitCode)
	}
	if s.Orphan {
		text = "orphan, " + text
	}
	return text
}

func stateColour(s runtime.ServiceStatus) string {
	const red, green, yellow, faint = "31", "32", "33", "2"
	switch {
	case s.Orphan:
		return yellow
	case s.Ready:
		return green
	case s.State == runtime.StateAbsent:
		return faint
	case s.State == runtime.StateFailed, s.State == runtime.StateNotReady, s.State == "dead", s.Container.Health == "unhealthy" && !s.Ready,
		s.State == runtime.StateExited && s.Container.ExitCode != 0:
		return red
	case s.State == runtime.StateExited, s.State == runtime.StateStopped:
		return ""
	}
	return yellow
}

func changedText(s runtime.ServiceStatus) string {
	switch {
	case s.Orphan, s.State == runtime.StateAbsent:
		return "-"
	case s.Unknown != "":
		return "?"
	case len(s.Reasons) > 1:
		return fmt.Sprintf("%s and %d more", s.Reasons[0], len(s.Reasons)-1)
	case s.Changed():
		return s.Reasons[0]
	}
	return "-"
}

// portsText lists where the published ports are reached: http://localhost:8080,
// localhost:5433.
func portsText(ports []spec.Port) string {
	var list []string
	for _, p := range ports {
		// An engine publishes a port on each family of addresses.
		if address := display.Address(p); !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	return strings.Join(list, ", ")
}

func uptime(s runtime.ServiceStatus, now time.Time) string {
	running := s.Container.State == "running" || s.Container.State == "paused"
	if !running || s.StartedAt.IsZero() {
		return ""
	}
	return roughTime(now.Sub(s.StartedAt))
}

// roughTime formats a duration in its two greatest units.
func roughTime(d time.Duration) string {
	d = max(d, 0) // the engine's clock is known to a second
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm %ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < day:
		return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd %dh", int(d/day), int(d.Hours())%24)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
