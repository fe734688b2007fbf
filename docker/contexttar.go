package docker

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	goruntime "runtime"
	"time"
)

// write writes the archive. Owners are root and times are left as they are, as
// docker build does: neither counts for the builder's cache.
func (c *buildContext) write(to io.Writer) error {
	w := contextWriter{buildContext: c, tar: tar.NewWriter(to)}
	if c.outside != "" {
		header := &tar.Header{Name: c.dockerfile, Mode: 0o644, Size: int64(len(c.dockerfileText)), ModTime: time.Unix(0, 0)}
		if err := w.tar.WriteHeader(header); err != nil {
			return err
		}
		if _, err := w.tar.Write(c.dockerfileText); err != nil {
			return err
		}
	}
	if err := c.walk(c.root.FS(), unreadable, func(name string, _ fs.DirEntry) error { return w.add(name) }); err != nil {
		return err
	}
	return w.tar.Close()
}

type contextWriter struct {
	*buildContext
	tar *tar.Writer
}

func (w *contextWriter) add(name string) error {
	info, err := w.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var link string
	switch mode := info.Mode(); {
	case mode.IsRegular(), mode.IsDir():
	case mode&fs.ModeSymlink != 0:
		if link, err = w.root.Readlink(name); err != nil {
			return err
		}
	default:
		return nil // sockets, pipes and devices are not sent
	}
	header, err := tar.FileInfoHeader(info, filepath.ToSlash(link))
	if err != nil {
		return err
	}
	header.Name = name
	header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
	header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}
	if goruntime.GOOS == "windows" { // which has no such bits
		header.Mode |= 0o111
	}
	if info.IsDir() {
		header.Name += "/"
		return w.tar.WriteHeader(header)
	}
	if !info.Mode().IsRegular() {
		return w.tar.WriteHeader(header)
	}
	return w.addFile(name, header)
}

func (w *contextWriter) addFile(name string, header *tar.Header) error {
	file, err := w.root.Open(name)
	if err != nil {
		return unreadable(name, err)
	}
	defer func() { _ = file.Close() }()
	if err := w.tar.WriteHeader(header); err != nil {
		return err
	}
	// A file that grows meanwhile is cut at the size that the header tells.
	if _, err := io.CopyN(w.tar, file, header.Size); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s shrank while it was being read", name)
		}
		return err
	}
	return nil
}

// unreadable is the error of what is to be sent and cannot be read.
func unreadable(name string, err error) error {
	return fmt.Errorf("%s cannot be read (if the build does not need it, add it to .dockerignore): %w", name, err)
}
