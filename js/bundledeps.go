package js

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// bundleDeps is all that esbuild can have looked at for a bundle, as it was before
// esbuild did: what changes in between makes the bundle look old, never new. It
// knows how relative imports are found and nothing more. Where a bundle can
// depend on anything else, it is unsure. A nil seen takes no notes.
type bundleDeps struct {
	mu     sync.Mutex
	sums   map[string][]byte // by path, of what look tells
	unsure bool
}

// plugin takes notes of what esbuild is about to look at. It comes after the
// plugins that answer themselves: those answers depend on the binary alone.
func (s *bundleDeps) plugin(build api.PluginBuild) {
	if s == nil {
		return
	}
	build.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		s.resolving(args.ResolveDir, args.Path)
		return api.OnResolveResult{}, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "file"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		s.reading(args.Path, look(args.Path))
		return api.OnLoadResult{}, nil
	})
}

// resolving notes what an import can be found by: another file of nearly the
// same name may be chosen as soon as it is there.
func (s *bundleDeps) resolving(dir, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	relative := name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../")
	target := filepath.Join(dir, name)
	// look leaves hidden files out, and what follows ? or # may be no part of the name.
	if !relative || strings.ContainsAny(name, "?#") || strings.HasPrefix(filepath.Base(target), ".") {
		s.unsure = true
	}
	if s.unsure {
		return
	}
	s.around(filepath.Dir(target))
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		s.around(target)
		if _, err := os.Lstat(filepath.Join(target, "package.json")); err == nil {
			s.unsure = true // it may say which file the directory stands for
		}
	}
}

// around notes the names in a directory, and the settings for it there and
// above.
func (s *bundleDeps) around(dir string) {
	if s.sums[dir] != nil {
		return
	}
	s.note(dir, look(dir))
	for at, below := dir, ""; at != below && s.sums[filepath.Join(at, "package.json")] == nil; at, below = filepath.Dir(at), at {
		s.note(filepath.Join(at, "package.json"), look(filepath.Join(at, "package.json")))
		for _, name := range []string{"tsconfig.json", "jsconfig.json"} {
			text := look(filepath.Join(at, name))
			s.note(filepath.Join(at, name), text)
			s.unsure = s.unsure || strings.Contains(text, `extends`) // another file
		}
	}
	// Imports of what is found there start from its real place.
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
		s.around(real)
	}
}

// reading notes a file of the bundle.
func (s *bundleDeps) reading(path, text string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// A file elsewhere was found by a link. One with a source map has esbuild
	// read that.
	if s.sums[filepath.Dir(path)] == nil || inPackage(path) || strings.Contains(text, "sourceMappingURL=") {
		s.unsure = true
	}
	s.note(path, text)
}

// note keeps what was there first: esbuild may have looked at any time since.
func (s *bundleDeps) note(path, text string) {
	if s.sums[path] == nil {
		sum := sha256.Sum256([]byte(text))
		s.sums[path] = sum[:]
	}
}

// fileMark begins what look tells of a file, before its text.
const fileMark = "file\x00"

// look tells what is at a path: the text of a file, or the names in a directory
// with what they are. Hidden names do not count: miniboss's own files are among
// them, and change with every start.
func look(path string) string {
	data, err := os.ReadFile(path)
	if err == nil {
		return fileMark + string(data)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "nothing"
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err.Error()
	}
	told := []string{"directory", leadsTo(path)}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		told = append(told, e.Name(), e.Type().String())
		if e.Type()&fs.ModeSymlink != 0 {
			told = append(told, leadsTo(filepath.Join(path, e.Name())))
		}
	}
	return strings.Join(told, "\x00")
}

// leadsTo tells where a path leads, and to what.
func leadsTo(path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err.Error()
	}
	info, err := os.Lstat(real)
	if err != nil {
		return err.Error()
	}
	return info.Mode().Type().String() + real
}
