package display

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/miniboss/miniboss/runtime"
)

const (
	// widest is where rows end on a wide window: an eye has to find the way
	// from the name to the time.
	widest = 100
	// barsFrom is the width from which there is room for bars.
	barsFrom = 60
)

// rows draws what the services do, on a window of a size.
func (b *board) rows(now time.Time, width, height int, s style) []string {
	if len(b.services) == 0 || width < 2 {
		return nil
	}
	// The last column stays free, since terminals differ in what they do after
	// it; one line is for the cursor, and one at least for what is above.
	columns := min(width-1, widest)
	room := max(1, height-2)
	withFoot := len(b.services) > 1 && room > 1
	if withFoot {
		room--
	}
	shown, folded := b.choose(room)
	names := nameWidth(shown, columns)
	var rows []string
	for _, service := range shown {
		rows = append(rows, b.row(service, now, columns, names, s))
	}
	if len(folded) > 0 {
		more := fmt.Sprintf("%s %d more: %s", s.glyphs.more, len(folded), countKinds(folded))
		rows = append(rows, s.paint(faint, fit(more, columns, s.glyphs.cut)))
	}
	if withFoot {
		rows = append(rows, s.paint(faint, fit(b.foot(now, s), columns, s.glyphs.cut)))
	}
	return rows
}

// choose returns the services that get a row, and those for which there is no
// room: first those that are done, last those that work.
func (b *board) choose(room int) (shown, folded []*service) {
	if len(b.services) <= room {
		return b.services, nil
	}
	ranked := slices.Clone(b.services)
	slices.SortStableFunc(ranked, func(x, y *service) int { return int(x.kind()) - int(y.kind()) })
	keep := map[*service]bool{}
	for _, service := range ranked[:max(0, room-1)] {
		keep[service] = true
	}
	for _, service := range b.services {
		if keep[service] {
			shown = append(shown, service)
		} else {
			folded = append(folded, service)
		}
	}
	return shown, folded
}

func nameWidth(services []*service, columns int) int {
	width := 0
	for _, s := range services {
		width = max(width, ansi.StringWidth(s.name))
	}
	return min(width, columns/3)
}

func (b *board) row(service *service, now time.Time, columns, names int, s style) string {
	glyph, text, right := b.parts(service, now, columns, s)
	name := pad(fit(service.name, names, s.glyphs.cut), names)
	left := glyph + " " + name + "  "
	room := columns - ansi.StringWidth(left)
	if space := room - ansi.StringWidth(right) - 2; right != "" && space >= 20 {
		return left + pad(fit(text, space, s.glyphs.cut), space) + "  " + s.paint(faint, right)
	}
	return left + fit(text, room, s.glyphs.cut)
}

// parts returns the glyph, the text and the time of a row.
func (b *board) parts(service *service, now time.Time, columns int, s style) (glyph, text, right string) {
	if service.image != nil {
		return s.paint(cyan, s.spin(now)), imageRow(service.image, columns, s), elapsed(now.Sub(service.image.since))
	}
	switch service.kind() {
	case good:
		if service.phase == runtime.PhaseRemoved && service.cause != "" {
			return s.paint(yellow, s.glyphs.idle), s.outcome(service), ""
		}
		return s.paint(green, s.glyphs.good), s.outcome(service), ""
	case bad:
		if service.phase == runtime.PhaseSkipped && service.running {
			return s.paint(yellow, s.glyphs.idle), s.outcome(service), ""
		}
		return s.paint(red, s.glyphs.bad), s.outcome(service), ""
	case idle:
		text = "queued"
		if names := b.waitsFor(service); len(names) > 0 {
			text = "waiting for " + strings.Join(names, ", ")
		}
		return s.paint(faint, s.glyphs.idle), s.paint(faint, text), ""
	}
	return s.paint(cyan, s.spin(now)), doing(service, s), elapsed(now.Sub(service.since))
}

// doing says what a service is busy with.
func doing(service *service, s style) string {
	cause := oneLine(service.cause)
	switch {
	case service.phase == runtime.PhasePinging:
		switch {
		case service.hint != "":
			return "still waiting " + s.paint(faint, fmt.Sprintf("(%s; hint: %s)", cause, oneLine(service.hint)))
		case service.lasting:
			return "still waiting " + s.paint(faint, fmt.Sprintf("(%s; this rarely fixes itself)", cause))
		case service.attempt < 2:
			return "pinging"
		case cause == "":
			return "pinging " + s.paint(faint, fmt.Sprintf("(%d tries)", service.attempt))
		}
		return "pinging " + s.paint(faint, fmt.Sprintf("(%d tries, last: %s)", service.attempt, cause))
	case service.phase == runtime.PhaseSettling && cause != "":
		return "settling " + s.paint(faint, "(must stay up for "+cause+")")
	case service.phase == runtime.PhaseStopping && cause != "":
		return cause
	case cause != "":
		return string(service.phase) + " " + s.paint(faint, cause)
	}
	return string(service.phase)
}

func imageRow(i *image, columns int, s style) string {
	bar := func(part float64) string {
		if columns < barsFrom {
			return ""
		}
		return " " + s.bar(part, min(24, columns/5))
	}
	if i.phase == runtime.PhaseBuilding {
		done, total := i.steps()
		if total == 0 {
			return "building " + s.paint(faint, oneLine(i.name))
		}
		step := fmt.Sprintf("building step %d/%d", min(done+1, total), total)
		return step + bar(float64(done)/float64(total)) + " " + s.paint(faint, oneLine(i.step))
	}
	bytes := i.bytes()
	if bytes == "" {
		return "pulling " + s.paint(faint, oneLine(i.name))
	}
	return fmt.Sprintf("pulling %2.0f %%", 100*i.shown) + bar(i.shown) + " " + s.paint(faint, bytes)
}

// outcome says what became of a service.
func (s style) outcome(service *service) string {
	cause := oneLine(service.cause)
	switch service.phase {
	case runtime.PhaseReady:
		return s.reached("ready in "+shortTime(service.duration), service)
	case runtime.PhaseUnchanged:
		return s.reached("unchanged", service)
	case runtime.PhaseFailed:
		text := s.paint(red, "failed after "+shortTime(service.duration))
		if service.running {
			text += ", its old container is still running"
		}
		return text
	case runtime.PhaseSkipped:
		if service.running {
			return "still running " + s.paint(faint, "(skipped: "+cause+")")
		}
		return s.paint(red, "skipped: ") + cause
	case runtime.PhasePulled, runtime.PhaseBuilt:
		return fmt.Sprintf("%s in %s  %s", service.phase, shortTime(service.duration), s.paint(faint, cause))
	case runtime.PhaseRemoved:
		if cause != "" {
			return "removed: " + cause
		}
	}
	return fmt.Sprintf("%s in %s", service.phase, shortTime(service.duration))
}

// reached adds where a service is reached.
func (s style) reached(text string, service *service) string {
	if len(service.ports) == 0 {
		return text
	}
	return pad(text, len("ready in 00.0 s")) + "  " + s.paint(cyan, addresses(service.ports))
}

func (b *board) foot(now time.Time, s style) string {
	done := 0
	for _, service := range b.services {
		if k := service.kind(); k == good || k == bad {
			done++
		}
	}
	return fmt.Sprintf("  %d of %d done %s %s", done, len(b.services), s.glyphs.dot, elapsed(now.Sub(b.began)))
}

// elapsed formats a time that goes on.
func elapsed(d time.Duration) string {
	d = max(0, d)
	if d < 100*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

// countKinds tells how many services are in which state.
func countKinds(services []*service) string {
	words := []string{"failed", "skipped", "under way", "waiting", "ready", "unchanged", "stopped", "removed", "pulled", "built"}
	counts := map[string]int{}
	for _, s := range services {
		switch s.kind() {
		case active:
			counts["under way"]++
		case idle:
			counts["waiting"]++
		default:
			counts[string(s.phase)]++
		}
	}
	var all []string
	for _, word := range words {
		if counts[word] > 0 {
			all = append(all, fmt.Sprintf("%d %s", counts[word], word))
		}
	}
	return strings.Join(all, ", ")
}
