package timeline

import (
	"fmt"
	"html"
	"strings"
)

const pageStyle = `<style>
  :root { color-scheme: light dark }
  body { margin: 2rem auto; max-width: 61.25rem; padding: 0 1rem; font: 15px/1.5 ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #1b2733; background: #f6f8fa }
  svg { width: 100%; height: auto }
  table { margin-top: 1.5rem; border-collapse: collapse; font-size: 14px }
  th, td { padding: .35rem 1.2rem .35rem 0; text-align: left; border-bottom: 1px solid #d8dee6; vertical-align: top }
  th { font-weight: 600 }
  td.mbt-number { text-align: right; font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    body { color: #e6edf3; background: #0b1016 }
    th, td { border-color: #2b3642 }
  }
</style>
`

// HTML returns a page with the drawing and a table of it, which stands alone.
func (t Timeline) HTML() string {
	var b strings.Builder
	title := html.EscapeString(t.Group)
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s: timeline</title>\n", title)
	b.WriteString(pageStyle)
	b.WriteString(t.SVG())
	b.WriteString("<table>\n<tr><th>service<th>waited for<th>phases<th>done after\n")
	for _, bar := range t.Bars {
		var phases []string
		end := t.Began
		for _, s := range bar.Segments {
			phase := fmt.Sprintf("%s %s", s.Phase, short(s.To-s.From))
			if s.Critical {
				phase = "<b>" + phase + "</b>"
			}
			phases = append(phases, phase)
			end = t.Began.Add(s.To)
		}
		fmt.Fprintf(&b, "<tr><td>%s<td>%s<td>%s<td class=\"mbt-number\">%s\n", html.EscapeString(bar.Service), html.EscapeString(bar.After),
			strings.Join(phases, ", "), short(end.Sub(t.Began)))
	}
	b.WriteString("</table>\n</html>\n")
	return b.String()
}
