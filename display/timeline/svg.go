package timeline

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/miniboss/miniboss/runtime"
)

// The measures of the drawing, in pixels. The text is in fixed-width fonts where
// its width counts.
const (
	pageWidth  = 980.0
	padding    = 28.0
	nameLetter = 8.0 // at 13 px
	noteLetter = 6.4 // at 11 px
	longName   = 28  // letters
	topHeight  = 92.0
	rowHeight  = 30.0
	barHeight  = 18.0
	timeRoom   = 84.0 // right of the bars, for the longest time
)

// The colours follow the reader's choice of light or dark. Every class begins
// with mbt-: in an HTML page styles are shared by all.
const style = `<style>
  .mbt-page { fill: #ffffff; stroke: #d8dee6 }
  .mbt-title { fill: #1b2733; font: 600 15px ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
  .mbt-text { fill: #46566a; font: 12px ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
  .mbt-name { fill: #24374b; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .mbt-strong { font-weight: 700 }
  .mbt-note { fill: #5f6f80; font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .mbt-in { fill: #ffffff; font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .mbt-grid { stroke: #e6ebf1 }
  .mbt-wait { fill: #e3e9f0 } .mbt-image { fill: #7c5cc4 } .mbt-engine { fill: #2f74c0 }
  .mbt-ping { fill: #b06a00 } .mbt-hook { fill: #12806a } .mbt-bad { fill: #c23b3b }
  .mbt-path { fill: none; stroke: #c2186b; stroke-width: 3; stroke-linecap: round }
  .mbt-jump { fill: none; stroke: #c2186b; stroke-width: 1.5; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    .mbt-page { fill: #12181f; stroke: #2b3642 }
    .mbt-title { fill: #e6edf3 }
    .mbt-text { fill: #a9b7c6 }
    .mbt-name { fill: #dce6f0 }
    .mbt-note { fill: #93a1b0 }
    .mbt-grid { stroke: #222d38 }
    .mbt-wait { fill: #2a3643 } .mbt-image { fill: #8f74d6 } .mbt-engine { fill: #3f83cc }
    .mbt-ping { fill: #b9770f } .mbt-hook { fill: #1c8f78 } .mbt-bad { fill: #d05050 }
    .mbt-path, .mbt-jump { stroke: #ff77b3 }
  }
</style>
`

// legend tells the classes in order.
var legend = [...]struct{ class, text string }{
	{"wait", "waiting"}, {"image", "image"}, {"engine", "engine"}, {"ping", "pinging"}, {"hook", "hooks"},
}

// classOf groups phases by who is at work.
func classOf(p runtime.Phase) string {
	switch p {
	case runtime.PhaseWaiting, Preparing:
		return "wait"
	case runtime.PhasePulling, runtime.PhaseBuilding:
		return "image"
	case runtime.PhasePinging, runtime.PhaseSettling:
		return "ping"
	case runtime.PhasePreStart, runtime.PhasePostStart, runtime.PhasePreStop, runtime.PhasePostStop:
		return "hook"
	}
	return "engine"
}

// chart is where things are drawn.
type chart struct {
	Timeline
	left, scale float64 // of the bars: where 0 s is, and pixels a second
	height      float64
}

// SVG draws the timeline as a picture that stands alone.
func (t Timeline) SVG() string {
	c := t.measure()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img">`+"\n", num(pageWidth), num(c.height))
	fmt.Fprintf(&b, "<title>%s: where the time of the start went</title>\n", html.EscapeString(t.Group))
	b.WriteString(style)
	fmt.Fprintf(&b, `<rect class="mbt-page" x="0.5" y="0.5" width="%s" height="%s" rx="12"/>`+"\n", num(pageWidth-1), num(c.height-1))
	text(&b, "title", padding, 34, fmt.Sprintf("%s: started in %s", t.Group, short(t.Total)))
	c.drawLegend(&b)
	c.drawGrid(&b)
	for i, bar := range t.Bars {
		c.drawBar(&b, i, bar)
	}
	c.drawPath(&b)
	if slowest := t.Slowest(); slowest != "" {
		text(&b, "text", padding, c.height-18, "Critical path: "+slowest)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (t Timeline) measure() *chart {
	longest := 4
	for _, b := range t.Bars {
		longest = max(longest, utf8.RuneCountInString(cut(b.Service)))
	}
	c := &chart{Timeline: t, left: padding + float64(longest)*nameLetter + 16}
	c.scale = (pageWidth - padding - timeRoom - c.left) / max(t.Total.Seconds(), 0.001)
	c.height = topHeight + float64(len(t.Bars))*rowHeight + 60
	return c
}

func (c *chart) x(d time.Duration) float64 { return c.left + d.Seconds()*c.scale }
func (c *chart) y(row int) float64         { return topHeight + float64(row)*rowHeight }

func (c *chart) drawLegend(b *strings.Builder) {
	x := padding
	for _, l := range legend {
		fmt.Fprintf(b, `<rect class="mbt-%s" x="%s" y="50" width="11" height="11" rx="3"/>`, l.class, num(x))
		text(b, "text", x+16, 60, l.text)
		x += 16 + float64(len(l.text))*noteLetter + 20
	}
	fmt.Fprintf(b, `<path class="mbt-path" d="M%s 56h14"/>`, num(x+2))
	text(b, "text", x+22, 60, "critical path")
}

// drawGrid draws the seconds.
func (c *chart) drawGrid(b *strings.Builder) {
	bottom := c.y(len(c.Bars))
	step := gridStep(c.Total)
	for at := time.Duration(0); at <= c.Total; at += step {
		fmt.Fprintf(b, `<path class="mbt-grid" d="M%s %sV%s"/>`, num(c.x(at)), num(topHeight-4), num(bottom))
		fmt.Fprintf(b, `<text class="mbt-note" text-anchor="middle" x="%s" y="%s">%s s</text>`+"\n", num(c.x(at)), num(bottom+16), num(at.Seconds()))
	}
}

// gridStep is 1, 2 or 5 times a power of ten, for about eight lines.
func gridStep(total time.Duration) time.Duration {
	step := time.Millisecond
	for i := 0; total/step > 8; i++ {
		step = step * []time.Duration{2, 5, 2}[i%3]
		if i%3 == 1 {
			step /= 2
		}
	}
	return step
}

func (c *chart) drawBar(b *strings.Builder, row int, bar Bar) {
	y := c.y(row)
	strong := ""
	if slices.ContainsFunc(c.Critical, func(l Link) bool { return l.Service == bar.Service }) {
		strong = " mbt-strong"
	}
	text(b, "name"+strong, padding, y+barHeight-4, cut(bar.Service))
	end := time.Duration(0)
	for _, s := range bar.Segments {
		x, width := c.x(s.From), max(1, (s.To-s.From).Seconds()*c.scale)
		label := fmt.Sprintf("%s %s", s.Phase, short(s.To-s.From))
		fmt.Fprintf(b, `<rect class="mbt-%s" x="%s" y="%s" width="%s" height="%s" rx="3"><title>%s: %s</title></rect>`+"\n",
			classOf(s.Phase), num(x), num(y), num(width), num(barHeight), html.EscapeString(bar.Service), label)
		class := "in"
		if classOf(s.Phase) == "wait" {
			class = "note"
		}
		for _, label := range []string{label, string(s.Phase)} {
			if float64(len(label))*noteLetter+10 <= width {
				text(b, class, x+6, y+barHeight-5, label)
				break
			}
		}
		end = max(end, s.To)
	}
	c.drawEnd(b, bar, end, y)
}

// drawEnd writes behind a bar when, and how, it ended.
func (c *chart) drawEnd(b *strings.Builder, bar Bar, end time.Duration, y float64) {
	note := short(end)
	switch bar.Outcome {
	case runtime.PhaseFailed, runtime.PhaseSkipped:
		note = string(bar.Outcome)
		fmt.Fprintf(b, `<rect class="mbt-bad" x="%s" y="%s" width="4" height="%s" rx="2"/>`, num(c.x(end)), num(y-2), num(barHeight+4))
	case runtime.PhaseUnchanged:
		note = "unchanged"
	case "":
		note = "interrupted"
	}
	text(b, "note", c.x(end)+9, y+barHeight-5, note)
}

// drawPath draws a line under what is on the critical path, and from each
// service to the next.
func (c *chart) drawPath(b *strings.Builder) {
	rows := map[string]int{}
	for i, bar := range c.Bars {
		rows[bar.Service] = i
	}
	for i, link := range c.Critical {
		y := c.y(rows[link.Service]) + barHeight + 4
		if i > 0 {
			fmt.Fprintf(b, `<path class="mbt-jump" d="M%s %sV%s"/>`+"\n", num(c.x(link.From)), num(c.y(rows[c.Critical[i-1].Service])+barHeight+4), num(y))
		}
		fmt.Fprintf(b, `<path class="mbt-path" d="M%s %sH%s"/>`+"\n", num(c.x(link.From)), num(y), num(max(c.x(link.To), c.x(link.From)+2)))
	}
}

func text(b *strings.Builder, class string, x, y float64, content string) {
	fmt.Fprintf(b, `<text class="mbt-%s" x="%s" y="%s">%s</text>`+"\n", class, num(x), num(y), html.EscapeString(content))
}

// cut shortens a long name in its middle, where names of one collection differ
// least.
func cut(name string) string {
	letters := []rune(name)
	if len(letters) <= longName {
		return name
	}
	return string(letters[:longName/2]) + "…" + string(letters[len(letters)-longName/2+1:])
}

// num formats a coordinate: two digits, and none where it is whole.
func num(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}
