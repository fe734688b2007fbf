package main

import (
	"fmt"
	"html"
	"strings"
)

// The size of the picture, in pixels: of a cell, and of the frame around all.
const (
	cellWidth  = 7.8
	cellHeight = 19
	baseline   = 14
	frame      = 16
	columns    = 104 // of a picture at least, so that all are of one width
)

// The colours are readable on their background, light or dark: the reader's
// system says which.
const styles = `<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: #24292f }
.m { text-anchor: middle } .s { font-weight: 700 } .d { opacity: .68 }
.page { fill: #ffffff; stroke: #d8dee6 } .f { fill: #24292f }
.c0 { fill: #24292f } .c1 { fill: #c4302b } .c2 { fill: #1a7f37 } .c3 { fill: #8a5a00 }
.c4 { fill: #0969da } .c5 { fill: #8250df } .c6 { fill: #0e7490 } .c7 { fill: #57606a }
@media (prefers-color-scheme: dark) {
  text { fill: #dce6f0 } .page { fill: #12181f; stroke: #2b3642 } .f { fill: #dce6f0 }
  .c0 { fill: #8b98a5 } .c1 { fill: #ff7b72 } .c2 { fill: #57c868 } .c3 { fill: #e3b341 }
  .c4 { fill: #6cb0ff } .c5 { fill: #c9a2ff } .c6 { fill: #45c8dc } .c7 { fill: #dce6f0 }
}
</style>
`

// draw returns the picture of a screen.
func draw(title string, lines [][]cell) string {
	widest := columns
	for _, line := range lines {
		widest = max(widest, len(line))
	}
	width := number(float64(widest)*cellWidth + 2*frame)
	height := number(float64(len(lines)*cellHeight + 2*frame))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img">
<title>%[3]s</title>
%[4]s<rect class="page" x="0.5" y="0.5" width="%[5]s" height="%[6]s" rx="10"/>
`, width, height, html.EscapeString(title), styles, number(float64(widest)*cellWidth+2*frame-1), number(float64(len(lines)*cellHeight+2*frame-1)))
	for y, line := range lines {
		for _, s := range stretches(line) {
			b.WriteString(s.draw(y) + "\n")
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// stretch is a part of a line that is drawn as one.
type stretch struct {
	from, width int // columns
	text        string
	look        look
}

// stretches takes a line apart. A letter that is not ASCII stands alone: where the
// reader's font lacks it, another one takes its place, of another width.
func stretches(line []cell) []stretch {
	var all []stretch
	for i, c := range line {
		if c.letter == "" { // the second half of a wide letter
			all[len(all)-1].width++
			continue
		}
		if last := len(all) - 1; last >= 0 && all[last].goesOn(i, c) {
			all[last].text += c.letter
			all[last].width++
			continue
		}
		if c.letter != " " {
			all = append(all, stretch{i, 1, c.letter, c.look})
		}
	}
	for i := range all {
		all[i].text = strings.TrimRight(all[i].text, " ")
		if ascii(all[i].text) {
			all[i].width = len(all[i].text)
		}
	}
	return all
}

// goesOn reports whether a cell belongs to the stretch: it is the next one, looks
// alike, and there are no two blanks between.
func (s stretch) goesOn(column int, c cell) bool {
	switch {
	case column != s.from+s.width || c.look != s.look:
		return false
	case isLine(s.text):
		return strings.HasSuffix(s.text, c.letter)
	}
	return ascii(s.text+c.letter) && !strings.HasSuffix(s.text+c.letter, "  ")
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isLine reports whether a text is a horizontal line, which is drawn: letters
// would leave gaps.
func isLine(text string) bool {
	return strings.HasPrefix(text, "━") || strings.HasPrefix(text, "─")
}

func (s stretch) draw(row int) string {
	x, y := frame+float64(s.from)*cellWidth, float64(frame+row*cellHeight+baseline)
	width := float64(s.width) * cellWidth
	text := html.EscapeString(s.text)
	switch {
	case isLine(s.text):
		thick := 1.0
		if strings.HasPrefix(s.text, "━") {
			thick = 3
		}
		return fmt.Sprintf(`<rect x="%s" y="%s" width="%s" height="%s"%s/>`,
			number(x), number(y-5-thick/2), number(width), number(thick), s.look.class("f"))
	case !ascii(s.text):
		return fmt.Sprintf(`<text x="%s" y="%s"%s>%s</text>`, number(x+width/2), number(y), s.look.class("m"), text)
	}
	return fmt.Sprintf(`<text x="%s" y="%s" textLength="%s"%s>%s</text>`, number(x), number(y), number(width), s.look.class(""), text)
}

// class returns the attribute for a look, with further classes before it.
func (l look) class(first string) string {
	var all []string
	if first != "" {
		all = append(all, first)
	}
	if l.colour != none {
		all = append(all, fmt.Sprintf("c%d", l.colour%8)) // the bright ones look as the others
	}
	if l.bold {
		all = append(all, "s")
	}
	if l.faint {
		all = append(all, "d")
	}
	if len(all) == 0 {
		return ""
	}
	return ` class="` + strings.Join(all, " ") + `"`
}

// number writes a length without needless digits.
func number(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", f), "0"), ".")
}
