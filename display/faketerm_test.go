package display

import (
	"cmp"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// fakeTerminal is a terminal in memory with what painter needs of one, and no
// more: any other control sequence fails the test. It keeps what scrolls away.
type fakeTerminal struct {
	t             testing.TB
	width, height int
	reflows       bool
	lines         []fakeLine // the last height of them are on the screen
	x, y          int        // of the cursor; y counts from the first line
	hidden        bool
}

// fakeLine has one string a column; that of the second column of a wide letter
// is "".
type fakeLine struct {
	cells  []string
	goesOn bool // it was broken, and goes on in the next line
}

func newFakeTerminal(t testing.TB, width, height int) *fakeTerminal {
	return &fakeTerminal{t: t, width: width, height: height, reflows: true, lines: make([]fakeLine, 1)}
}

func (f *fakeTerminal) top() int { return max(0, len(f.lines)-f.height) }

func (f *fakeTerminal) Write(p []byte) (int, error) {
	var state byte
	for rest := p; len(rest) > 0; {
		sequence, width, n, next := ansi.DecodeSequence(rest, state, nil)
		rest, state = rest[n:], next
		f.do(string(sequence), width)
	}
	return len(p), nil
}

func (f *fakeTerminal) do(sequence string, width int) {
	switch sequence {
	case "\r":
		f.x = 0
	case "\n":
		f.down()
	case "\x1b[J":
		f.lines[f.y].cells = f.lines[f.y].cells[:min(f.x, len(f.lines[f.y].cells))]
		f.lines[f.y].goesOn = false
		for i := f.y + 1; i < len(f.lines); i++ {
			f.lines[i] = fakeLine{}
		}
	case "\x1b[K":
		f.lines[f.y].cells = f.lines[f.y].cells[:min(f.x, len(f.lines[f.y].cells))]
	case "\x1b[?25l", "\x1b[?25h":
		f.hidden = strings.HasSuffix(sequence, "l")
	case "\x1b[?2026h", "\x1b[?2026l":
	default:
		switch {
		case strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "A"):
			n, err := strconv.Atoi(cmp.Or(sequence[2:len(sequence)-1], "1"))
			if err != nil {
				f.t.Fatalf("%q", sequence)
			}
			f.y = max(f.top(), f.y-n)
		case strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "m"), strings.HasPrefix(sequence, "\x1b]8;"):
		case width == 0:
			f.t.Fatalf("control sequence %q", sequence)
		default:
			f.put(sequence, width)
		}
	}
}

func (f *fakeTerminal) down() {
	f.y++
	if f.y == len(f.lines) {
		f.lines = append(f.lines, fakeLine{})
	}
}

func (f *fakeTerminal) put(letter string, width int) {
	if f.x+width > f.width {
		f.lines[f.y].goesOn = true
		f.x = 0
		f.down()
	}
	line := &f.lines[f.y]
	for len(line.cells) < f.x+width {
		line.cells = append(line.cells, " ")
	}
	line.cells[f.x] = letter
	for i := 1; i < width; i++ {
		line.cells[f.x+i] = ""
	}
	f.x += width
}

// resize is what the terminal does when its window changes.
func (f *fakeTerminal) resize(width, height int) {
	// A terminal that grows does not fetch lines back here: not all do.
	for len(f.lines) > f.y+1 && len(f.lines[len(f.lines)-1].cells) == 0 {
		f.lines = f.lines[:len(f.lines)-1]
	}
	if f.reflows && width != f.width {
		var lines []fakeLine
		cursor := 0
		for i := 0; i < len(f.lines); i++ {
			if i == f.y {
				cursor = len(lines)
			}
			whole := f.lines[i].cells
			for f.lines[i].goesOn {
				i++
				whole = append(whole, f.lines[i].cells...)
			}
			for len(whole) > width {
				n := width
				if whole[n] == "" {
					n-- // no wide letter is broken
				}
				lines = append(lines, fakeLine{whole[:n:n], true})
				whole = whole[n:]
			}
			lines = append(lines, fakeLine{cells: whole})
		}
		f.lines, f.y = lines, cursor
	}
	f.width, f.height = width, height
}

// all returns all lines from the first, and screen those that can be seen.
func (f *fakeTerminal) all() []string {
	var all []string
	for _, line := range f.lines {
		all = append(all, strings.TrimRight(strings.Join(line.cells, ""), " "))
	}
	return all
}

func (f *fakeTerminal) screen() string { return strings.Join(f.all()[f.top():], "\n") }

func (f *fakeTerminal) size() (int, int) { return f.width, f.height }
func (f *fakeTerminal) ours() bool       { return true }
func (f *fakeTerminal) resumed() bool    { return false }
