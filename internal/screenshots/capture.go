package main

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// cell is what one column of the screen shows; "" after a wide letter.
type cell struct {
	letter string
	look   look
}

// look is how a letter is painted.
type look struct {
	colour      int // 0 to 15, or none
	bold, faint bool
}

// none is the colour of text that has none.
const none = -1

func plain() look { return look{colour: none} }

// parse reads lines with the sequences that set colours. Any other sequence is
// an error, since the picture would lack what it does.
func parse(text []byte) ([][]cell, error) {
	var lines [][]cell
	var line []cell
	now := plain()
	var state byte
	parser := ansi.NewParser()
	for len(text) > 0 {
		sequence, width, n, next := ansi.DecodeSequence(text, state, parser)
		text, state = text[n:], next
		switch {
		case string(sequence) == "\n":
			lines, line = append(lines, line), nil
		case ansi.Cmd(parser.Command()).Final() == 'm' && strings.HasPrefix(string(sequence), "\x1b["):
			if err := now.set(parser.Params()); err != nil {
				return nil, fmt.Errorf("%q: %w", sequence, err)
			}
		case width == 0:
			return nil, fmt.Errorf("the sequence %q is not known", sequence)
		default:
			line = append(line, cell{string(sequence), now})
			for range width - 1 {
				line = append(line, cell{"", now})
			}
		}
	}
	lines = append(lines, line)
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines, nil
}

func (l *look) set(params ansi.Params) error {
	if len(params) == 0 {
		*l = plain()
	}
	for i := range params {
		switch n := params[i].Param(0); {
		case n == 0:
			*l = plain()
		case n == 1:
			l.bold = true
		case n == 2:
			l.faint = true
		case n == 22:
			l.bold, l.faint = false, false
		case n >= 30 && n <= 37:
			l.colour = n - 30
		case n >= 90 && n <= 97:
			l.colour = n - 90 + 8
		case n == 39:
			l.colour = none
		case n == 49: // the background is always the terminal's
		default:
			return fmt.Errorf("the attribute %d is not known", n)
		}
	}
	return nil
}

func blank(line []cell) bool {
	for _, c := range line {
		if strings.TrimSpace(c.letter) != "" {
			return false
		}
	}
	return true
}
