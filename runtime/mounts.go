package runtime

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/miniboss/miniboss/runtime/spec"
)

// mounts is what a container that is to be made or restarted mounts. The engine
// would make a directory, as root, of every source that is not there: a slip in
// the name of a file would become a directory in the user's project.
type mounts struct {
	*Runner
	volumes []spec.Volume
	class   string
	pos     func(field string) spec.Position // may be nil
}

func (r *Runner) mounts(d spec.Definition, class string, pos func(string) spec.Position) mounts {
	return mounts{Runner: r, volumes: d.Volumes, class: class, pos: pos}
}

// prepare makes the directories and named volumes that are not there yet, and
// says what is missing that it must not make.
func (m mounts) prepare(ctx context.Context) error {
	if err := m.check(ctx); err != nil {
		return err
	}
	for _, v := range m.volumes {
		if !v.Named || v.External {
			continue
		}
		if err := m.Engine.CreateVolume(ctx, fullName(m.Group, v.Source), m.groupLabels()); err != nil {
			return err
		}
	}
	return nil
}

// check makes the directories whose sources end with a slash, and says which
// sources and external volumes are missing. What this machine does not tell, it
// leaves to the engine.
func (m mounts) check(ctx context.Context) error {
	var problems []spec.Problem
	for _, v := range m.volumes {
		switch {
		case v.External:
			there, err := m.Engine.HasVolume(ctx, v.Source)
			if err != nil {
				return err
			}
			if !there {
				problems = append(problems, m.problem(v, fmt.Sprintf("volume %q does not exist on the engine", v.Source),
					"create it with `docker volume create "+v.Source+"`, or remove external so that miniboss creates the volume"))
			}
		case !v.Named && !v.Anonymous:
			if p := m.source(ctx, v); p != nil {
				problems = append(problems, *p)
			}
		}
	}
	if len(problems) > 0 {
		return &spec.DefinitionError{Problems: problems}
	}
	return nil
}

// source says what is wrong with a path that is mounted, after it was made
// where that is asked for.
func (m mounts) source(ctx context.Context, v spec.Volume) *spec.Problem {
	info, err := os.Stat(v.Source)
	switch {
	case err == nil && v.Make && !info.IsDir():
		p := m.problem(v, fmt.Sprintf("%s is a file, but the / at its end asks for a directory", m.shown(v.Source)), "remove the / at the end")
		return &p
	case err == nil || !isMissing(err) || !m.Engine.SharesFiles(ctx):
		return nil
	case v.Make:
		if err := makeOwned(v.Source); err != nil {
			p := m.problem(v, fmt.Sprintf("cannot create the directory: %v", err), "")
			return &p
		}
		return nil
	}
	p := m.problem(v, fmt.Sprintf("%s does not exist", m.shown(v.Source)), "")
	if target, err := os.Readlink(v.Source); err == nil {
		p.Message += ": it is a symbolic link to " + target
		return &p
	}
	if module, err := filepath.Abs(p.Pos.File); err == nil && p.Pos.File != "" {
		if p.Hint = spec.ModuleHint(v.Source, m.File, module); p.Hint != "" {
			return &p
		}
	}
	near, whole := nearestPath(v.Source)
	if whole {
		p.Message += fmt.Sprintf("; did you mean %s?", m.shown(near))
		return &p
	}
	p.Message += fmt.Sprintf("; the nearest existing path is %s", m.shown(near))
	p.Hint = fmt.Sprintf("if miniboss should create the directory, end the path with a slash: %q", m.shown(v.Source)+"/:"+v.Target)
	return &p
}

// isMissing reports whether a path is not there, also where it is below a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func (m mounts) problem(v spec.Volume, message, hint string) spec.Problem {
	p := spec.Problem{Class: m.class, Field: v.Field, Message: v.Field + ": " + message, Hint: hint}
	if m.pos != nil {
		p.Pos = m.pos(v.Field)
	}
	return p
}

// shown is a path as the file writes it: relative to the file, where it is
// below that.
func (m mounts) shown(path string) string {
	relative, err := filepath.Rel(m.dir(), path)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return path
	}
	if relative == "." {
		return "./"
	}
	return "./" + filepath.ToSlash(relative)
}

// nearestPath returns the path that is there and most like one that is not. Where
// only its beginning is there, or something like it, whole is false.
func nearestPath(path string) (near string, whole bool) {
	missing := []string{filepath.Base(path)}
	for near = filepath.Dir(path); ; near = filepath.Dir(near) {
		if info, err := os.Stat(near); err == nil && info.IsDir() || near == filepath.Dir(near) {
			break
		}
		missing = append([]string{filepath.Base(near)}, missing...)
	}
	for _, name := range missing {
		names := entries(near)
		if !slices.Contains(names, name) {
			if name = spec.NearestName(name, names); name == "" {
				return near, false
			}
		}
		near = filepath.Join(near, name)
	}
	return near, true
}

// entries returns the names in a directory: not too many to compare.
func entries(dir string) []string {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range list[:min(len(list), 1000)] {
		names = append(names, entry.Name())
	}
	return names
}

// makeOwned makes a directory and those above it, for the user.
func makeOwned(path string) error {
	above := path
	for {
		if _, err := os.Lstat(above); err == nil || above == filepath.Dir(above) {
			break
		}
		above = filepath.Dir(above)
	}
	owner, err := os.Stat(above)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	for ; path != above; path = filepath.Dir(path) {
		if err := giveTo(path, owner); err != nil {
			return err
		}
	}
	return nil
}
