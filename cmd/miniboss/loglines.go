package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"github.com/miniboss/miniboss/runtime"
)

// logLines writes lines of several services: name | line.
type logLines struct {
	out        io.Writer
	width      int
	timestamps bool
	coloured   bool
}

func newLogLines(out io.Writer, names []string, timestamps, coloured bool) *logLines {
	l := &logLines{out: out, timestamps: timestamps, coloured: coloured}
	for _, name := range names {
		l.width = max(l.width, len(name))
	}
	return l
}

func (l *logLines) write(line runtime.LogLine) error {
	prefix := fmt.Sprintf("%-*s |", l.width, line.Service)
	if l.coloured {
		prefix = "\x1b[" + nameColour(line.Service) + "m" + prefix + "\x1b[m"
	}
	var b strings.Builder
	b.WriteString(prefix)
	if l.timestamps {
		b.WriteString(" " + line.Time.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	if line.Text != "" {
		b.WriteString(" " + line.Text)
	}
	if l.coloured && strings.Contains(line.Text, "\x1b[") {
		b.WriteString("\x1b[m") // it may not end its own colours
	}
	b.WriteString("\n")
	_, err := io.WriteString(l.out, b.String())
	return err
}

// nameColour is the same for a name at any time. Red is left for errors.
func nameColour(name string) string {
	colours := []string{"32", "33", "34", "35", "36", "92", "93", "94", "95", "96"}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name))
	return colours[hash.Sum32()%uint32(len(colours))]
}
