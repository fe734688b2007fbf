package runtime

import "time"

// The pause between two pings begins short and doubles, so that what starts
// fast is noticed fast. The contract allows 0.1 s between two calls: half of it
// leaves room for what a call takes, and for a machine that is busy with a
// hundred services (see docs/performance.md).
const (
	firstPause  = 5 * time.Millisecond
	longestWait = 50 * time.Millisecond
)

// Where it is known when a service ought to answer, it is asked seldom before
// that, as each ping costs CPU, and often around it.
const (
	earlyWait     = 80 * time.Millisecond
	expectedLeast = 10 * time.Millisecond
	expectedMost  = 100 * time.Millisecond
	expectedPause = 10 * time.Millisecond
)

// pauseAfter returns how long to wait for the next ping: the last pause was
// last, the container has been up for elapsed, and is expected to answer after
// expected; 0: it is not known.
func pauseAfter(last, elapsed, expected time.Duration) time.Duration {
	around := min(max(expected/20, expectedLeast), expectedMost)
	early := expected - around - elapsed
	switch {
	case expected == 0, elapsed >= expected+around:
		return min(max(2*last, firstPause), longestWait)
	case early > 0:
		pings := early/earlyWait + 1
		return max(early/pings, firstPause)
	}
	return min(max(expected/50, firstPause), expectedPause)
}

// readyKey names what takes its time: a database fills its volume at its first start
// alone.
func readyKey(service, image string, action Action) string {
	start := "again"
	if action == Create || action == Replace {
		start = "new"
	}
	return start + " " + service + " " + image
}
