package docker

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// defaultDockerfile is the file's name where a service does not say another.
const defaultDockerfile = "Dockerfile"

// buildContext is what a build is made from. All reading goes through an
// os.Root: a link in the directory is sent as the link that it is, and nothing
// is ever read through one that leads out.
type buildContext struct {
	root           *os.Root
	dockerfile     string // path in the context
	dockerfileText []byte
	outside        bool // the Dockerfile is not in the directory, and is added to it
	ignored        *patternmatcher.PatternMatcher
	keepIgnorefile bool // the classic builder wants to read it too
}

// openContext checks what can be checked before anything is sent.
func openContext(dir, dockerfile string, classic bool) (*buildContext, error) {
	root, err := os.OpenRoot(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no directory %s", dir)
	case err != nil:
		return nil, fmt.Errorf("the directory cannot be read: %w", err)
	}
	c := &buildContext{root: root, keepIgnorefile: classic}
	if err := c.readDockerfile(dir, dockerfile); err != nil {
		c.close()
		return nil, err
	}
	if err := c.readIgnorefile(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *buildContext) readDockerfile(dir, name string) error {
	if name == "" {
		name = defaultDockerfile
	}
	full := name
	if !filepath.IsAbs(name) {
		full = filepath.Join(dir, name)
	}
	relative, err := filepath.Rel(dir, full)
	if err != nil {
		return err
	}
	// One that the service names elsewhere is meant; a link to elsewhere in
	// the directory may have been put there by anybody.
	if c.outside = !filepath.IsLocal(relative); c.outside {
		c.dockerfile = ".miniboss.Dockerfile"
		c.dockerfileText, err = os.ReadFile(full)
	} else {
		c.dockerfile = filepath.ToSlash(relative)
		c.dockerfileText, err = c.root.ReadFile(c.dockerfile)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no %s in %s", name, dir)
	case isLinkOut(c.root, c.dockerfile):
		return fmt.Errorf("%s in %s is a link that leads out of the directory", name, dir)
	}
	return fmt.Errorf("%s cannot be read: %w", name, err)
}

// readIgnorefile reads Dockerfile.dockerignore, which goes before
// .dockerignore.
func (c *buildContext) readIgnorefile() error {
	var patterns []string
	for _, name := range []string{c.dockerfile + ".dockerignore", ".dockerignore"} {
		text, err := c.root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s cannot be read: %w", name, err)
		}
		if patterns, err = ignorefile.ReadAll(bytes.NewReader(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		break
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return fmt.Errorf("a pattern of .dockerignore: %w", err)
	}
	c.ignored = matcher
	return nil
}

// send returns the context as a tar archive while it is being read. sent gets
// one value: how the reading ended.
func (c *buildContext) send() (archive io.ReadCloser, sent <-chan error) {
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		defer c.close()
		err := c.write(writer)
		_ = writer.CloseWithError(err)
		done <- err
	}()
	return reader, done
}

func (c *buildContext) close() { _ = c.root.Close() }

// needed tells of the files that the builder itself reads, ignored or not.
func (c *buildContext) needed(name string) bool {
	return name == c.dockerfile || c.keepIgnorefile && name == ".dockerignore"
}

// mayHoldKept tells whether something below an ignored directory may be kept
// by a pattern with an exclamation mark.
func (c *buildContext) mayHoldKept(dir string) bool {
	if strings.HasPrefix(c.dockerfile, dir+"/") {
		return true
	}
	for _, pattern := range c.ignored.Patterns() {
		if !pattern.Exclusion() {
			continue
		}
		kept := filepath.ToSlash(pattern.String())
		plain, _, wild := strings.Cut(kept, "*")
		if strings.HasPrefix(kept+"/", dir+"/") || wild && strings.HasPrefix(dir+"/", plain) || strings.ContainsAny(kept, "?[") {
			return true
		}
	}
	return false
}

// isLinkOut tells whether some part of a path is a link that leads out of root.
func isLinkOut(root *os.Root, name string) bool {
	for part := name; part != "." && part != "/"; part = path.Dir(part) {
		info, err := root.Lstat(part)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if _, err := root.Stat(part); err != nil {
			return true
		}
	}
	return false
}
