package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/state"
)

// lock takes the group's lock on this engine. It is held until the command ends.
func (s *session) lock(ctx context.Context, group string) error {
	name := s.lockName(group)
	if s.locks[name] != nil {
		return nil // the file told its group before it turned out to be broken
	}
	lock, err := state.TakeLock(ctx, lockDir(), name, func() {
		s.show(runtime.Event{Time: time.Now(), Phase: runtime.PhaseNotice,
			Cause: fmt.Sprintf("another miniboss command is working on group %s, waiting for it to finish", group)})
	})
	if err != nil {
		return err
	}
	if s.locks == nil {
		s.locks = map[string]*state.Lock{}
	}
	s.locks[name] = lock
	return nil
}

func (s *session) lockName(group string) string { return "group " + group + s.onEngine() }

// onEngine ends the names of locks.
func (s *session) onEngine() string { return " on " + sameAddress(s.engine.Host()) }

// sameAddress makes one of the addresses of a socket that a link leads to, such
// as /var/run/docker.sock and /run/docker.sock.
func sameAddress(host string) string {
	const scheme = "unix://"
	if socket, isUnix := strings.CutPrefix(host, scheme); isUnix {
		if real, err := filepath.EvalSymlinks(socket); err == nil {
			return scheme + real
		}
	}
	return host
}

// tryLock takes a lock on this engine, or returns nil where another process of
// the user has it.
func (s *session) tryLock(name string) (release func(), err error) {
	lock, err := state.TryLock(lockDir(), name+s.onEngine())
	if lock == nil {
		return nil, err
	}
	return func() { _ = lock.Release() }, nil
}

// lockDir is where this user's locks are.
func lockDir() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "miniboss", "locks")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("miniboss-%d", os.Getuid()))
}
