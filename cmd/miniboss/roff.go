package main

import (
	"bytes"
	"fmt"
	"strings"
)

// roff is a manual page, in the few requests that ours need. The library of
// cobra makes such pages by way of Markdown, and its parser took every command
// half a millisecond before main.
type roff struct{ bytes.Buffer }

// request writes a line that says what is done, such as TH for the title, with
// what it is done to.
func (r *roff) request(name string, args ...string) {
	r.WriteString("." + name)
	for _, a := range args {
		fmt.Fprintf(r, ` "%s"`, strings.ReplaceAll(escaped(a), `"`, `\(dq`))
	}
	r.WriteByte('\n')
}

// text writes paragraphs. Lines that begin with a space stay as they are.
func (r *roff) text(text string) {
	for i, paragraph := range strings.Split(strings.TrimRight(text, "\n"), "\n\n") {
		if i > 0 {
			r.request("PP")
		}
		asItIs := false
		for line := range strings.SplitSeq(paragraph, "\n") {
			switch indented := strings.HasPrefix(line, " "); {
			case indented && !asItIs:
				r.request("EX")
				asItIs = true
			case !indented && asItIs:
				r.request("EE")
				asItIs = false
			}
			r.WriteString(protected(escaped(line)) + "\n")
		}
		if asItIs {
			r.request("EE")
		}
	}
}

// escaped keeps characters as they are that mean something: a hyphen would
// become one that nobody can copy into a shell.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
}

// protected keeps a line from being taken for a request.
func protected(line string) string {
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}
