package display

import (
	"os"

	"golang.org/x/sys/windows"
)

type control struct{}

// prepare makes the console understand control sequences.
func (*control) prepare(file *os.File) bool {
	handle := windows.Handle(file.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

func (*control) resumed() bool { return false }
func (*control) ours() bool    { return true }
