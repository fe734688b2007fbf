package runtime

import (
	"bufio"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// LogsOptions says which lines Logs shows.
type LogsOptions struct {
	Services []string       // none: all
	Follow   bool           // go on until ctx ends
	Tail     int            // of each container; 0: all; less: none of those that there are
	Since    time.Time      // zero: from the beginning
	Grep     *regexp.Regexp // only lines that it matches, which are those that Tail counts; nil: all
}

// LogLine is a line of a service's log.
type LogLine struct {
	Service string
	Time    time.Time // when the engine got it
	Text    string    // without the end of the line
}

// Logs shows the log lines of services, those of several in the order of their
// times. Where it follows it also shows the lines of containers that are
// started later, and ends with ctx, which is no error then, or when the engine
// does not come back. A log that cannot be read is reported, and the others are
// shown.
func (r *Runner) Logs(ctx context.Context, o LogsOptions, show func(LogLine) error) error {
	l := &logs{Runner: r, LogsOptions: o, show: show, last: map[string]time.Time{}}
	err := l.run(ctx)
	switch {
	case ctx.Err() != nil && o.Follow:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	return failedOrNil(l.unreadable)
}

// logs is one run of Logs.
type logs struct {
	*Runner
	LogsOptions
	show func(LogLine) error

	mu         sync.Mutex
	last       map[string]time.Time // of the lines shown, by container
	unreadable []string             // services
	said       bool                 // that a service has no container
}

func (l *logs) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var events <-chan ContainerEvent
	if l.Follow {
		// Before the list, so that no container is missed.
		var err error
		if events, err = l.Engine.Watch(ctx, l.Group); err != nil {
			return err
		}
	}
	names, containers, err := l.containers(ctx)
	if err != nil {
		return err
	}
	kept := l.keptSources(names, containers)
	if l.Tail >= 0 {
		if err := l.showThere(ctx, containers, kept); err != nil {
			return err
		}
	}
	if !l.Follow {
		l.sayNothing(containers)
		return nil
	}
	return l.follow(ctx, containers, events)
}

// containers returns the services whose logs are shown, and their containers.
func (l *logs) containers(ctx context.Context) ([]string, []Container, error) {
	containers, err := l.mine(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	names, err := l.known(l.Services, byService(containers))
	return names, slices.DeleteFunc(containers, func(c Container) bool { return !slices.Contains(names, c.Labels.Service) }), err
}

// showThere shows the lines that there are, with those that were kept.
func (l *logs) showThere(ctx context.Context, containers []Container, kept []*logSource) error {
	sources := make([]*logSource, len(containers))
	defer func() {
		for _, s := range sources {
			s.close()
		}
	}()
	var opening sync.WaitGroup
	asks := newSemaphore(asksAtOnce)
	for i, c := range containers {
		sources[i] = &logSource{service: c.Labels.Service, container: c.ID, grep: l.Grep}
		opening.Go(func() {
			_ = asks.do(ctx, func() error {
				err := l.open(ctx, sources[i])
				l.cannotRead(ctx, c.Labels.Service, err)
				return nil
			})
		})
	}
	opening.Wait()
	return inOrder(append(sources, kept...), func(s *logSource, line LogLine) error {
		l.last[s.container] = line.Time
		return l.show(line)
	}, func(s *logSource, err error) { l.cannotRead(ctx, s.service, err) })
}

// open begins to read a container's log. With both Tail and Grep only we can
// count the lines.
func (l *logs) open(ctx context.Context, s *logSource) error {
	options := LogOptions{Tail: l.Tail, Since: l.Since, Timestamps: true}
	if l.Grep != nil {
		options.Tail = 0
	}
	reader, err := l.Engine.Logs(ctx, s.container, options)
	if err != nil {
		return err
	}
	s.use(reader)
	if l.Grep != nil && l.Tail > 0 {
		return s.keepLast(l.Tail)
	}
	return nil
}

// cannotRead reports a log that cannot be read, unless its container has gone.
func (l *logs) cannotRead(ctx context.Context, service string, err error) {
	if err == nil || errors.Is(err, ErrNotFound) || ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	l.unreadable = append(l.unreadable, service)
	l.mu.Unlock()
	l.emit(Event{Service: service, Phase: PhaseFailed, Err: err})
}

// logSource is the log of one container.
type logSource struct {
	service   string
	container string
	grep      *regexp.Regexp
	closer    io.Closer
	lines     *bufio.Reader // nil: all that is left is in kept
	kept      []LogLine
	time      time.Time // of the last line
	// again is set where the log can be read again from the last line. A line
	// at its end that is not complete is in rest then: it may have been cut off.
	again bool
	rest  string
}

func (s *logSource) use(reader io.ReadCloser) {
	s.closer, s.lines, s.rest = reader, bufio.NewReader(reader), ""
}

func (s *logSource) close() {
	if s != nil && s.closer != nil {
		_ = s.closer.Close()
	}
}

// next returns the next line that is to be shown, or io.EOF.
func (s *logSource) next() (LogLine, error) {
	if s.lines == nil {
		if len(s.kept) == 0 {
			return LogLine{}, io.EOF
		}
		line := s.kept[0]
		s.kept = s.kept[1:]
		return line, nil
	}
	for {
		text, err := s.lines.ReadString('\n')
		if err != nil && s.again {
			s.rest = text
			return LogLine{}, err
		}
		if text == "" || err != nil && !errors.Is(err, io.EOF) {
			return LogLine{}, err // half a line must not look like a whole one
		}
		if line := s.parse(text); s.shows(line) {
			return line, nil
		}
	}
}

func (s *logSource) shows(line LogLine) bool { return s.grep == nil || s.grep.MatchString(line.Text) }

// keepLast reads to the end and keeps the last lines.
func (s *logSource) keepLast(n int) error {
	var kept []LogLine
	for {
		line, err := s.next()
		if err != nil {
			s.lines, s.kept = nil, kept
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if kept = append(kept, line); len(kept) > n {
			kept = kept[1:]
		}
	}
}

// parse takes a line of the engine apart. A line without a time has that of
// the one before it.
func (s *logSource) parse(text string) LogLine {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	word, rest, _ := strings.Cut(text, " ")
	at, err := time.Parse(time.RFC3339Nano, word)
	if err != nil {
		return LogLine{Service: s.service, Time: s.time, Text: text}
	}
	s.time = at
	return LogLine{Service: s.service, Time: at, Text: joined(rest, len(word))}
}

// longLine is where the engine breaks a line that is longer into pieces.
const longLine = 16 << 10

// joined takes out the times that the engine puts before each piece of a long
// line. All have one length.
func joined(text string, timeLength int) string {
	if len(text) <= longLine+timeLength {
		return text
	}
	var b strings.Builder
	for len(text) > longLine+timeLength {
		b.WriteString(text[:longLine])
		text = text[longLine:]
		if _, err := time.Parse(time.RFC3339Nano, text[:timeLength]); err == nil {
			text = strings.TrimPrefix(text[timeLength:], " ")
		}
	}
	return b.String() + text
}

// inOrder shows the lines of several logs in the order of their times. Each
// log is in order by itself.
func inOrder(sources []*logSource, show func(*logSource, LogLine) error, failed func(*logSource, error)) error {
	type head struct {
		source *logSource
		line   LogLine
	}
	var heads []head
	advance := func(s *logSource) (LogLine, bool) {
		line, err := s.next()
		if err != nil && !errors.Is(err, io.EOF) {
			failed(s, err)
		}
		return line, err == nil
	}
	for _, s := range sources {
		if line, ok := advance(s); ok {
			heads = append(heads, head{s, line})
		}
	}
	for len(heads) > 0 {
		first := 0
		for i := range heads {
			if heads[i].line.Time.Before(heads[first].line.Time) {
				first = i
			}
		}
		h := &heads[first]
		if err := show(h.source, h.line); err != nil {
			return err
		}
		line, ok := advance(h.source)
		if h.line = line; !ok {
			heads = slices.Delete(heads, first, first+1)
		}
	}
	return nil
}
