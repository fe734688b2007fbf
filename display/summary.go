package display

import (
	"fmt"
	"strings"
	"time"
)

// summary is what stays on the screen at the end: what became of each service.
func (b *board) summary(now time.Time, width int, s style) []string {
	if len(b.services) == 0 {
		return nil
	}
	columns := max(1, width-1)
	names := nameWidth(b.services, columns)
	var rows []string
	for _, service := range b.services {
		left := pad(fit(service.name, names, s.glyphs.cut), names) + "  "
		switch service.kind() {
		case good, bad:
			glyph, text, _ := b.parts(service, now, columns, s)
			// Addresses are not cut off: they are there to be clicked at.
			rows = append(rows, glyph+" "+left+text)
		case idle:
			rows = append(rows, s.paint(faint, s.glyphs.idle+" "+left+"not started"))
		default:
			what := service.phase
			if service.image != nil {
				what = service.image.phase
			}
			rows = append(rows, s.paint(yellow, s.glyphs.idle)+" "+left+"interrupted while "+string(what))
		}
	}
	if len(b.services) > 1 {
		total := fmt.Sprintf("  %s in %s", b.outcomes(), shortTime(max(0, now.Sub(b.began))))
		rows = append(rows, s.paint(bold, total))
	}
	return rows
}

// outcomes counts what became of the services.
func (b *board) outcomes() string {
	text := countKinds(b.services)
	text = strings.Replace(text, "under way", "interrupted", 1)
	return strings.Replace(text, "waiting", "not started", 1)
}
