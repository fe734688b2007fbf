package state

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// holdLock is the variable that makes the test binary take a lock and hold it
// until it is killed.
const holdLock = "MINIBOSS_TEST_HOLD_LOCK"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdLock); dir != "" {
		if _, err := TakeLock(context.Background(), dir, "group shop", func() {}); err != nil {
			_, _ = os.Stdout.WriteString(err.Error() + "\n")
			return
		}
		_, _ = os.Stdout.WriteString("held\n")
		_, _ = os.Stdin.Read(make([]byte, 1)) // returns when the test ends, however it ends
		return
	}
	goleak.VerifyTestMain(m)
}

// never is for locks that are free.
func never(t *testing.T) func() {
	return func() { t.Error("it waits for a lock that is free") }
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	first, err := TakeLock(t.Context(), dir, "group shop", never(t))
	if err != nil {
		t.Fatal(err)
	}
	other, err := TakeLock(t.Context(), dir, "group shop2", never(t))
	if err != nil {
		t.Fatal(err)
	}
	var said atomic.Int32
	waits := make(chan struct{})
	got := make(chan error, 1)
	go func() {
		second, err := TakeLock(t.Context(), dir, "group shop", func() {
			said.Add(1)
			close(waits)
		})
		if err == nil {
			err = second.Release()
		}
		got <- err
	}()
	<-waits
	select {
	case err := <-got:
		t.Fatalf("the second did not wait: %v", err)
	case <-time.After(3 * lockRetry):
	}
	if err := first.Release(); err != nil {
		t.Error(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	if said.Load() != 1 {
		t.Errorf("it said %d times that it waits", said.Load())
	}
	if err := other.Release(); err != nil {
		t.Error(err)
	}
	third, err := TakeLock(t.Context(), dir, "group shop", never(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Release(); err != nil {
		t.Error(err)
	}
	if goruntime.GOOS != "windows" {
		for _, name := range append(names(t, dir), "") {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s is open to others: %v, %v", name, info.Mode(), err)
			}
		}
	}
}

// Ctrl-C ends waiting, and what is returned is the reason, not a message of
// its own.
func TestLockCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := TakeLock(t.Context(), dir, "group shop", never(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	lock, err := TakeLock(ctx, dir, "group shop", func() { cancel(errInterrupted) })
	if lock != nil || !errors.Is(err, errInterrupted) {
		t.Errorf("got %v, %v", lock, err)
	}
	if err := first.Release(); err != nil {
		t.Error(err)
	}
	// Giving up left nothing locked.
	again, err := TakeLock(t.Context(), dir, "group shop", never(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestLockDirectoryCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "", 0o600)
	_, err := TakeLock(t.Context(), filepath.Join(file, "locks"), "group shop", never(t))
	if want := "lock: mkdir " + file + ": not a directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A process that is killed cannot let go of anything itself.
func TestLockOfAKilledProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	holder := exec.CommandContext(t.Context(), os.Args[0])
	holder.Env = append(os.Environ(), holdLock+"="+dir)
	if _, err := holder.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "held" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	waited := false
	lock, err := TakeLock(t.Context(), dir, "group shop", func() {
		waited = true
		if err := holder.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !waited {
		t.Error("the lock was free while the holder lived")
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	if err := holder.Wait(); err == nil {
		t.Error("the holder ended by itself")
	}
}
