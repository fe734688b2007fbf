package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Lock holds a lock among the processes of this user. The system lets go of it
// when the process ends, however it ends.
type Lock struct {
	file *flock.Flock
}

// lockRetry is how often a lock that another process holds is tried again:
// systems have no portable way to wait for one that can be given up.
const lockRetry = 50 * time.Millisecond

// TakeLock locks a name, in a directory that is made where it is missing. Where
// another process has the lock, waiting is called once and TakeLock waits until
// it is free or ctx ends.
func TakeLock(ctx context.Context, dir, name string, waiting func()) (*Lock, error) {
	file, err := lockFile(dir, name)
	if err != nil {
		return nil, err
	}
	locked, err := file.TryLock()
	if err == nil && !locked {
		waiting()
		_, err = file.TryLockContext(ctx, lockRetry)
	}
	if err != nil {
		_ = file.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("lock %s: %w", file.Path(), err)
	}
	return &Lock{file: file}, nil
}

// TryLock is TakeLock without waiting: where another process has the lock, it
// returns nil.
func TryLock(dir, name string) (*Lock, error) {
	file, err := lockFile(dir, name)
	if err != nil {
		return nil, err
	}
	if locked, err := file.TryLock(); err != nil || !locked {
		_ = file.Close()
		if err != nil {
			err = fmt.Errorf("lock %s: %w", file.Path(), err)
		}
		return nil, err
	}
	return &Lock{file: file}, nil
}

func lockFile(dir, name string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return flock.New(filepath.Join(dir, GuardedName(name)+".lock"), flock.SetPermissions(0o600)), nil
}

// Release lets go of the lock. The file stays: removing it would let two
// processes lock two files of the same name.
func (l *Lock) Release() error { return l.file.Close() }
