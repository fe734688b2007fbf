package main

import (
	"context"
	"errors"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// withLook is withSession for commands that change nothing of the group: they
// do not take its lock, since a start may be at work on what one wants to look
// at, and they save nothing. Where brokenToo is set, they also work where the
// file cannot be loaded any more, with what it once started.
func (a *app) withLook(ctx context.Context, g *globals, path string, brokenToo bool, run func(*session) error) error {
	form := g.progress
	if form == "auto" || form == "live" {
		form = "plain" // the terminal is for the result
	}
	s := a.newSession(&globals{progress: form}, path)
	s.unlocked = true
	defer s.close()
	loadErr := s.load(ctx)
	var broken *fileError
	if loadErr == nil {
		return s.finish(run(s))
	}
	if !brokenToo || !errors.As(loadErr, &broken) {
		return loadErr
	}
	groups, err := s.groupsOfFile(ctx)
	if err != nil || len(groups) != 1 {
		return loadErr // no engine is not what is wrong first
	}
	s.show(runtime.Event{Time: time.Now(), Phase: runtime.PhaseWarning,
		Cause: "the file cannot be loaded, using the containers it started earlier\n" + a.explain(loadErr)})
	s.runner = s.newRunner(groups[0])
	return run(s)
}

// notice tells something that is no result.
func (s *session) notice(text string) {
	s.show(runtime.Event{Time: time.Now(), Phase: runtime.PhaseNotice, Cause: text})
}

// commandResult makes an exit code an error, so that it becomes that of the
// process.
func commandResult(code int, err error) error {
	if err == nil && code != 0 {
		return &commandExit{code}
	}
	return err
}
