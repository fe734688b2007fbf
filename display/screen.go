package display

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/miniboss/miniboss/runtime"
)

// Screen is where a process writes what is not a result, its stderr. What is
// written to it while a live display is on appears above the rows. It is safe
// for several goroutines.
type Screen struct {
	out io.Writer

	live atomic.Pointer[live]

	mu   sync.Mutex   // held while out is written to, which may take for ever
	json runtime.Sink // set once the form is JSON
}

// NewScreen returns the screen that out is.
func NewScreen(out io.Writer) *Screen { return &Screen{out: out} }

// Write writes a text of whole lines.
func (s *Screen) Write(p []byte) (int, error) {
	if l := s.live.Load(); l != nil {
		l.print(string(p))
		return len(p), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// Say shows a message of the program itself: as an event where the form is
// JSON, else as the text, a whole line.
func (s *Screen) Say(e runtime.Event, text string) {
	s.mu.Lock()
	sink := s.json
	s.mu.Unlock()
	if sink != nil {
		e.Time = time.Now()
		sink(e)
		return
	}
	_, _ = io.WriteString(s, text+"\n")
}

// Abandon prepares for a process that ends at once, whatever it does: what was
// to be shown is shown, and nothing is shown any more. It does not take long,
// even if the terminal is stuck, or nobody reads what is written.
func (s *Screen) Abandon() {
	if l := s.live.Load(); l != nil {
		l.abandon()
	}
}

// Options says how events are shown.
type Options struct {
	Form    string // see Forms
	Getenv  func(string) string
	Explain func(error) string // formats an error, over several lines
}

// Forms are the values of Options.Form. "auto" is "live" on a terminal that can
// do it, and "plain" elsewhere.
func Forms() []string { return []string{"auto", "live", "plain", "json", "quiet"} }

// Open begins to show events on the screen. The sink may be called by several
// goroutines. done is called when there will be no more; then the live display
// writes its summary.
func (s *Screen) Open(o Options) (show runtime.Sink, done func()) {
	nothing := func() {}
	switch o.Form {
	case "json":
		show = serialised(newJSON(s.out, o.Explain))
		s.mu.Lock()
		s.json = show
		s.mu.Unlock()
		return show, nothing
	case "quiet":
		return serialised(newQuiet(s, o.Explain)), nothing
	case "auto", "live":
		if show, done, ok := s.openLive(o); ok {
			return show, done
		}
	}
	return serialised(newPlain(s, o.Explain)), nothing
}

func (s *Screen) openLive(o Options) (runtime.Sink, func(), bool) {
	file, isFile := s.out.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) || o.Form == "auto" && !wantsLive(o.Getenv) {
		return nil, nil, false
	}
	tty, ok := openTTY(file)
	if !ok {
		return nil, nil, false
	}
	l := newLive(tty, styleOf(o.Getenv), reflows(o.Getenv), o.Explain)
	s.live.Store(l)
	return l.show, func() {
		l.close()
		s.live.Store(nil)
	}, true
}

// wantsLive reports whether the environment lets a terminal be drawn on.
func wantsLive(getenv func(string) string) bool {
	ci := getenv("CI")
	return getenv("TERM") != "dumb" && (ci == "" || ci == "false" || ci == "0")
}

// serialised makes a sink safe for several goroutines: the hooks' output and
// the core's events come from different ones.
func serialised(show runtime.Sink) runtime.Sink {
	var mu sync.Mutex
	return func(e runtime.Event) {
		mu.Lock()
		defer mu.Unlock()
		show(e)
	}
}

// shortTime formats a duration: 850 ms, 2.1 s.
func shortTime(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
