package runtime

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/miniboss/miniboss/runtime/state"
)

// keptSources are the logs of services that have no container any more, of which
// the end is kept. It says of each service that is asked for, or whose last start
// did not succeed, that it has none.
func (l *logs) keptSources(names []string, containers []Container) []*logSource {
	var sources []*logSource
	for _, name := range names {
		if slices.ContainsFunc(containers, func(c Container) bool { return c.Labels.Service == name }) {
			continue
		}
		text, end := l.withoutContainer(name)
		if end == nil && !slices.Contains(l.Services, name) {
			continue
		}
		if end == nil {
			text += " (start it with: miniboss start " + name + ")"
		} else if len(end.Log) > 0 && l.Tail >= 0 {
			text += "\nhere is the end of the removed container's log"
			sources = append(sources, l.keptSource(name, end))
		}
		l.said = true
		l.phase("", PhaseNotice, text)
	}
	return sources
}

// keptSource has the lines of a kept log that are to be shown.
func (l *logs) keptSource(service string, end *state.LastEnd) *logSource {
	s := &logSource{service: service, container: "kept log of " + service, grep: l.Grep}
	s.use(io.NopCloser(bytes.NewReader(end.Log)))
	var lines []LogLine
	for {
		line, err := s.next()
		if err != nil {
			break
		}
		if !line.Time.Before(l.Since) {
			lines = append(lines, line)
		}
	}
	if l.Tail > 0 && len(lines) > l.Tail {
		lines = lines[len(lines)-l.Tail:]
	}
	s.lines, s.kept = nil, lines
	return s
}

// sayNothing says why no line is shown, where nothing else says it.
func (l *logs) sayNothing(containers []Container) {
	switch {
	case l.said || len(l.last) > 0 || l.Grep != nil || l.Tail < 0:
	case len(containers) == 0:
		l.phase("", PhaseNotice, fmt.Sprintf("no log output: no service in group %s has a container (start them with: miniboss start)", l.Group))
	default:
		l.phase("", PhaseNotice, "no log output")
	}
}
