package display

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// harmless returns a text that cannot move the cursor or change the terminal:
// colours, links and tabs are left in it, all other control sequences are not.
func harmless(text string) string {
	var b strings.Builder
	for line := range strings.Lines(wholeLines(text)) {
		line = strings.TrimSuffix(line, "\n")
		coloured := false
		var state byte
		for len(line) > 0 {
			sequence, _, n, next := ansi.DecodeSequence(line, state, nil)
			line, state = line[n:], next
			switch {
			case strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "m"), strings.HasPrefix(sequence, "\x1b]8;"):
				coloured = true
				b.WriteString(sequence)
			case sequence == "\t" || !strings.ContainsFunc(sequence, unicode.IsControl):
				b.WriteString(sequence)
			}
		}
		if coloured {
			b.WriteString("\x1b]8;;\x1b\\\x1b[m")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// wholeLines makes lines of what a carriage return would have overwritten.
func wholeLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// oneLine returns a text as a part of a row: without colours, on one line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, ansi.Strip(text))), " ")
}

// fit cuts a text that is wider than so many columns.
func fit(text string, columns int, tail string) string {
	if columns <= 0 {
		return ""
	}
	return ansi.Truncate(text, columns, tail)
}

// pad fills a text with blanks up to a width.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-ansi.StringWidth(text)))
}
