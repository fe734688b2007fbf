package js

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// bundleCache keeps the bundle of one file from command to command: esbuild is
// what a load waits for longest, and most commands find the file unchanged.
// Several processes may use it at once. Whatever goes wrong with it has esbuild
// run, and is worth no message.
type bundleCache struct {
	path string // of the entry
	of   string // which file the entry is of, and of which binary
}

// keptFor is how long an entry stays that is not written again.
const keptFor = 60 * 24 * time.Hour

// cacheFormat changes with the form of an entry.
const cacheFormat = "bundle 1"

// bundleEntry is the first line of an entry, after the checksum of all that
// follows. The code, the source map and the metafile come after it.
type bundleEntry struct {
	Of        string
	Seen      map[string][]byte // what the bundle depends on; see seen
	Inputs    []string          // the paths of the bundle's inputs
	Code, Map int               // how many bytes they have
}

// newBundleCache returns the cache for a file in a directory, which need not be
// there; nil: none.
func newBundleCache(dir, file string) *bundleCache {
	if dir == "" {
		return nil
	}
	binary, err := thisBinary()
	if err != nil {
		return nil
	}
	return &bundleCache{
		path: filepath.Join(dir, fmt.Sprintf("%x", sha256.Sum256([]byte(file)))),
		of:   fmt.Sprintf("%x", sha256.Sum256([]byte(cacheFormat+"\x00"+file+"\x00"+binary))),
	}
}

// thisBinary tells this binary from any other, also from one that was built
// again: each may make another bundle of the same files.
func thisBinary() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	build, _ := debug.ReadBuildInfo()
	return fmt.Sprintln(path, info.Size(), info.ModTime().UnixNano(), build), nil
}

// find returns the bundle that build would make; nil: it is not known.
func (c *bundleCache) find(workDir, dir string) *bundle {
	if c == nil {
		return nil
	}
	entry, body := c.read()
	if entry == nil {
		return nil
	}
	out := &bundle{code: string(body[:entry.Code]), meta: string(body[entry.Code+entry.Map:])}
	shifts := map[string]shift{}
	for path, sum := range entry.Seen {
		text := look(path)
		if now := sha256.Sum256([]byte(text)); !bytes.Equal(now[:], sum) {
			return nil
		}
		if slices.Contains(entry.Inputs, path) {
			in := input{path: path, text: strings.TrimPrefix(text, fileMark)}
			out.inputs = append(out.inputs, in)
			_, shifts[path] = withFileLocals(in)
		}
	}
	var err error
	if out.sources, err = newSources(body[entry.Code:entry.Code+entry.Map], dir, workDir, shifts); err != nil {
		return nil
	}
	return out
}

// read returns the entry, and the code, the source map and the metafile in one.
// It is code that will be run, so it must be this user's own.
func (c *bundleCache) read() (*bundleEntry, []byte) {
	named, err := os.Lstat(c.path)
	if err != nil || !named.Mode().IsRegular() {
		return nil, nil // opening a pipe would wait
	}
	file, err := os.Open(c.path)
	if err != nil {
		return nil, nil
	}
	defer func() { _ = file.Close() }()
	if opened, err := file.Stat(); err != nil || !os.SameFile(named, opened) || !isPrivate(opened) {
		return nil, nil
	}
	data, err := io.ReadAll(file)
	if err != nil || len(data) < sha256.Size {
		return nil, nil
	}
	data, sum := data[sha256.Size:], data[:sha256.Size]
	if now := sha256.Sum256(data); !bytes.Equal(now[:], sum) {
		return nil, nil
	}
	head, body, _ := bytes.Cut(data, []byte("\n"))
	entry := &bundleEntry{}
	if json.Unmarshal(head, entry) != nil || entry.Of != c.of || min(entry.Code, entry.Map) < 0 || entry.Code+entry.Map > len(body) {
		return nil, nil
	}
	return entry, body
}

// keep writes a bundle that build has made, or removes what it replaces where
// it cannot be told when it will have changed.
func (c *bundleCache) keep(s *bundleDeps, b *bundle, rawMap []byte) {
	// A directory that is looked through has more files than esbuild tells.
	if s.unsure || strings.Contains(b.code, "__glob(") {
		_ = os.Remove(c.path)
		return
	}
	entry := bundleEntry{Of: c.of, Seen: s.sums, Code: len(b.code), Map: len(rawMap)}
	for _, in := range b.inputs {
		entry.Inputs = append(entry.Inputs, in.path)
	}
	head, err := json.Marshal(entry)
	if err != nil {
		return
	}
	data := slices.Concat(head, []byte("\n"), []byte(b.code), rawMap, []byte(b.meta))
	sum := sha256.Sum256(data)
	c.write(append(sum[:], data...))
}

// write writes the entry, readable by its owner alone from its first byte: the
// user's sources are in it. It is written where it stays, with no temporary file
// that a kill could leave behind: a part of an entry, which is all that another
// process may see of it, fails the checksum and is written anew by the next
// command. So does what a crash of the machine leaves, and nobody waits for the
// disk.
func (c *bundleCache) write(data []byte) {
	dir := filepath.Dir(c.path)
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	old, _ := os.ReadDir(dir)
	for _, e := range old {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > keptFor {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	// Not over what is there: it may be a link, or open to others.
	_ = os.Remove(c.path)
	file, err := os.OpenFile(c.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return // another process writes it
	}
	_, err = file.Write(data)
	if err = cmp.Or(err, file.Close()); err != nil {
		_ = os.Remove(c.path)
	}
}
