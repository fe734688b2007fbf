package runtime

import (
	"context"
	"errors"
	"io"
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
			f.last[found.container] = found.line.Time
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
			if e.Action == "start" {
				if err := f.started(ctx, e.ID); err != nil {
					return err
				}
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
		containers, err := f.containers(ctx)
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
		// By our clock, but used only where it is started again without having
		// written a line.
		f.last[id] = time.Now()
	}
	f.reading[id], f.service[id] = false, service
	f.readers.Go(func() {
		defer func() {
			select {
			case f.ended <- id:
			case <-ctx.Done():
			}
		}()
		reader, err := f.Engine.Logs(ctx, id, options)
		if err != nil {
			f.cannotRead(ctx, service, err)
			return
		}
		// Closing it is what ends the reading.
		defer context.AfterFunc(ctx, func() { _ = reader.Close() })()
		source := &logSource{service: service, container: id, grep: f.Grep}
		source.use(reader)
		defer source.close()
		for {
			line, err := source.next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					f.cannotRead(ctx, service, err)
				}
				return
			}
			select {
			case f.lines <- followed{id, line}:
			case <-ctx.Done():
				return
			}
		}
	})
}
