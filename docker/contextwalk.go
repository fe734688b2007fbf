package docker

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/miniboss/miniboss/runtime"
)

// walk calls visit for what the ignore file leaves of the context, in the order
// of names and directories before what they hold. A directory that was ignored
// itself is visited, without its entry, where something in it was not. failed
// says what becomes of what cannot be read and is not ignored; nil is to go on
// without it.
func (c *buildContext) walk(files fs.FS, failed func(name string, err error) error, visit func(name string, entry fs.DirEntry) error) error {
	w := contextWalk{buildContext: c, failed: failed, visit: visit, matches: map[string]patternmatcher.MatchInfo{}, visited: map[string]bool{}}
	return fs.WalkDir(files, ".", w.step)
}

type contextWalk struct {
	*buildContext
	failed  func(name string, err error) error
	visit   func(name string, entry fs.DirEntry) error
	matches map[string]patternmatcher.MatchInfo // of directories, for what they hold
	visited map[string]bool                     // directories
}

func (w *contextWalk) step(name string, entry fs.DirEntry, err error) error {
	if name == "." {
		return err
	}
	if slices.Contains(w.own, name) {
		return fs.SkipDir
	}
	if isOurs(path.Base(name)) {
		return nil
	}
	// The patterns say whether an entry that cannot be read matters.
	ignored, info, matchErr := w.ignored.MatchesUsingParentResults(filepath.FromSlash(name), w.matches[path.Dir(name)])
	if matchErr != nil {
		return matchErr
	}
	isDir := entry != nil && entry.IsDir()
	if isDir {
		w.matches[name] = info
	}
	if ignored && !w.needed(name) {
		if isDir && (err != nil || !w.mayHoldKept(name)) {
			return fs.SkipDir
		}
		return nil
	}
	switch {
	case errors.Is(err, fs.ErrNotExist): // removed while we walk
		return nil
	case err != nil:
		return w.failed(name, err)
	}
	if isDir && w.leadsToOwn(name) {
		return nil // a command may have made it a moment ago
	}
	if err := w.above(path.Dir(name)); err != nil {
		return err
	}
	if isDir {
		w.visited[name] = true
	}
	return w.visit(name, entry)
}

// isOurs tells the file of the shared context, and what it is written to first,
// which hooks write beside the user's file: in an image it would make that another
// one after every start, and its values are nobody else's business.
func isOurs(base string) bool {
	return base == runtime.ContextFile || strings.HasPrefix(base, runtime.ContextFile+".")
}

// ownDirectories returns the paths in a build context of what miniboss keeps in
// the user's directories of caches and settings. Commands write there, so that no
// image would stay up to date, and a key is among it.
func ownDirectories(dir string) []string {
	var own []string
	for _, of := range []func() (string, error){os.UserCacheDir, os.UserConfigDir} {
		above, err := of()
		if err != nil {
			continue
		}
		within, err := filepath.Rel(realPath(dir), filepath.Join(realPath(above), "miniboss"))
		if err == nil && filepath.IsLocal(within) {
			own = append(own, filepath.ToSlash(within))
		}
	}
	return own
}

// leadsToOwn reports whether a directory has one of ours below it.
func (w *contextWalk) leadsToOwn(dir string) bool {
	return slices.ContainsFunc(w.own, func(own string) bool { return strings.HasPrefix(own, dir+"/") })
}

// realPath follows the links in a path, as far as it is there.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// above visits directories that were ignored themselves.
func (w *contextWalk) above(dir string) error {
	if dir == "." || w.visited[dir] {
		return nil
	}
	if err := w.above(path.Dir(dir)); err != nil {
		return err
	}
	w.visited[dir] = true
	return w.visit(dir, nil)
}
