package main

import (
	"os"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// sizePoll is how often the size is looked at: Windows tells of a change only
// among the keys.
const sizePoll = 250 * time.Millisecond

// watchSize tells when the size of the terminal may have changed.
func watchSize(out *os.File) (resized <-chan struct{}, stop func()) {
	changed := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		columns, rows, _ := term.GetSize(int(out.Fd()))
		for {
			select {
			case <-done:
				return
			case <-time.After(sizePoll):
			}
			nowColumns, nowRows, err := term.GetSize(int(out.Fd()))
			if err != nil || nowColumns == columns && nowRows == rows {
				continue
			}
			columns, rows = nowColumns, nowRows
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}()
	return changed, func() { close(done) }
}

// prepareOutput lets the console understand what programs on Linux write.
func prepareOutput(out *os.File) (restore func()) {
	handle := windows.Handle(out.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(handle, &mode); err != nil {
		return func() {}
	}
	const wanted = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.DISABLE_NEWLINE_AUTO_RETURN
	_ = windows.SetConsoleMode(handle, mode|wanted)
	return func() { _ = windows.SetConsoleMode(handle, mode) }
}
