package runtime

import (
	"fmt"
	"slices"
	"strings"
)

// FailedError says what failed in a command, all of which has been reported
// already, as events. It wraps ErrFailed.
type FailedError struct {
	Failed  []string // services, or what else failed by itself
	Skipped []string // services that were not started because of those
}

// Error counts and names them: 1 failed: api · 1 skipped: web.
func (e *FailedError) Error() string {
	var parts []string
	for _, part := range []struct {
		what  string
		names []string
	}{{"failed", e.Failed}, {"skipped", e.Skipped}} {
		if len(part.names) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s: %s", len(part.names), part.what, strings.Join(part.names, ", ")))
		}
	}
	return strings.Join(parts, " · ")
}

func (e *FailedError) Unwrap() error { return ErrFailed }

// names returns all services that are not started. A nil error has none.
func (e *FailedError) names() []string {
	if e == nil {
		return nil
	}
	return slices.Concat(e.Failed, e.Skipped)
}

// failedOrNil is for a list that is empty where all went well.
func failedOrNil(names []string) error {
	if len(names) == 0 {
		return nil
	}
	return &FailedError{Failed: names}
}
