package state

import (
	"errors"
	"testing"
	"testing/synctest"
)

// same compares a text with what is expected.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// bubble runs a test in which time passes by itself when nothing else is to be
// done.
func bubble(t *testing.T, name string, run func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, run)
	})
}

// errInterrupted is the cause of a context that a user cancelled.
var errInterrupted = errors.New("interrupted")
