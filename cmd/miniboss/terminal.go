package main

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/miniboss/miniboss/runtime"
)

// streams returns the process's streams for a command in a container, with a
// terminal where that is wanted and input and output are one. The terminal is
// made raw when the command begins to read, so that Ctrl-C ends what comes
// before as ever; restore ends that.
func (a *app) streams(wantTerminal bool) (streams runtime.Streams, restore func()) {
	streams = runtime.Streams{Stdin: a.stdin, Stdout: a.stdout, Stderr: a.stderr}
	in, out := terminalOf(a.stdin), terminalOf(a.stdout)
	if !wantTerminal || in == nil || out == nil {
		return streams, func() {}
	}
	raw := &rawInput{file: in}
	resized, stop := watchSize(out)
	endOutput := prepareOutput(out)
	streams.Stdin = raw
	streams.Terminal = &runtime.Terminal{
		Size: func() (columns, rows int) {
			columns, rows, _ = term.GetSize(int(out.Fd()))
			return columns, rows
		},
		Resized: resized,
	}
	return streams, func() {
		stop()
		raw.restore()
		endOutput()
	}
}

// terminalOf returns the terminal that a stream is, or nil.
func terminalOf(stream any) *os.File {
	if file, ok := stream.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return file
	}
	return nil
}

// rawInput is a terminal whose keys all go to the reader.
type rawInput struct {
	file *os.File

	mu    sync.Mutex
	asked bool
	state *term.State
}

func (r *rawInput) Read(p []byte) (int, error) {
	r.makeRaw()
	return r.file.Read(p)
}

func (r *rawInput) makeRaw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked {
		r.asked = true
		r.state, _ = term.MakeRaw(int(r.file.Fd()))
	}
}

// restore makes the terminal as it was, for good.
func (r *rawInput) restore() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = true
	if r.state != nil {
		_ = term.Restore(int(r.file.Fd()), r.state)
		r.state = nil
	}
}

// coloured reports whether results are written in colours.
func (a *app) coloured(out io.Writer) bool {
	return a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb" && terminalOf(out) != nil
}
