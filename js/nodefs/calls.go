// Package nodefs has the calls of Node's module fs in plain Go, with Node's errors. It
// knows no JavaScript.
package nodefs

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Bytes is the content of a file.
type Bytes []byte

// Call is a call of node:fs in plain Go. It returns Bytes, []Entry, what has
// the same name in JavaScript (a text, numbers by name), or nil for undefined.
type Call func(ctx context.Context, a *Args) (any, error)

// Calls returns the calls by their names.
func Calls() map[string]Call {
	return map[string]Call{
		"access": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail(access(a.path(0), a.number(1)), "access"))
		},
		"chmod": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail(os.Chmod(a.path(0), fileMode(a.number(1))), "chmod"))
		},
		"unlink": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail(syscall.Unlink(a.path(0)), "unlink"))
		},
		"rmdir": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail(syscall.Rmdir(a.path(0)), "rmdir"))
		},
		"rename": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail2(os.Rename(a.path(0), a.path(1)), "rename"))
		},
		"copyFile": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail2(copyFile(a.path(0), a.path(1), a.flag(2)), "copyfile"))
		},
		"symlink": func(_ context.Context, a *Args) (any, error) {
			return nothing(a.fail2(os.Symlink(a.text(0), a.path(1)), "symlink"))
		},
		"readlink": func(_ context.Context, a *Args) (any, error) {
			target, err := os.Readlink(a.path(0))
			return target, a.fail(err, "readlink")
		},
		"realpath": func(_ context.Context, a *Args) (any, error) {
			path, err := filepath.EvalSymlinks(a.path(0))
			return path, a.fail(err, "realpath")
		},
		"read":    readFile,
		"write":   writeFile,
		"stat":    stat,
		"mkdir":   mkdir,
		"mkdtemp": mkdtemp,
		"readdir": readdir,
		"rm":      rm,
		"cp":      cp,
	}
}

func nothing(err error) (any, error) { return nil, err }

// fileMode is the mode of Node's number.
func fileMode(mode int64) fs.FileMode {
	out := fs.FileMode(mode & 0o777)
	for bit, flag := range map[int64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if mode&bit != 0 {
			out |= flag
		}
	}
	return out
}

func readFile(_ context.Context, a *Args) (any, error) {
	data, err := os.ReadFile(a.path(0))
	if err != nil {
		if p, ok := errors.AsType[*os.PathError](err); ok && p.Op == "read" {
			return nil, &failure{err: err, call: "read"} // Node has forgotten the path by then
		}
		return nil, a.fail(err, "open")
	}
	return Bytes(data), nil
}

// openFlags are the flags that Node has words for.
func openFlags(flag string) (int, bool) {
	flags := map[string]int{
		"r": os.O_RDONLY, "r+": os.O_RDWR,
		"w": os.O_WRONLY | os.O_CREATE | os.O_TRUNC, "w+": os.O_RDWR | os.O_CREATE | os.O_TRUNC,
		"a": os.O_WRONLY | os.O_CREATE | os.O_APPEND, "a+": os.O_RDWR | os.O_CREATE | os.O_APPEND,
	}
	for _, f := range []string{"w", "w+", "a", "a+"} {
		flags[f[:1]+"x"+f[1:]] = flags[f] | os.O_EXCL
	}
	n, ok := flags[flag]
	return n, ok
}

// Open opens path 0 with the flag 1 and the mode 2.
func Open(a *Args) (*os.File, error) {
	flags, ok := openFlags(a.text(1))
	if !ok {
		flags, _ = openFlags("w")
	}
	f, err := os.OpenFile(a.path(0), flags, fileMode(a.number(2)))
	return f, a.fail(err, "open")
}

// writeFile writes data 3 to what Open opens.
func writeFile(_ context.Context, a *Args) (any, error) {
	f, err := Open(a)
	if err != nil {
		return nil, err
	}
	err = WriteTo(f, a.at(3))
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = &failure{err: closeErr, call: "close"}
	}
	return nothing(err)
}

// WriteTo writes bytes or a text to a file.
func WriteTo(f *os.File, data any) error {
	b, ok := data.([]byte)
	if text, isText := data.(string); isText {
		b, ok = []byte(strings.ToValidUTF8(text, "\ufffd")), true // what is no character
	}
	if !ok {
		return errors.New("internal error: neither bytes nor text")
	}
	if _, err := f.Write(b); err != nil {
		return &failure{err: err, call: "write"}
	}
	return nil
}

// mkdir makes the directory 0 with the mode 1, and those above where 2 says so;
// then the result is the first that it has made.
func mkdir(_ context.Context, a *Args) (any, error) {
	path, mode := a.path(0), fileMode(a.number(1))
	if !a.flag(2) {
		return nothing(a.fail(os.Mkdir(path, mode), "mkdir"))
	}
	path = filepath.Clean(path)
	first := ""
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			if dir == path {
				return nil, a.fail(syscall.EEXIST, "mkdir")
			}
			return nil, a.fail(syscall.ENOTDIR, "mkdir")
		}
		if err == nil || filepath.Dir(dir) == dir {
			break
		}
		first = dir
	}
	if err := os.MkdirAll(path, mode); err != nil {
		return nil, a.fail(err, "mkdir")
	}
	if first == "" {
		return nil, nil
	}
	return first, nil
}

// mkdtemp makes a directory whose name begins with 0.
func mkdtemp(_ context.Context, a *Args) (any, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for range 100 {
		random := make([]byte, 6)
		_, _ = rand.Read(random)
		for i, b := range random {
			random[i] = letters[int(b)%len(letters)]
		}
		err := os.Mkdir(a.path(0)+string(random), 0o700)
		if err == nil {
			return a.text(0) + string(random), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, &failure{err: err, call: "mkdtemp", path: a.text(0) + "XXXXXX"}
		}
	}
	return nil, &failure{err: syscall.EEXIST, call: "mkdtemp", path: a.text(0) + "XXXXXX"}
}

// Entry is an entry of a directory.
type Entry struct {
	Dir  string // relative to the directory that was asked for
	Name string
	Kind int // as Node numbers them (UV_DIRENT_…)
}

// readdir lists the directory 0, and those in it where 1 says so.
func readdir(ctx context.Context, a *Args) (any, error) {
	found := []Entry{}
	for dirs := []string{""}; len(dirs) > 0; dirs = dirs[1:] {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		list, err := os.ReadDir(filepath.Join(a.path(0), dirs[0]))
		if err != nil {
			return nil, &failure{err: err, call: "scandir", path: joinShown(a.text(0), dirs[0])}
		}
		for _, e := range list {
			found = append(found, Entry{Dir: dirs[0], Name: e.Name(), Kind: direntKind(e.Type())})
			if e.IsDir() && a.flag(1) {
				dirs = append(dirs, filepath.Join(dirs[0], e.Name()))
			}
		}
	}
	return found, nil
}

func joinShown(path, rest string) string {
	if rest == "" {
		return path
	}
	return strings.TrimRight(path, `/\`) + string(filepath.Separator) + rest
}

// direntKind is the number that Node has for a kind of file (UV_DIRENT_…).
func direntKind(mode fs.FileMode) int {
	switch {
	case mode.IsRegular():
		return 1
	case mode.IsDir():
		return 2
	case mode&fs.ModeSymlink != 0:
		return 3
	case mode&fs.ModeNamedPipe != 0:
		return 4
	case mode&fs.ModeSocket != 0:
		return 5
	case mode&fs.ModeCharDevice != 0:
		return 6
	case mode&fs.ModeDevice != 0:
		return 7
	}
	return 0
}

// stat tells of the file 0, or of the link itself where 1 is false.
func stat(_ context.Context, a *Args) (any, error) {
	look, call := os.Lstat, "lstat"
	if a.flag(1) {
		look, call = os.Stat, "stat"
	}
	info, err := look(a.path(0))
	if err != nil {
		return nil, a.fail(err, call)
	}
	s := map[string]any{
		"kind": direntKind(info.Mode().Type()), "size": info.Size(), "mtimeMs": milliseconds(info.ModTime()),
	}
	statDetails(info, s)
	return s, nil
}
