package state

import (
	"testing"
	"time"
)

func TestAgo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s ago", 59 * time.Second: "59 s ago", 2*time.Minute + 59*time.Second: "2 min ago", 47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago",
	} {
		same(t, d.String(), ago(d), want)
	}
}
