package runtime

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// Builds remembers what images were built from, in a directory of this user and
// for one engine: for each definition the image that was built last and the files
// it was built from, and for each image a digest of all that went into it. It is
// no label of the image, which would give it another id, and replace containers,
// also where what changed does not get into it. What is lost is found out by a
// build, which the builder's cache makes short. A nil Builds remembers nothing.
type Builds struct {
	dir, engine string

	mu sync.Mutex
}

// NewBuilds returns the memory of the builds on an engine that is kept in a
// directory, which is made when something is remembered.
func NewBuilds(dir, engine string) *Builds { return &Builds{dir: dir, engine: engine} }

// buildRecord is what is known of the last build of a definition.
type buildRecord struct {
	Image   string            // id
	Inputs  string            // digest of all below
	Fields  map[string]string // see buildFields
	Bases   map[string]string // ids of images that are built from the same file, by reference
	Content string            // digest of the files
	Stat    string            // as they looked
	Settled bool              // Stat tells whether they have changed
	Taken   int64             // when they were looked at, in nanoseconds
	Format  int
}

const recordFormat = 1

// inputs sets the digest of all that the image was built from.
func (r *buildRecord) digest() {
	fields, _ := json.Marshal(r.Fields) // sorted by key
	bases, _ := json.Marshal(r.Bases)
	r.Inputs = digestOf(r.Content, string(fields), string(bases))
}

// keptBuilds is how long a record stays that is not used.
const keptBuilds = 90 * 24 * time.Hour

func (b *Builds) path(definition string) string {
	return filepath.Join(b.dir, state.GuardedName(b.engine+"\x00"+definition)+".build")
}

// last returns what is known of the last build of a definition. ok is false where
// nothing is. What cannot be read is worth no message. What a killed command was
// writing is removed: where nothing is to be built, nothing is written that would
// replace it.
func (b *Builds) last(definition string) (record buildRecord, ok bool) {
	if b == nil {
		return record, false
	}
	for _, path := range []string{b.path(definition), b.imagesPath()} {
		_ = os.Remove(state.TemporaryOf(path))
	}
	file, err := os.Open(b.path(definition))
	if err != nil {
		return record, false
	}
	defer func() { _ = file.Close() }()
	line, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil {
		return record, false
	}
	if json.Unmarshal(line, &record) != nil || record.Format != recordFormat {
		return buildRecord{}, false
	}
	if info, err := file.Stat(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
		_ = os.Chtimes(file.Name(), time.Time{}, time.Now()) // it is in use
	}
	return record, true
}

// files returns the files of the last build of a definition.
func (b *Builds) files(definition string) Sources {
	var found Sources
	if b == nil {
		return found
	}
	data, err := os.ReadFile(b.path(definition))
	if err != nil {
		return found
	}
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	var record buildRecord
	if json.Unmarshal(head, &record) != nil {
		return found
	}
	found.Taken = time.Unix(0, record.Taken)
	for entry := range strings.SplitSeq(string(rest), "\x00") {
		if entry == "" {
			continue
		}
		f, ok := parseSourceFile(entry)
		if !ok {
			return Sources{}
		}
		found.Files = append(found.Files, f)
	}
	return found
}

// An entry is the mode, size, two times, the sum and the name; names may hold
// anything but NUL.
func appendSourceFile(data []byte, f SourceFile) []byte {
	data = strconv.AppendUint(data, uint64(f.Mode), 8)
	for _, number := range []int64{f.Size, f.Modified, f.Changed} {
		data = strconv.AppendInt(append(data, ' '), number, 10)
	}
	data = append(append(append(data, ' '), f.Sum...), ' ')
	return append(append(data, f.Name...), 0)
}

func parseSourceFile(entry string) (f SourceFile, ok bool) {
	parts := strings.SplitN(entry, " ", 6)
	if len(parts) != 6 {
		return f, false
	}
	mode, err := strconv.ParseUint(parts[0], 8, 32)
	f = SourceFile{Name: parts[5], Mode: fs.FileMode(mode), Sum: parts[4]}
	for i, number := range []*int64{&f.Size, &f.Modified, &f.Changed} {
		var wrong error
		*number, wrong = strconv.ParseInt(parts[1+i], 10, 64)
		err = errors.Join(err, wrong)
	}
	return f, err == nil
}

// remember keeps what a definition's image is built from, and what that image is.
// That it cannot be kept is worth no message: the next start builds again.
func (b *Builds) remember(definition string, record buildRecord, sources Sources) {
	if b == nil || os.MkdirAll(b.dir, 0o700) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	record.Format, record.Taken = recordFormat, sources.Taken.UnixNano()
	head, err := json.Marshal(record)
	if err != nil {
		return
	}
	data := append(head, '\n')
	for _, f := range sources.Files {
		data = appendSourceFile(data, f)
	}
	_, statErr := os.Stat(b.path(definition))
	_ = state.WriteAtomic(b.path(definition), data)
	b.note(record.Image, record.Inputs)
	if errors.Is(statErr, fs.ErrNotExist) {
		b.removeOld()
	}
}

// imagesKept is how many images are known by their inputs before they are
// forgotten.
const imagesKept = 1000

func (b *Builds) imagesPath() string {
	return filepath.Join(b.dir, state.GuardedName(b.engine)+".images")
}

// inputs returns the digest of what an image was built from; "": it is not known.
func (b *Builds) inputs(image string) string {
	if b == nil {
		return ""
	}
	return b.images()[image]
}

func (b *Builds) images() map[string]string {
	known := map[string]string{}
	if data, err := os.ReadFile(b.imagesPath()); err == nil && json.Unmarshal(data, &known) != nil {
		known = map[string]string{}
	}
	return known
}

// note adds an image to those that are known. What another process adds at the
// same time may be lost, which costs a build.
func (b *Builds) note(image, inputs string) {
	known := b.images()
	if known[image] == inputs {
		return
	}
	if len(known) >= imagesKept {
		clear(known)
	}
	known[image] = inputs
	if data, err := json.Marshal(known); err == nil {
		_ = state.WriteAtomic(b.imagesPath(), data)
	}
}

// removeOld removes the records that nobody has used for long.
func (b *Builds) removeOld() {
	entries, _ := os.ReadDir(b.dir)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasSuffix(entry.Name(), ".build") && time.Since(info.ModTime()) > keptBuilds {
			_ = os.Remove(filepath.Join(b.dir, entry.Name()))
		}
	}
}

// definitionKey is what the record of a build is found by: two services of a file
// that build one image build it in the same way.
func (r *Runner) definitionKey(image string) string {
	return fmt.Sprintf("%s\x00%s", r.File, spec.FullReference(image))
}
