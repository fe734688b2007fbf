package js

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Detail says where an error happened, for below its message: the position with
// the line of the source, the calls that led there, and the same for causes.
func (e *Error) Detail() string {
	var b strings.Builder
	e.detail(&b)
	return strings.TrimSuffix(b.String(), "\n")
}

func (e *Error) detail(b *strings.Builder) {
	const most = 10
	shown := 0
	for i := 0; i < len(e.Frames); i++ {
		f := e.Frames[i]
		if shown == most {
			fmt.Fprintf(b, "  … %d more\n", len(e.Frames)-i)
			break
		}
		shown++
		b.WriteString("  at ")
		if f.Func != "" {
			fmt.Fprintf(b, "%s ", f.Func)
		}
		b.WriteString(f.Pos.String())
		b.WriteByte('\n')
		if i == 0 && e.Line != "" {
			b.WriteString(Excerpt(e.Pos, e.Line))
		}
		same := 0
		for i+1 < len(e.Frames) && e.Frames[i+1] == f {
			i++
			same++
		}
		if same > 0 {
			fmt.Fprintf(b, "  … repeated %d more times\n", same)
		}
	}
	if len(e.Frames) == 0 && e.Pos.File != "" {
		fmt.Fprintf(b, "  at %s\n", e.Pos)
		if e.Line != "" {
			b.WriteString(Excerpt(e.Pos, e.Line))
		}
	}
	if e.Hint != "" {
		fmt.Fprintf(b, "  hint: %s\n", e.Hint)
	}
	if c := e.Cause; c != nil && (c.Pos != e.Pos && c.Pos.Line > 0 || c.Cause != nil) {
		fmt.Fprintf(b, "  cause: %s\n", c.headline())
		c.detail(b)
	}
}

// Excerpt shows a line of source with a caret under its column, without what
// looks secret. It ends with a line feed.
func Excerpt(pos spec.Position, line string) string {
	const widest = 100 // of a minified line, only what is around the column is shown
	runes := []rune(line)
	at := min(max(pos.Column-1, 0), len(runes))
	// A secret before the caret moves it.
	runes, at = []rune(spec.HideInSource(line)), len([]rune(spec.HideInSource(string(runes[:at]))))
	at = min(at, len(runes))
	if len(runes) > widest {
		from := max(0, at-widest/2)
		to := min(len(runes), from+widest)
		runes, at = runes[from:to], at-from
	}
	number := fmt.Sprint(pos.Line)
	pad := make([]rune, at)
	for i := range pad {
		pad[i] = ' '
		if runes[i] == '\t' {
			pad[i] = '\t'
		}
	}
	return fmt.Sprintf("  %s | %s\n  %s | %s^\n", number, string(runes), strings.Repeat(" ", utf8.RuneCountInString(number)), string(pad))
}

// SourceLine reads the line of a position from its file; "" where that cannot
// be had.
func SourceLine(pos spec.Position) string {
	text, err := os.ReadFile(pos.File)
	if err != nil || pos.Line < 1 {
		return ""
	}
	s := source{text: string(text)}
	return s.line(pos.Line)
}
