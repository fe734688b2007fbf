package nodefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/miniboss/miniboss/js/jserror"
)

// failure is an error of the file system with what Node tells of it.
type failure struct {
	err        error
	call       string // syscall in Node's message
	path, dest string // as the user gave them; "": not told
}

// systemError is a number of the system with the name and the words of Node.
type systemError struct {
	errno syscall.Errno
	name  string
	text  string
}

// systemErrors are those that files can have.
func systemErrors() []systemError {
	return []systemError{
		{syscall.ENOENT, "ENOENT", "no such file or directory"},
		{syscall.EEXIST, "EEXIST", "file already exists"},
		{syscall.EACCES, "EACCES", "permission denied"},
		{syscall.EPERM, "EPERM", "operation not permitted"},
		{syscall.ENOTDIR, "ENOTDIR", "not a directory"},
		{syscall.EISDIR, "EISDIR", "illegal operation on a directory"},
		{syscall.ENOTEMPTY, "ENOTEMPTY", "directory not empty"},
		{syscall.EINVAL, "EINVAL", "invalid argument"},
		{syscall.ELOOP, "ELOOP", "too many symbolic links encountered"},
		{syscall.ENAMETOOLONG, "ENAMETOOLONG", "name too long"},
		{syscall.ENOSPC, "ENOSPC", "no space left on device"},
		{syscall.EROFS, "EROFS", "read-only file system"},
		{syscall.EXDEV, "EXDEV", "cross-device link not permitted"},
		{syscall.EBUSY, "EBUSY", "resource busy or locked"},
		{syscall.ETXTBSY, "ETXTBSY", "text file is busy"},
		{syscall.EMFILE, "EMFILE", "too many open files"},
		{syscall.ENFILE, "ENFILE", "file table overflow"},
		{syscall.EFBIG, "EFBIG", "file too large"},
		{syscall.EIO, "EIO", "i/o error"},
		{syscall.ENXIO, "ENXIO", "no such device or address"},
		{syscall.ENOTSUP, "ENOTSUP", "operation not supported on socket"},
	}
}

// system finds what the system said.
func (e *failure) system() (systemError, bool) {
	var errno syscall.Errno
	switch {
	case errors.As(e.err, &errno):
		errno = portable(errno)
	case errors.Is(e.err, fs.ErrNotExist):
		errno = syscall.ENOENT
	case errors.Is(e.err, fs.ErrExist):
		errno = syscall.EEXIST
	case errors.Is(e.err, fs.ErrPermission):
		errno = syscall.EPERM
	default:
		return systemError{}, false
	}
	for _, s := range systemErrors() {
		if s.errno == errno {
			return s, true
		}
	}
	return systemError{errno: errno, name: fmt.Sprintf("E%d", int(errno)), text: errno.Error()}, true
}

func (e *failure) Error() string {
	s, ok := e.system()
	var b strings.Builder
	if ok {
		fmt.Fprintf(&b, "%s: %s, %s", s.name, s.text, e.call)
	} else {
		reason := e.err
		if p, ok := errors.AsType[*os.PathError](reason); ok {
			reason = p.Err
		}
		fmt.Fprintf(&b, "%v, %s", reason, e.call)
	}
	if e.path != "" {
		fmt.Fprintf(&b, " '%s'", e.path)
	}
	if e.dest != "" {
		fmt.Fprintf(&b, " -> '%s'", e.dest)
	}
	return b.String()
}

// JSProperties are the properties in the order in which Node has them.
func (e *failure) JSProperties() []jserror.Property {
	var out []jserror.Property
	if s, ok := e.system(); ok {
		out = append(out, jserror.Property{Name: "errno", Value: nodeErrno(s.errno)}, jserror.Property{Name: "code", Value: s.name})
	}
	out = append(out, jserror.Property{Name: "syscall", Value: e.call})
	if e.path != "" {
		out = append(out, jserror.Property{Name: "path", Value: e.path})
	}
	if e.dest != "" {
		out = append(out, jserror.Property{Name: "dest", Value: e.dest})
	}
	return out
}
