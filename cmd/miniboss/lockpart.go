package main

import (
	"bytes"
	"context"
	"errors"
)

// errContextChanged says that another command has changed the saved context
// since the file was loaded.
var errContextChanged = errors.New("another command has changed the saved context")

// whileLocked is for commands that change something of the group in one part
// only: it takes the group's lock, which they did not take at load, calls do, and
// gives the lock back. Where another command has changed the saved context since
// the file was loaded, it returns errContextChanged, and the file is to be loaded
// again.
func (s *session) whileLocked(ctx context.Context, do func() error) error {
	if err := s.lock(ctx, s.runner.Group); err != nil {
		return err
	}
	defer s.unlock()
	saved, err := s.store().Load(s.runner.Group)
	if err != nil {
		return err
	}
	if !bytes.Equal(saved, s.saved) {
		return errContextChanged
	}
	s.setUnlocked(false)
	defer s.setUnlocked(true)
	return do()
}

// unlock gives back the locks that lock has taken.
func (s *session) unlock() {
	for _, lock := range s.locks {
		_ = lock.Release()
	}
	s.locks = nil
}

// setUnlocked says whether the runner may note and save what it does.
func (s *session) setUnlocked(unlocked bool) {
	s.unlocked = unlocked
	_ = s.runner.Journal.Close()
	s.runner.ReadOnly, s.runner.Journal, s.runner.HashKey = unlocked, s.journal(s.runner.Group), s.keys()
}
