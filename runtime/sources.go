package runtime

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Sources is what an image is built from, as it was at an instant.
type Sources struct {
	Taken time.Time    // before anything was looked at
	Files []SourceFile // what is sent to the builder, sorted by name
	// Bases are the images that the Dockerfile names, each once.
	Bases []string
}

// SourceFile is a file, directory or link that is sent to the builder. The name
// of a directory ends in a slash; its size and times do not count.
type SourceFile struct {
	Name              string
	Mode              fs.FileMode
	Size              int64
	Modified, Changed int64  // content and attributes, in nanoseconds; Changed is 0 where the system does not tell
	Sum               string // of the content, or of a link's target; "": not read, or a directory
}

// racyTime is how long before a look a file must have been left alone for its
// times to be trusted: one that is written twice within a tick of the clock of
// its file system may look the same after both.
const racyTime = 2 * time.Second

// settled reports whether a file's times tell, when they are the same later,
// that its content is the same.
func (f SourceFile) settled(taken time.Time) bool {
	return max(f.Modified, f.Changed) < taken.Add(-racyTime).UnixNano()
}

func (f SourceFile) sameStat(other SourceFile) bool {
	return f.Mode == other.Mode && f.Size == other.Size && f.Modified == other.Modified && f.Changed == other.Changed
}

// stat is a digest of all that was seen of the files without reading them, and
// tells whether each of them has been left alone for long enough.
func (s Sources) stat() (digest string, settled bool) {
	hash := sha256.New()
	settled = true
	var line []byte
	for _, f := range s.Files {
		settled = settled && (f.Mode.IsDir() || f.settled(s.Taken))
		line = append(line[:0], f.Name...)
		line = append(line, 0)
		for _, number := range []int64{int64(f.Mode), f.Size, f.Modified, f.Changed} {
			line = binary.LittleEndian.AppendUint64(line, uint64(number))
		}
		hash.Write(line)
	}
	return hex.EncodeToString(hash.Sum(nil)), settled
}

// content is a digest of what the builder gets of the files.
func (s Sources) content() string {
	hash := sha256.New()
	for _, f := range s.Files {
		fmt.Fprintf(hash, "%s\x00%o\x00%s\n", f.Name, f.Mode, f.Sum)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// takeSums takes the sums of files that cannot have changed since an earlier
// look, and returns the places of those that have to be read.
func (s Sources) takeSums(was Sources) (unread []int) {
	known := make(map[string]SourceFile, len(was.Files))
	for _, f := range was.Files {
		known[f.Name] = f
	}
	for i, f := range s.Files {
		old, there := known[f.Name]
		switch {
		case f.Mode.IsDir():
		case there && old.sameStat(f) && old.settled(was.Taken):
			s.Files[i].Sum = old.Sum
		default:
			unread = append(unread, i)
		}
	}
	return unread
}

// changedSince says which files differ from an earlier look, both with their
// sums: "src/index.ts and 2 more"; "" is none. Files that changed go before new
// and removed ones, and directories are named only where no file differs.
func (s Sources) changedSince(was Sources) string {
	old := make(map[string]SourceFile, len(was.Files))
	for _, f := range was.Files {
		old[f.Name] = f
	}
	var changed, added, removed, directories []string
	note := func(list *[]string, f SourceFile, what string) {
		if f.Mode.IsDir() {
			list = &directories
		}
		*list = append(*list, f.Name+what)
	}
	for _, f := range s.Files {
		before, there := old[f.Name]
		delete(old, f.Name)
		switch {
		case !there:
			note(&added, f, " (new)")
		case before.Mode != f.Mode || before.Sum != f.Sum:
			note(&changed, f, "")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		note(&removed, old[name], " (removed)")
	}
	all := slices.Concat(changed, added, removed)
	if len(all) == 0 {
		all = directories
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return all[0]
	}
	return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
}

// buildFields are digests of the values of the fields that a build depends on,
// by field. What the files tell is not among them.
func buildFields(b spec.Build, platform string) map[string]string {
	fields := map[string]string{}
	set := func(name, value string) {
		if value != "" {
			fields[name] = digestOf(value)
		}
	}
	set("dockerfile", b.Dockerfile)
	set("buildTarget", b.Target)
	set("platform", platform)
	for name, value := range b.Args {
		fields["buildArgs."+name] = digestOf(value)
	}
	return fields
}

func digestOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// fieldsChanged lists the keys with other values, sorted: "buildTarget changed".
func fieldsChanged(now, was map[string]string, say func(key string) string) []string {
	var changed []string
	for _, key := range slices.Sorted(maps.Keys(merged(now, was))) {
		if now[key] != was[key] {
			changed = append(changed, say(key))
		}
	}
	return changed
}

func merged(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, b)
	return both
}
