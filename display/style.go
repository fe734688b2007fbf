package display

import (
	"strings"
	"time"
)

// style is what the terminal can show.
type style struct {
	colours bool
	glyphs  glyphs
}

type glyphs struct {
	spinner               []string
	good, bad, idle, more string
	full, empty           string // of bars
	cut                   string // stands for what did not fit
	dot                   string
}

var (
	unicodeGlyphs = glyphs{
		spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
		good:    "✔", bad: "✘", idle: "·", more: "…", full: "━", empty: "─", cut: "…", dot: "·",
	}
	asciiGlyphs = glyphs{
		spinner: []string{"|", "/", "-", `\`},
		good:    "+", bad: "x", idle: ".", more: "...", full: "#", empty: "-", cut: "...", dot: "-",
	}
)

// The colours are the terminal's own sixteen, which are readable on its
// background, light or dark.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
)

// styleOf reads what the environment tells of the terminal and of the user's
// wishes.
func styleOf(getenv func(string) string) style {
	terminal := getenv("TERM")
	s := style{colours: getenv("NO_COLOR") == "" && !monochrome(terminal), glyphs: unicodeGlyphs}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(getenv(name)); locale != "" {
			if !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8") {
				s.glyphs = asciiGlyphs
			}
			break
		}
	}
	if terminal == "linux" {
		s.glyphs = asciiGlyphs // the font of the console has no others
	}
	return s
}

func monochrome(terminal string) bool {
	return terminal == "dumb" || strings.HasPrefix(terminal, "vt1") || strings.HasPrefix(terminal, "vt2") ||
		strings.HasSuffix(terminal, "-m") || strings.HasSuffix(terminal, "-mono")
}

func (s style) paint(colour, text string) string {
	if !s.colours || text == "" || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[m"
}

// spin returns the glyph of what is under way.
func (s style) spin(now time.Time) string {
	frames := s.glyphs.spinner
	return frames[int(now.UnixMilli()/100)%len(frames)]
}

// bar draws how far something is, from 0 to 1.
func (s style) bar(part float64, columns int) string {
	full := max(0, min(columns, int(part*float64(columns)+0.5)))
	return s.paint(blue, strings.Repeat(s.glyphs.full, full)) + s.paint(faint, strings.Repeat(s.glyphs.empty, columns-full))
}
