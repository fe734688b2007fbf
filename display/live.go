package display

import (
	"cmp"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

const (
	// tick is how often the rows are drawn: what they show counts tenths of
	// seconds.
	tick = 100 * time.Millisecond
	// gather is how long an event waits for others, so that many make one frame.
	gather = 15 * time.Millisecond
	// stuck is how long a process that ends at once waits for the terminal.
	stuck = 100 * time.Millisecond
)

// tty is the terminal that a live display draws on.
type tty interface {
	io.Writer
	// size returns columns and lines.
	size() (int, int)
	// ours reports whether the process is in the foreground.
	ours() bool
	// resumed reports whether the process was stopped (Ctrl-Z) and goes on
	// since the last call.
	resumed() bool
}

// live draws on a terminal. Showing something never waits for the terminal: one
// goroutine draws.
type live struct {
	tty     tty
	style   style
	explain func(error) string
	painter painter

	mu    sync.Mutex
	board *board
	text  strings.Builder // to be written above the rows
	over  bool            // nothing is drawn any more

	wake    chan struct{}
	ending  chan bool // whether with a summary
	stopped chan struct{}
}

func newLive(t tty, s style, reflows bool, explain func(error) string) *live {
	l := &live{
		tty: t, style: s, explain: explain, painter: painter{out: t, reflows: reflows}, board: newBoard(),
		wake: make(chan struct{}, 1), ending: make(chan bool, 2), stopped: make(chan struct{}),
	}
	go l.draw()
	return l
}

func (l *live) show(e runtime.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.board.apply(e) {
		l.write(l.style.above(e, l.explain))
	}
	l.wakeUp()
}

func (l *live) print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(harmless(text))
	l.wakeUp()
}

func (l *live) write(text string) {
	if l.over {
		_, _ = io.WriteString(l.tty, lineEnds(text))
		return
	}
	l.text.WriteString(text)
}

func (l *live) wakeUp() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// close writes the summary in place of the rows.
func (l *live) close() {
	l.ending <- true
	<-l.stopped
}

// abandon leaves the rows as they are.
func (l *live) abandon() {
	l.ending <- false
	select {
	case <-l.stopped:
	case <-time.After(stuck):
	}
}

func (l *live) draw() {
	defer close(l.stopped)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case summary := <-l.ending:
			l.end(summary)
			return
		case <-ticker.C:
		case <-l.wake:
			select {
			case <-time.After(gather):
			case summary := <-l.ending:
				l.end(summary)
				return
			}
		}
		l.frame(time.Now(), false)
	}
}

// end draws for the last time. At a Ctrl-C a terminal drops what it has not shown
// yet, which may be the end of a frame: the cursor must not stay hidden.
func (l *live) end(summary bool) {
	l.frame(time.Now(), summary)
	if !summary {
		l.painter.endFrame()
	}
}

// frame draws once; the last time with the summary in place of the rows.
func (l *live) frame(now time.Time, last bool) {
	width, height := l.tty.size()
	l.mu.Lock()
	text := l.text.String()
	l.text.Reset()
	var rows []string
	l.over = last
	if last {
		for _, row := range l.board.summary(now, width, l.style) {
			text += row + "\n"
		}
	} else {
		rows = l.board.rows(now, width, height, l.style)
	}
	l.mu.Unlock()
	if l.tty.resumed() {
		l.painter.forget()
	}
	if !l.tty.ours() {
		// Another program has the terminal. Only what must not be lost is written.
		l.painter.forget()
		rows = nil
	}
	l.painter.paint(text, rows, width)
}

// above returns what is written of an event above the rows.
func (s style) above(e runtime.Event, explain func(error) string) string {
	e.Cause = wholeLines(e.Cause) // before its lines get under each other
	text := harmless(plainLines(e, explain))
	prefix := cmp.Or(e.Service, e.Suite)
	if prefix != "" {
		prefix += ": "
	}
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return text
	}
	for word, colour := range map[string]string{"failed": red, "error:": red, "warning:": yellow, "replacing:": yellow} {
		if after, is := strings.CutPrefix(rest, word); is && e.Phase != runtime.PhaseOutput {
			rest = s.paint(colour, word) + after
		}
	}
	return s.paint(cyan, strings.TrimSuffix(prefix, " ")) + strings.Repeat(" ", min(1, len(prefix))) + rest
}
