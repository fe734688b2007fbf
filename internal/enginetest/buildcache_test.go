package enginetest

import (
	"slices"
	"testing"
	"time"
)

func TestIdleOfTests(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	after, before := began.Add(time.Second), began.Add(-time.Second)
	records := []cacheRecord{
		{ID: "base", Description: "from local ", CreatedAt: after},
		{ID: "copy", Parent: "base", Description: "fileop target", CreatedAt: after},
		{ID: "run", Parent: "copy", Description: "mount / from exec /testserver sleep 100ms", CreatedAt: after},
		{ID: "then", Parents: []string{"run"}, Description: "fileop target", CreatedAt: after},
		{ID: "used", Parent: "copy", Description: "mount / from exec /testserver echo", CreatedAt: after, InUse: true},
		{ID: "old", Parent: "copy", Description: "mount / from exec /testserver exit 1", CreatedAt: before},
		{ID: "sent", Description: "http url http://build-context-abc", CreatedAt: after},
		{ID: "sent-before", Description: "http url http://build-context-def", CreatedAt: before},
		{ID: "unpacked", Description: "fileop target", CreatedAt: after},
		{ID: "another-copy", Parent: "base", Description: "fileop target", CreatedAt: after},
		{ID: "another-run", Parent: "another-copy", Description: "mount / from exec /bin/sh -c make", CreatedAt: after},
	}
	if got, want := idleOfTests(records, began), []string{"copy", "run", "then", "sent"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}
