package docker

import (
	"testing"

	"github.com/miniboss/miniboss/runtime"
)

func TestReactionTo(t *testing.T) {
	t.Parallel()
	const first, second = "Name:\tnode\nPid:\t4711\nNSpid:\t4711\t1\n", "Name:\tnode\nPid:\t4712\nNSpid:\t4712\t7\n"
	masks := func(blocked, ignored, caught string) string {
		return "SigQ:\t0/1\nSigPnd:\t0000000000000000\nSigBlk:\t" + blocked + "\nSigIgn:\t" + ignored + "\nSigCgt:\t" + caught + "\n"
	}
	const none = "0000000000000000"
	for _, test := range []struct {
		name   string
		signal string
		status string
		want   runtime.Reaction
	}{
		{"sh and sleep", "SIGTERM", first + masks(none, "0000000000000006", none), runtime.ReactionDropped},
		{"node without a handler", "SIGTERM", first + masks(none, "0000000000001000", "0000000100000002"), runtime.ReactionDropped},
		{"node with one", "SIGTERM", first + masks(none, "0000000000001000", "0000000100004002"), runtime.ReactionHandles},
		{"another signal than the handled one", "SIGINT", first + masks(none, none, "0000000000004000"), runtime.ReactionDropped},
		{"trap '' TERM", "SIGTERM", first + masks(none, "0000000000004000", none), runtime.ReactionIgnores},
		{"tini, which waits", "SIGTERM", first + masks("fffffffe7ffbfaf7", none, none), runtime.ReactionHandles},
		{"not number 1", "SIGTERM", second + masks(none, none, none), runtime.ReactionUnknown},
		{"of the host", "SIGTERM", "NSpid:\t4711\n" + masks(none, none, none), runtime.ReactionUnknown},
		{"a number", "28", first + masks(none, none, "0000000008000000"), runtime.ReactionHandles},
		{"a signal of real time", "SIGRTMIN+3", first + masks(none, none, "0000001000000000"), runtime.ReactionHandles},
		{"nothing", "SIGTERM", "", runtime.ReactionUnknown},
		{"no masks", "SIGTERM", first, runtime.ReactionUnknown},
	} {
		if got := reactionTo(signalNumber(test.signal), test.status); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	for _, name := range []string{"", "SIGNONE", "SIGRTMIN+x", "-1", "65"} {
		if number := signalNumber(name); number != 0 {
			t.Errorf("%q is %d", name, number)
		}
	}
}
