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
	outside        string // path of a Dockerfile that is not in the directory, and is added to it
	ignored        *patternmatcher.PatternMatcher
	keepIgnorefile bool     // the classic builder wants to read it too
	own            []string // paths in the context of the directories that miniboss itself writes to
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
	c := &buildContext{root: root, keepIgnorefile: classic, own: ownDirectories(dir)}
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
	full := dockerfilePath(dir, name)
	relative, err := filepath.Rel(dir, full)
	if err != nil {
		return err
	}
	// One that the service names elsewhere is meant; a link to elsewhere in
	// the directory may have been put there by anybody.
	if !filepath.IsLocal(relative) {
		c.outside = full
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
		return fmt.Errorf("%s in %s is a symbolic link that points outside the directory", name, dir)
	}
	return fmt.Errorf("%s cannot be read: %w", name, err)
}

// dockerfilePath returns the path of a Dockerfile that a service names.
func dockerfilePath(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// readIgnorefile reads Dockerfile.dockerignore, which goes before
// .dockerignore and is beside the Dockerfile, wherever that is.
func (c *buildContext) readIgnorefile() error {
	own, ownFile := c.dockerfile+".dockerignore", func() ([]byte, error) { return c.root.ReadFile(c.dockerfile + ".dockerignore") }
	if c.outside != "" {
		own = c.outside + ".dockerignore"
		ownFile = func() ([]byte, error) { return os.ReadFile(own) }
	}
	name := own
	text, err := ownFile()
	if errors.Is(err, fs.ErrNotExist) {
		name = ".dockerignore"
		text, err = c.root.ReadFile(name)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be read: %w", name, err)
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if c.ignored, err = patternmatcher.New(patterns); err != nil {
		return fmt.Errorf("invalid pattern in %s: %w", name, err)
	}
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
