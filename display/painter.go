package display

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// painter keeps rows at the end of what a terminal shows. The cursor is below
// the rows, in the first column, and visible, except while a frame is written,
// which is one write: so there is nothing to restore, however the process ends.
type painter struct {
	out     io.Writer
	reflows bool // the terminal breaks lines anew when its width changes

	rows  []string // on the screen, above the cursor
	width int      // when they were drawn
}

const (
	beginFrame = "\x1b[?2026h\x1b[?25l" // what follows is shown at once, where the terminal can
	endFrame   = "\x1b[?25h\x1b[?2026l"
	eraseBelow = "\x1b[J"
	eraseRight = "\x1b[K"
)

// paint replaces the rows, and writes a text of whole lines above them. Nothing
// above the old rows is touched.
func (p *painter) paint(text string, rows []string, width int) {
	var b strings.Builder
	if up := p.height(width); up > 0 {
		b.WriteString("\r" + ansi.CursorUp(up))
	} else if len(rows) == 0 {
		_, _ = io.WriteString(p.out, lineEnds(text))
		return
	}
	switch {
	case text == "" && width == p.width && len(p.rows) > 0:
		if !p.change(&b, rows) {
			return
		}
	default:
		b.WriteString(eraseBelow + lineEnds(text))
		for _, row := range rows {
			b.WriteString(row + "\r\n")
		}
	}
	p.rows, p.width = rows, width
	_, _ = io.WriteString(p.out, beginFrame+b.String()+endFrame)
}

// change writes the rows that are not the same as before, and reports whether
// there are any.
func (p *painter) change(b *strings.Builder, rows []string) bool {
	changed := len(rows) != len(p.rows)
	for i, row := range rows {
		if i >= len(p.rows) || row != p.rows[i] {
			changed = true
			b.WriteString(row + eraseRight)
		}
		b.WriteString("\r\n")
	}
	if len(rows) < len(p.rows) {
		b.WriteString(eraseBelow)
	}
	return changed
}

// height is how many lines the rows take on the screen now.
func (p *painter) height(width int) int {
	lines := 0
	for _, row := range p.rows {
		lines++
		if columns := ansi.StringWidth(row); p.reflows && width > 0 && columns > width {
			lines += (columns - 1) / width
		}
	}
	return lines
}

// endFrame ends a frame once more.
func (p *painter) endFrame() { _, _ = io.WriteString(p.out, endFrame) }

// forget leaves the rows on the screen as they are: something else has written
// below them.
func (p *painter) forget() { p.rows = nil }

// lineEnds makes every line end at the first column, also where the terminal
// does not do that by itself.
func lineEnds(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// reflows guesses whether the terminal breaks lines anew when its width
// changes. Nearly all do. Taking one for such that does not would erase lines
// that are not ours.
func reflows(getenv func(string) string) bool {
	if getenv("TMUX") != "" {
		return true
	}
	return getenv("XTERM_VERSION") == "" && getenv("STY") == "" && getenv("TERM") != "linux"
}
