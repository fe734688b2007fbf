package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// Sources implements runtime.Engine. It reads the Dockerfile and the ignore
// file, and of everything else only what a directory tells: a start that
// changes nothing waits for it.
func (e *Engine) Sources(ctx context.Context, b spec.Build) (runtime.Sources, error) {
	found := runtime.Sources{Taken: time.Now()}
	c, err := openContext(b.Context, b.Dockerfile, false)
	if err != nil {
		return found, fmt.Errorf("build of %s: %w", b.Context, err)
	}
	defer c.close()
	found.Bases = baseImages(string(c.dockerfileText), b.Args)
	if c.outside != "" {
		info, err := os.Stat(c.outside)
		if err != nil {
			return found, fmt.Errorf("build of %s: %w", b.Context, err)
		}
		found.Files = append(found.Files, sourceFile(filepath.ToSlash(b.Dockerfile), info))
	}
	entries, err := c.entries(ctx, b.Context)
	if err != nil {
		return found, fmt.Errorf("build of %s: %w", b.Context, err)
	}
	found.Files = append(found.Files, lookAt(b.Context, entries)...)
	slices.SortFunc(found.Files, func(a, b runtime.SourceFile) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// contextEntry is something in the context. The entry is nil for a directory that
// was ignored itself.
type contextEntry struct {
	name  string
	entry fs.DirEntry
}

// entries lists what is sent. What cannot be read cannot be built either, which a
// build tells. It is left out, with its directory: a service may have its data
// there.
func (c *buildContext) entries(ctx context.Context, dir string) ([]contextEntry, error) {
	var list []contextEntry
	leaveOut := func(name string, _ error) error {
		list = slices.DeleteFunc(list, func(e contextEntry) bool { return e.name == name })
		return nil
	}
	err := c.walk(os.DirFS(dir), leaveOut, func(name string, entry fs.DirEntry) error {
		list = append(list, contextEntry{name, entry})
		return ctx.Err()
	})
	return list, err
}

// lookAt asks for what a directory does not tell of its entries, which takes most
// of the time: several at once.
func lookAt(dir string, entries []contextEntry) []runtime.SourceFile {
	files := make([]runtime.SourceFile, len(entries))
	share := len(entries)/goruntime.GOMAXPROCS(0) + 1
	var all sync.WaitGroup
	for from := 0; from < len(entries); from += share {
		all.Go(func() {
			for i := from; i < min(from+share, len(entries)); i++ {
				info, err := infoOf(dir, entries[i].name, entries[i].entry)
				if err == nil && (info.Mode().IsRegular() || info.IsDir() || info.Mode()&fs.ModeSymlink != 0) {
					files[i] = sourceFile(entries[i].name, info)
				}
			}
		})
	}
	all.Wait()
	return slices.DeleteFunc(files, func(f runtime.SourceFile) bool { return f.Name == "" })
}

func infoOf(dir, name string, entry fs.DirEntry) (fs.FileInfo, error) {
	if entry != nil {
		return entry.Info()
	}
	return os.Lstat(filepath.Join(dir, filepath.FromSlash(name)))
}

// sourceFile leaves out what does not reach the builder: the times and the size
// of a directory.
func sourceFile(name string, info fs.FileInfo) runtime.SourceFile {
	if info.IsDir() {
		return runtime.SourceFile{Name: name + "/", Mode: info.Mode()}
	}
	return runtime.SourceFile{Name: name, Mode: info.Mode(), Size: info.Size(), Modified: info.ModTime().UnixNano(), Changed: changeTime(info)}
}

// ReadSources implements runtime.Engine.
func (e *Engine) ReadSources(ctx context.Context, b spec.Build, files []runtime.SourceFile) error {
	root, err := os.OpenRoot(b.Context)
	if err != nil {
		return fmt.Errorf("build of %s: %w", b.Context, err)
	}
	defer func() { _ = root.Close() }()
	for i, f := range files {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		switch {
		case f.Mode.IsDir():
		case f.Mode&fs.ModeSymlink != 0:
			target, err := root.Readlink(f.Name)
			files[i].Sum = sumOf(strings.NewReader(filepath.ToSlash(target)), err)
		case f.Name == filepath.ToSlash(b.Dockerfile) && !filepath.IsLocal(b.Dockerfile):
			files[i].Sum = sumOfFile(os.Open(dockerfilePath(b.Context, b.Dockerfile)))
		default:
			files[i].Sum = sumOfFile(root.Open(f.Name))
		}
	}
	return nil
}

func sumOfFile(file *os.File, err error) string {
	if err != nil {
		return sumOf(nil, err)
	}
	defer func() { _ = file.Close() }()
	return sumOf(file, nil)
}

// sumOf returns the sum of a content, or one that stands for its not being
// readable: the build tells why.
func sumOf(content io.Reader, err error) string {
	hash := sha256.New()
	if err == nil {
		_, err = io.Copy(hash, content)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "gone"
	case err != nil:
		return "unreadable"
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}
