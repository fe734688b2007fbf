package js

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// EnvFiles says which files of variables are read into process.env before the
// service file runs. What the environment has already wins over all of them; of
// the files, those that come later win.
type EnvFiles struct {
	// Paths are read instead of .env and .env.local beside the service file. They
	// start from the current directory, and each must be there.
	Paths []string
	// None says that no file is read.
	None bool
}

// environment is what process.env has at first, and where it came from.
type environment struct {
	all   []string          // NAME=value
	given map[string]string // without what the files have added
}

// read adds the variables of the files to an environment.
func (f EnvFiles) read(beside string, given []string) (environment, error) {
	e := environment{all: given, given: map[string]string{}}
	for _, entry := range given {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			e.given[name] = value
		}
	}
	paths := f.Paths
	switch {
	case f.None:
		return e, nil
	case len(paths) == 0:
		paths = besideFiles(beside)
	}
	var added []variable
	for _, path := range paths {
		list, found, err := readDotenv(path)
		switch {
		case err != nil:
			return e, err
		case !found && len(f.Paths) > 0:
			return e, &spec.UsageError{Message: fmt.Sprintf("--env-file: there is no file %s", path)}
		}
		for _, v := range list {
			added = setVariable(added, v.name, v.value)
		}
	}
	e.all = slices.Clone(given)
	for _, v := range added {
		if _, wins := e.given[v.name]; !wins {
			e.all = append(e.all, v.name+"="+v.value)
		}
	}
	return e, nil
}

// besideFiles are the files of variables that are read without being asked for.
// A directory of that name is none: some keep a Python environment in .env.
func besideFiles(dir string) []string {
	var paths []string
	for _, name := range []string{".env", ".env.local"} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			paths = append(paths, path)
		}
	}
	return paths
}
