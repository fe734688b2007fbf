package display

import (
	"os"

	"golang.org/x/term"
)

// terminal is a tty of the system.
type terminal struct {
	*os.File
	control
}

// openTTY prepares a terminal for being drawn on; false where it cannot be.
func openTTY(file *os.File) (tty, bool) {
	t := &terminal{File: file}
	return t, t.prepare(file)
}

func (t *terminal) size() (int, int) {
	width, height, err := term.GetSize(int(t.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}
