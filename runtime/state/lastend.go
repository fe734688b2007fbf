package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// LastEnds remembers why services have no container: how their last start ended,
// with the end of the log of the container that was removed then. It has one file
// a service beside the group's journal, readable by the user alone, until the
// service is started or removed. That it cannot be written or read is worth no
// message. Nil remembers nothing.
type LastEnds struct {
	prefix string // of the files' paths
}

// LastEnd is how a service's last start ended.
type LastEnd struct {
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"` // failed, skipped, interrupted
	Reason  string    `json:"reason,omitempty"`
	Log     []byte    `json:"-"` // lines, each with the engine's time
}

// NewLastEnds returns what is remembered of the services of the group that a lock
// of that name guards, in the directory of locks.
func NewLastEnds(dir, lock string) *LastEnds {
	return &LastEnds{prefix: filepath.Join(dir, GuardedName(lock)+".last.")}
}

func (l *LastEnds) path(service string) string { return l.prefix + service }

// Remember notes the end of a service's start. It is used by who has the lock.
func (l *LastEnds) Remember(service string, end LastEnd) {
	if l == nil {
		return
	}
	head, err := json.Marshal(end)
	if err == nil {
		_ = WriteAtomic(l.path(service), append(append(head, '\n'), end.Log...))
	}
}

// Forget drops what is remembered of services.
func (l *LastEnds) Forget(services ...string) {
	if l == nil {
		return
	}
	for _, service := range services {
		_ = os.Remove(l.path(service))
		_ = os.Remove(TemporaryOf(l.path(service))) // of a killed command
	}
}

// ForgetAll drops what is remembered of the group.
func (l *LastEnds) ForgetAll() {
	if l == nil {
		return
	}
	files, _ := os.ReadDir(filepath.Dir(l.prefix))
	for _, file := range files {
		if strings.HasPrefix(file.Name(), filepath.Base(l.prefix)) {
			_ = os.Remove(filepath.Join(filepath.Dir(l.prefix), file.Name()))
		}
	}
}

// Of returns how a service's last start ended; nil: nothing is remembered.
func (l *LastEnds) Of(service string) *LastEnd {
	if l == nil {
		return nil
	}
	data, err := os.ReadFile(l.path(service))
	if err != nil {
		return nil
	}
	head, log, _ := bytes.Cut(data, []byte("\n"))
	end := &LastEnd{Log: log}
	if json.Unmarshal(head, end) != nil {
		return nil
	}
	return end
}

// String tells the end: "its last start failed 2 min ago: …".
func (e *LastEnd) String() string {
	text := "its last start was " + e.Outcome
	if e.Outcome == "failed" {
		text = "its last start failed"
	}
	text += " " + ago(time.Since(e.At))
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// ago tells how long ago something was, in one unit.
func ago(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
