package graph

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/miniboss/miniboss/runtime/spec"
)

// The measures of the drawing, in pixels. Names are in a fixed-width font: how
// wide they will be is then known without having it.
const (
	nameLetter   = 8.5 // at 14 px
	imageLetter  = 6.7 // at 11 px
	boxPadding   = 16.0
	smallestBox  = 96.0
	longestImage = 34 // letters
	columnSpace  = 88.0
	pagePadding  = 28.0
	headHeight   = 54.0
	footHeight   = 28.0
	footText     = "An arrow points to what a service depends on."
	footLetter   = 6.3
)

// The colours follow the reader's choice of light or dark. The page has a
// background of its own, so that the text is readable where the two differ.
// Every class begins with mb-: in an HTML page styles are shared by all.
const style = `<style>
  .mb-page { fill: #ffffff; stroke: #d8dee6 }
  .mb-title { fill: #1b2733; font: 600 15px ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
  .mb-foot { fill: #5f6f80; font: 12px ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
  .mb-box { fill: #f1f6fd; stroke: #7aa5d8; stroke-width: 1.25 }
  .mb-name { fill: #12304f; font: 600 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .mb-image { fill: #55697d; font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .mb-edge { fill: none; stroke: #8494a5; stroke-width: 1.5 }
  .mb-tip { fill: #8494a5 }
  @media (prefers-color-scheme: dark) {
    .mb-page { fill: #12181f; stroke: #2b3642 }
    .mb-title { fill: #e6edf3 }
    .mb-foot { fill: #93a1b0 }
    .mb-box { fill: #1a2836; stroke: #4d7fb5 }
    .mb-name { fill: #dcebfb }
    .mb-image { fill: #9db0c4 }
    .mb-edge { stroke: #77889a }
    .mb-tip { fill: #77889a }
  }
</style>
`

// SVG draws the graph as a picture that stands alone. Services are in columns:
// those on the right depend on nothing, the others on something in a column to
// their right.
func SVG(group string, g *spec.Graph) string {
	l := newLayout(g)
	p := measure(group, l, g)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img">`+"\n",
		num(p.width), num(p.height))
	fmt.Fprintf(&b, "<title>%s: %s and what they depend on</title>\n", escape(group), count(len(g.Names()), "service"))
	b.WriteString(style)
	fmt.Fprintf(&b, `<rect class="mb-page" x="0.5" y="0.5" width="%s" height="%s" rx="12"/>`+"\n", num(p.width-1), num(p.height-1))
	fmt.Fprintf(&b, `<text class="mb-title" x="%s" y="34">%s</text>`+"\n", num(pagePadding), escape(group))
	for _, e := range l.edges {
		p.drawEdge(&b, e)
	}
	for _, layer := range l.layers {
		for _, point := range layer {
			if point.name != "" {
				p.drawBox(&b, point, g.Service(point.name))
			}
		}
	}
	if len(l.edges) > 0 {
		fmt.Fprintf(&b, `<text class="mb-foot" x="%s" y="%s">%s</text>`+"\n", num(pagePadding), num(p.height-20), footText)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// page is where the columns are.
type page struct {
	width, height float64
	left, wide    []float64 // of each layer
}

func measure(group string, l *layout, g *spec.Graph) *page {
	p := &page{left: make([]float64, len(l.layers)), wide: make([]float64, len(l.layers))}
	bottom := 0.0
	for i, layer := range l.layers {
		for _, point := range layer {
			bottom = max(bottom, point.y+point.size/2)
			if point.name == "" {
				continue
			}
			letters := max(float64(utf8.RuneCountInString(point.name))*nameLetter,
				float64(utf8.RuneCountInString(shortImage(g.Service(point.name))))*imageLetter)
			p.wide[i] = max(p.wide[i], smallestBox, math.Ceil(letters)+2*boxPadding)
		}
	}
	x := pagePadding
	for i := len(l.layers) - 1; i >= 0; i-- {
		p.left[i] = x
		x += p.wide[i] + columnSpace
	}
	title := float64(utf8.RuneCountInString(group))*nameLetter*1.1 + 2*pagePadding
	p.width = max(x-columnSpace+pagePadding, title)
	p.height = headHeight + bottom + pagePadding
	if len(l.layers) == 0 {
		p.height = headHeight + pagePadding/2
	}
	if len(l.edges) > 0 {
		p.width = max(p.width, float64(len(footText))*footLetter+2*pagePadding)
		p.height += footHeight
	}
	return p
}

// drawEdge draws a curve from box to box that is level where it leaves, where
// it passes a column and where it arrives.
func (p *page) drawEdge(b *strings.Builder, e edge) {
	const tip = 8.0
	x, y := p.left[e[0].layer]+p.wide[e[0].layer], headHeight+e[0].y
	path := "M" + pair(x, y)
	for i, point := range e[1:] {
		toX, toY := p.left[point.layer], headHeight+point.y
		last := i == len(e)-2
		if last {
			toX -= tip
		}
		if y == toY {
			path += " H" + num(toX)
		} else {
			middle := (x + toX) / 2
			path += " C" + pair(middle, y) + " " + pair(middle, toY) + " " + pair(toX, toY)
		}
		x, y = toX, toY
		if !last {
			x += p.wide[point.layer]
			path += " H" + num(x)
		}
	}
	fmt.Fprintf(b, `<g><title>%s depends on %s</title><path class="mb-edge" d="%s"/><path class="mb-tip" d="M%s l-9,-4.5 v9 z"/></g>`+"\n",
		escape(e[0].name), escape(e[len(e)-1].name), path, pair(x+tip, y))
}

func (p *page) drawBox(b *strings.Builder, at *point, s *spec.Service) {
	x, y := p.left[at.layer], headHeight+at.y-at.size/2
	middle := x + p.wide[at.layer]/2
	fmt.Fprintf(b, `<g><title>%s</title><rect class="mb-box" x="%s" y="%s" width="%s" height="%s" rx="8"/>`,
		escape(strings.TrimSpace(s.Name+" "+s.Loaded.Image)), num(x), num(y), num(p.wide[at.layer]), num(at.size))
	image := shortImage(s)
	nameY := y + 20
	if image == "" {
		nameY = y + at.size/2 + 5
	}
	fmt.Fprintf(b, `<text class="mb-name" x="%s" y="%s" text-anchor="middle">%s</text>`, num(middle), num(nameY), escape(s.Name))
	if image != "" {
		fmt.Fprintf(b, `<text class="mb-image" x="%s" y="%s" text-anchor="middle">%s</text>`, num(middle), num(y+37), escape(image))
	}
	b.WriteString("</g>\n")
}

// shortImage returns a service's image, without the beginning where it is long:
// its end tells more.
func shortImage(s *spec.Service) string {
	image := []rune(s.Loaded.Image)
	if len(image) > longestImage {
		return "…" + string(image[len(image)-longestImage+1:])
	}
	return string(image)
}

func pair(x, y float64) string { return num(x) + "," + num(y) }

// num writes a number with at most one decimal: more are not seen.
func num(f float64) string {
	// Adding nothing makes a zero of a minus zero.
	return strings.TrimSuffix(fmt.Sprintf("%.1f", math.Round(f*10)/10+0), ".0")
}

// escape makes a text harmless in XML. Characters that XML cannot hold at all
// are replaced.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF {
			return '�'
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
