package runtime

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"github.com/miniboss/miniboss/runtime/state"
)

// Adopted remembers which things of a group a file has taken over from files
// that are gone. The labels on them still name the old file, where another one
// may come to be. A nil Adopted remembers nothing.
type Adopted struct {
	path string

	mu    sync.Mutex
	known bool
	files map[string]string // by the thing's key
}

// NewAdopted returns what was taken over in the group that a lock of that name
// guards, in the directory of locks (see TakeLock). Only who has the lock writes.
func NewAdopted(dir, name string) *Adopted {
	return &Adopted{path: filepath.Join(dir, state.GuardedName(name)+".adopted")}
}

// read reads the file, once. Without it the labels count.
func (a *Adopted) read() {
	if a.known {
		return
	}
	a.known = true
	if data, err := os.ReadFile(a.path); err == nil {
		_ = json.Unmarshal(data, &a.files)
	}
}

// owner returns the file that has taken a thing over, or "".
func (a *Adopted) owner(key string) string {
	if a == nil {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.read()
	return a.files[key]
}

// keep notes that the file takes over some of the group's things, which the keys
// are of, and forgets those that are not there any more.
func (a *Adopted) keep(file string, things []thing, taken map[string]bool) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.read()
	next := map[string]string{}
	changed := false
	for _, t := range things {
		owner := a.files[t.key]
		if taken[t.key] {
			owner, changed = file, true
		}
		if owner != "" {
			next[t.key] = owner
		}
	}
	if !changed && len(next) == len(a.files) {
		return
	}
	a.files = next
	if len(next) == 0 {
		_ = os.Remove(a.path)
		return
	}
	// That it cannot be written is worth no message: the next command takes the
	// things over again, as long as no file is where the old one was.
	if data, err := json.Marshal(next); err == nil {
		_ = state.WriteAtomic(a.path, data)
	}
}
