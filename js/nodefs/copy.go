package nodefs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/miniboss/miniboss/js/jserror"
)

// refused is an error that Node makes itself, before it asks the system.
type refused struct {
	code  string // ERR_FS_…
	what  string
	call  string
	name  string // EISDIR
	errno syscall.Errno
	why   string
	path  string
}

func (e *refused) Error() string {
	return fmt.Sprintf("%s: %s returned %s (%s) %s", e.what, e.call, e.name, e.why, e.path)
}

func (e *refused) JSProperties() []jserror.Property {
	return []jserror.Property{
		{Name: "name", Value: "SystemError"}, {Name: "code", Value: e.code}, {Name: "errno", Value: int(e.errno)},
		{Name: "syscall", Value: e.call}, {Name: "path", Value: e.path},
	}
}

// rm removes 0: directories where recursive 1, and missing files are fine where
// force 2.
func rm(_ context.Context, a *Args) (any, error) {
	info, err := os.Lstat(a.path(0))
	if errors.Is(err, fs.ErrNotExist) && a.flag(2) {
		return nothing(nil)
	}
	if err != nil {
		return nil, a.fail(err, "lstat")
	}
	if info.IsDir() && !a.flag(1) {
		return nil, &refused{
			code: "ERR_FS_EISDIR", what: "Path is a directory", call: "rm",
			name: "EISDIR", errno: syscall.EISDIR, why: "is a directory", path: a.text(0),
		}
	}
	return nothing(a.fail(os.RemoveAll(a.path(0)), "rm"))
}

// copyFile copies one file with its mode.
func copyFile(from, to string, exclusive bool) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return syscall.EISDIR
	}
	if there, err := os.Stat(to); err == nil && os.SameFile(info, there) && !exclusive {
		return nil // or else it would be emptied
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		flags |= os.O_EXCL
	}
	dest, err := os.OpenFile(to, flags, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(dest, source)
	if closeErr := dest.Close(); err == nil {
		err = closeErr
	}
	return err
}

// copying is one call of cp.
type copying struct {
	recursive, force, errorOnExist, dereference, verbatim, times bool

	excluded []any // paths that the user's filter does not want, as they are found below
}

// cp copies 0 to 1, with the options 2 and without what 3 lists.
func cp(ctx context.Context, a *Args) (any, error) {
	options, _ := a.at(2).(map[string]any)
	on := func(name string) bool { b, _ := options[name].(bool); return b }
	c := &copying{
		recursive: on("recursive"), force: on("force"), errorOnExist: on("errorOnExist"),
		dereference: on("dereference"), verbatim: on("verbatimSymlinks"), times: on("preserveTimestamps"),
	}
	c.excluded, _ = a.at(3).([]any)
	from, to := filepath.Clean(a.path(0)), filepath.Clean(a.path(1))
	if err := c.check(a, from, to); err != nil {
		return nil, err
	}
	if slices.Contains(c.excluded, any("")) {
		return nothing(nil)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return nil, a.fail2(err, "cp")
	}
	err := c.copy(ctx, from, to, "")
	if _, refused := errors.AsType[*refused](err); refused || ctx.Err() != nil {
		return nil, err
	}
	return nothing(a.fail2(err, "cp"))
}

// check refuses what could only go wrong, as Node does.
func (c *copying) check(a *Args, from, to string) error {
	look := os.Lstat
	if c.dereference {
		look = os.Stat
	}
	source, err := look(from)
	if err != nil {
		return a.fail(err, map[bool]string{true: "stat", false: "lstat"}[c.dereference])
	}
	refuse := func(code, what, name string, errno syscall.Errno, why string) *refused {
		return &refused{code: code, what: what, call: "cp", name: name, errno: errno, why: why, path: a.text(1)}
	}
	if dest, err := look(to); err == nil {
		switch {
		case os.SameFile(source, dest):
			return refuse("ERR_FS_CP_EINVAL", "Invalid src or dest", "EINVAL", syscall.EINVAL, "src and dest cannot be the same")
		case source.IsDir() && !dest.IsDir():
			return refuse("ERR_FS_CP_DIR_TO_NON_DIR", "Cannot overwrite non-directory with directory", "EISDIR", syscall.EISDIR,
				fmt.Sprintf("cannot overwrite directory %s with non-directory %s", a.text(0), a.text(1)))
		case !source.IsDir() && dest.IsDir():
			return refuse("ERR_FS_CP_NON_DIR_TO_DIR", "Cannot overwrite directory with non-directory", "ENOTDIR", syscall.ENOTDIR,
				fmt.Sprintf("cannot overwrite non-directory %s with directory %s", a.text(0), a.text(1)))
		}
	}
	if source.IsDir() && !c.recursive {
		e := refuse("ERR_FS_EISDIR", "Recursive option not enabled, cannot copy a directory", "EISDIR", syscall.EISDIR,
			fmt.Sprintf("%s is a directory (not copied)", a.text(0)))
		e.path = a.text(0)
		return e
	}
	if source.IsDir() && strings.HasPrefix(to, from+string(filepath.Separator)) {
		return refuse("ERR_FS_CP_EINVAL", "Invalid src or dest", "EINVAL", syscall.EINVAL,
			fmt.Sprintf("cannot copy %s to a subdirectory of self %s", a.text(0), a.text(1)))
	}
	return nil
}

// copy copies what is at from, which is rel below where it began.
func (c *copying) copy(ctx context.Context, from, to, rel string) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if rel != "" && slices.Contains(c.excluded, any(rel)) {
		return nil
	}
	look := os.Lstat
	if c.dereference {
		look = os.Stat
	}
	info, err := look(from)
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		err = c.copyDir(ctx, from, to, rel, info)
	case info.Mode()&fs.ModeSymlink != 0:
		err = c.copyLink(from, to)
	case info.Mode().IsRegular():
		err = c.copyOne(from, to)
	default:
		return &refused{
			code: "ERR_FS_CP_UNKNOWN", what: "Cannot copy an unknown file type", call: "cp",
			name: "EINVAL", errno: syscall.EINVAL, why: "neither a file, a directory nor a link", path: from,
		}
	}
	if err == nil && c.times && info.Mode()&fs.ModeSymlink == 0 {
		err = os.Chtimes(to, info.ModTime(), info.ModTime())
	}
	return err
}

func (c *copying) copyDir(ctx context.Context, from, to, rel string, info fs.FileInfo) error {
	list, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, info.Mode().Perm()|0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, e := range list {
		if err := c.copy(ctx, filepath.Join(from, e.Name()), filepath.Join(to, e.Name()), filepath.Join(rel, e.Name())); err != nil {
			return err
		}
	}
	return os.Chmod(to, info.Mode().Perm())
}

func (c *copying) copyOne(from, to string) error {
	err := copyFile(from, to, !c.force)
	if errors.Is(err, fs.ErrExist) && !c.force {
		if !c.errorOnExist {
			return nil
		}
		return &refused{
			code: "ERR_FS_CP_EEXIST", what: "Target already exists", call: "cp",
			name: "EEXIST", errno: syscall.EEXIST, why: fmt.Sprintf("%s already exists", to), path: to,
		}
	}
	return err
}

// copyLink makes the same link; a relative one points at what it did.
func (c *copying) copyLink(from, to string) error {
	target, err := os.Readlink(from)
	if err != nil {
		return err
	}
	if !filepath.IsAbs(target) && !c.verbatim {
		target = filepath.Join(filepath.Dir(from), target)
	}
	if _, err := os.Lstat(to); err == nil {
		if err := os.Remove(to); err != nil {
			return err
		}
	}
	return os.Symlink(target, to)
}
