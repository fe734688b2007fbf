package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// batchTime is how long lines are held back so that those of several
	// containers can be put in order.
	batchTime = 20 * time.Millisecond
	// batchLines is how many lines are held back at most.
	batchLines = 1000
)

// A log whose connection was lost is asked for again so soon, and given up
// after so long.
const (
	firstAgain = 50 * time.Millisecond
	lastAgain  = 2 * time.Second
	againLimit = 2 * time.Minute
)

// follower follows the logs of a group's containers.
type follower struct {
	*logs
	lines   chan followed
	ended   chan string // ids of containers whose log has ended
	readers sync.WaitGroup
	// reading has the containers that are read. Its value is set where one was
	// started again meanwhile: its log ends when it stops.
	reading map[string]bool
	service map[string]string // by container
}

type followed struct {
	container string
	line      LogLine
}

// follow shows what is written from now on.
func (l *logs) follow(ctx context.Context, containers []Container, events <-chan ContainerEvent) error {
	ctx, cancel := context.WithCancel(ctx)
	f := &follower{logs: l, lines: make(chan followed), ended: make(chan string), reading: map[string]bool{}, service: map[string]string{}}
	defer f.readers.Wait()
	defer cancel()
	for _, c := range containers {
		f.read(ctx, c.ID, c.Labels.Service, l.Tail)
	}
	return f.loop(ctx, events)
}

func (f *follower) loop(ctx context.Context, events <-chan ContainerEvent) error {
	var batch []LogLine
	var due <-chan time.Time
	flush := func() error {
		slices.SortStableFunc(batch, func(a, b LogLine) int { return a.Time.Compare(b.Time) })
		for _, line := range batch {
			if err := f.show(line); err != nil {
				return err
			}
		}
		batch, due = batch[:0], nil
		return nil
	}
	for {
		select {
		case found := <-f.lines:
			if at := found.line.Time; at.After(f.last[found.container]) {
				f.last[found.container] = at
			}
			if batch = append(batch, found.line); len(batch) < batchLines {
				if due == nil {
					due = time.After(batchTime)
				}
				continue
			}
			if err := flush(); err != nil {
				return err
			}
		case <-due:
			if err := flush(); err != nil {
				return err
			}
		case id := <-f.ended:
			again := f.reading[id]
			delete(f.reading, id)
			if again {
				f.read(ctx, id, f.service[id], 0)
			}
		case e, open := <-events:
			if !open {
				return errors.Join(flush(), context.Cause(ctx))
			}
			var err error
			switch e.Action {
			case "start":
				err = f.started(ctx, e.ID)
			case EventLost:
				// It says why, unless the engine has come back just now.
				_, err = f.Engine.Containers(ctx, Selector{Group: f.Group})
			}
			if err != nil {
				return errors.Join(flush(), err)
			}
		case <-ctx.Done():
			return errors.Join(flush(), context.Cause(ctx))
		}
	}
}

// started reads a container that was started, if it is one of those that are
// shown.
func (f *follower) started(ctx context.Context, id string) error {
	if _, reads := f.reading[id]; reads {
		f.reading[id] = true
		return nil
	}
	if f.service[id] == "" {
		_, containers, err := f.containers(ctx)
		if err != nil {
			return err
		}
		for _, c := range containers {
			f.service[c.ID] = c.Labels.Service
		}
	}
	if service := f.service[id]; service != "" {
		f.read(ctx, id, service, 0)
	}
	return nil
}

// read reads a container's log from the last line that was shown.
func (f *follower) read(ctx context.Context, id, service string, tail int) {
	options := LogOptions{Follow: true, Timestamps: true, Since: f.Since, Tail: min(tail, 0)}
	if last := f.last[id]; !last.IsZero() {
		options.Since = last.Add(1)
	}
	if tail < 0 {
		// Used only where it is started again without having written a line.
		f.last[id] = f.Engine.Now()
	}
	f.reading[id], f.service[id] = false, service
	f.readers.Go(func() {
		defer func() {
			select {
			case f.ended <- id:
			case <-ctx.Done():
			}
		}()
		source := &logSource{service: service, container: id, grep: f.Grep, again: true}
		f.cannotRead(ctx, service, f.readAll(ctx, source, options))
	})
}

// readAll reads a log until its container has ended, also across connections
// that are lost. A log ends in both cases, so it is read again, from the last
// line on: for the last time where the container had ended before.
func (f *follower) readAll(ctx context.Context, s *logSource, options LogOptions) error {
	if err := f.readOn(ctx, s, &options); err != nil {
		return err
	}
	options.Tail = 0
	wait, failing := firstAgain, time.Time{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, lastAgain)
		since := options.Since
		state, err := f.Engine.State(ctx, s.container)
		if err == nil {
			err = f.readOn(ctx, s, &options)
		}
		if options.Since.After(since) {
			wait = firstAgain
		}
		ended := state.Status != "running" && state.Status != "paused"
		switch {
		case err == nil && !ended:
			failing = time.Time{}
			continue
		case err == nil, errors.Is(err, ErrNotFound), !failing.IsZero() && time.Since(failing) > againLimit:
			if line := s.parse(s.rest); s.rest != "" && s.shows(line) {
				f.found(ctx, s, line)
			}
			return err
		case failing.IsZero():
			failing = time.Now()
		}
	}
}

// readOn reads a log to its end, and sets from where it is read next. The error
// is that it cannot be opened.
func (f *follower) readOn(ctx context.Context, s *logSource, options *LogOptions) error {
	reader, err := f.Engine.Logs(ctx, s.container, *options)
	if err != nil {
		return err
	}
	// Closing it is what ends the reading.
	defer context.AfterFunc(ctx, func() { _ = reader.Close() })()
	s.use(reader)
	defer s.close()
	for {
		line, err := s.next()
		if err != nil {
			return nil
		}
		f.found(ctx, s, line)
		// Lines of stdout and stderr may be a little out of order.
		if !line.Time.Before(options.Since) {
			options.Since = line.Time.Add(1)
		}
	}
}

func (f *follower) found(ctx context.Context, s *logSource, line LogLine) {
	select {
	case f.lines <- followed{s.container, line}:
	case <-ctx.Done():
	}
}
