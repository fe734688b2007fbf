package state

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Journal notes what a command asks the engine to do to containers while that
// is done. The engine carries it out, also when the command that asked is killed
// or loses the connection, and until then it shows a container as it was before:
// as running, as created, or not at all. The next command learns it from here. A
// nil Journal notes nothing.
type Journal struct {
	path     string
	ReadOnly bool // it only tells what is noted

	mu   sync.Mutex
	open map[string]Verb // by the container's id, or its name where it is created, or what the verb says; nil: not read yet
	file *os.File
	size int64 // of the file's whole lines: where the next one begins
}

// Verb is what the engine was asked for.
type Verb string

// The verbs of containers and networks, which are taken back by VerbDone when the engine
// has done it, and those that say what is.
const (
	VerbCreate  Verb = "create"
	VerbStart   Verb = "start"
	VerbStop    Verb = "stop"
	VerbRemove  Verb = "remove"
	VerbNetwork Verb = "network"
	// VerbAwait is of a container that was restarted and is not ready yet.
	VerbAwait Verb = "await"
	// VerbReady is of a container that is ready, and whose name does not say so
	// yet.
	VerbReady Verb = "ready"
	// VerbFailed is of a container that failed and is kept, and whose name cannot
	// say so.
	VerbFailed Verb = "failed"
	// VerbImage is of an image that may lose its name and its containers.
	VerbImage Verb = "image"
	// VerbBuild is of the name that an image has while it is built.
	VerbBuild Verb = "build"
	// VerbRestart is of a service, by ServiceKey, that a restart stops, until it is
	// started again.
	VerbRestart Verb = "restart"
	VerbDone    Verb = "done"
)

// NewJournal returns the journal of what a lock of that name guards, in the
// directory of locks (see TakeLock). It is used by who has the lock.
func NewJournal(dir, name string) *Journal {
	return &Journal{path: filepath.Join(dir, GuardedName(name)+".journal")}
}

// ReadJournal returns the journal for a command that does not have the lock: it
// tells what is noted in it, and notes nothing.
func ReadJournal(dir, name string) *Journal {
	j := NewJournal(dir, name)
	j.ReadOnly = true
	return j
}

// GuardedName begins the names of the files that a lock guards.
func GuardedName(lock string) string {
	sum := sha256.Sum256([]byte(lock))
	return hex.EncodeToString(sum[:8])
}

// Unfinished returns what earlier commands did not see the end of, but for
// images, restarts and marks.
func (j *Journal) Unfinished() map[string]Verb {
	return j.Those(func(key string, v Verb) bool {
		return v != VerbImage && v != VerbBuild && v != VerbRestart && !strings.HasPrefix(key, MarkPrefix)
	})
}

// Those returns what is open of which the function says so, by what it is noted by.
func (j *Journal) Those(which func(key string, v Verb) bool) map[string]Verb {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.read()
	list := map[string]Verb{}
	for id, v := range j.open {
		if which(id, v) {
			list[id] = v
		}
	}
	return list
}

// Doing notes that something is done to a container, does it, and notes that it
// is done where it did not fail.
func (j *Journal) Doing(v Verb, id string, do func() error) error {
	j.Note(v, id)
	err := do()
	if err == nil {
		j.Note(VerbDone, id)
	}
	return err
}

// Note writes a line, and empties the file where nothing is left to be done.
// That it cannot be written is worth no message: it only matters after a kill.
func (j *Journal) Note(v Verb, id string) {
	if j == nil || j.ReadOnly {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.read()
	if v == VerbDone {
		if _, begun := j.open[id]; !begun {
			return
		}
		delete(j.open, id)
	} else {
		j.open[id] = v
	}
	if j.file == nil {
		var err error
		if j.file, err = os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE, 0o600); err != nil {
			return
		}
		j.cut()
		j.shorten() // else it grows for as long as something is left to be done
	}
	if len(j.open) == 0 {
		j.size = 0
		j.cut()
		return
	}
	if j.write(fmt.Appendln(nil, v, id), j.size) != nil {
		j.shorten()
	}
}

// write writes lines at an offset, where the file ends then: what was written
// of them on a disk that is full would be a part of the next line.
func (j *Journal) write(lines []byte, at int64) error {
	atEnd := at == j.size
	_, err := j.file.WriteAt(lines, at)
	if err == nil {
		j.size = at + int64(len(lines))
	}
	if err != nil || !atEnd {
		j.cut()
	}
	return err
}

func (j *Journal) cut() { _ = j.file.Truncate(j.size) }

// shorten writes anew what is still to be done, where the room that the file has
// is enough for that. Without a line that did not fit, the next command would
// finish what is finished, such as a stop of what was started again.
func (j *Journal) shorten() {
	var lines []byte
	for _, id := range slices.Sorted(maps.Keys(j.open)) {
		lines = fmt.Appendln(lines, j.open[id], id)
	}
	if int64(len(lines)) <= j.size {
		_ = j.write(lines, 0)
	}
}

// read reads the file, once. A last line that was cut off counts for nothing:
// what it tells of was not begun.
func (j *Journal) read() {
	if j.open != nil {
		return
	}
	j.open = map[string]Verb{}
	data, _ := os.ReadFile(j.path)
	for line := range strings.Lines(string(data)) {
		v, id, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case !strings.HasSuffix(line, "\n"):
			continue
		case Verb(v) == VerbDone:
			delete(j.open, id)
		case slices.Contains([]Verb{VerbCreate, VerbStart, VerbStop, VerbRemove, VerbNetwork, VerbAwait, VerbReady, VerbFailed, VerbImage, VerbBuild, VerbRestart}, Verb(v)):
			j.open[id] = Verb(v)
		}
		j.size += int64(len(line))
	}
}

// Close gives the file back.
func (j *Journal) Close() error {
	if j == nil || j.file == nil {
		return nil
	}
	return j.file.Close()
}

// ToRestart reports whether an earlier restart has stopped a service, which nothing
// has started since.
func (j *Journal) ToRestart(service string) bool {
	_, is := j.Those(func(_ string, v Verb) bool { return v == VerbRestart })[ServiceKey(service)]
	return is
}

// ForgetRestarts drops the restarts of services that are not known any more.
func (j *Journal) ForgetRestarts(known func(service string) bool) {
	for key := range j.Those(func(_ string, v Verb) bool { return v == VerbRestart }) {
		if !known(strings.TrimPrefix(key, ServiceKey(""))) {
			j.Note(VerbDone, key)
		}
	}
}

// ServiceKey is what a service is noted by. Nothing else has such a name.
func ServiceKey(service string) string { return "service/" + service }

// Settled notes that everything is done, also about what is gone.
func (j *Journal) Settled(unfinished map[string]Verb) {
	for id := range unfinished {
		j.Note(VerbDone, id)
	}
}

// MarkPrefix begins what a mark of a container is noted by (see MarkKey).
const MarkPrefix = "name/"

// MarkKey is what the mark of a container is noted by. Nothing else has such a
// name.
func MarkKey(id string) string { return MarkPrefix + id }
