package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

func fileExtensions() []string { return []string{".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"} }

// isFile reports whether an argument names a service file.
func isFile(argument string) bool {
	return slices.Contains(fileExtensions(), filepath.Ext(argument))
}

// takeFile returns the absolute path of the service file and the other
// arguments. The file is the flag's, else the first argument that names one,
// else that of MINIBOSS_FILE, else the nearest miniboss.* upwards.
func (g *globals) takeFile(args []string) (path string, rest []string, err error) {
	given := g.file
	rest = args
	if i := slices.IndexFunc(args, isFile); i >= 0 && (given == "" || args[i] == given) {
		given = args[i]
		rest = slices.Delete(slices.Clone(args), i, i+1)
	}
	from := ""
	if given == "" && g.fileVariable != "" {
		given, from = g.fileVariable, "MINIBOSS_FILE: "
	}
	if given == "" {
		path, err = findFile()
		return path, rest, err
	}
	if !isFile(given) {
		return "", nil, &spec.UsageError{Message: fmt.Sprintf("%s%s is not a service file", from, given),
			Advice: "expected a name that ends in " + strings.Join(fileExtensions(), ", ")}
	}
	path, err = filepath.Abs(given)
	if err != nil {
		return "", nil, err
	}
	return path, rest, nil
}

// mustExist says what is wrong with a path that is no file.
func mustExist(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &spec.UsageError{Message: path + " does not exist"}
	case err != nil:
		return &spec.UsageError{Message: err.Error()}
	case info.IsDir():
		return &spec.UsageError{Message: path + " is a directory, not a file"}
	}
	return nil
}

// findFile looks for miniboss.* in the working directory and upwards.
func findFile() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		var found []string
		for _, extension := range fileExtensions() {
			path := filepath.Join(dir, "miniboss"+extension)
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				found = append(found, path)
			}
		}
		found = slices.DeleteFunc(found, isCompiled)
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return "", &spec.UsageError{Message: "found several service files: " + strings.Join(found, ", "), Advice: "name the one to use"}
		case filepath.Dir(dir) == dir:
			return "", &spec.UsageError{
				Message: fmt.Sprintf("found no miniboss.js (or .mjs, .cjs, .ts, .mts, .cts) in %s or any directory above it", start),
				Advice:  "name the service file, or change to a directory that has one",
			}
		}
	}
}

// isCompiled reports whether a file is what the TypeScript compiler has made of
// the one beside it, as its last line says.
func isCompiled(path string) bool {
	extension := filepath.Ext(path)
	source, ok := map[string]string{".js": ".ts", ".mjs": ".mts", ".cjs": ".cts"}[extension]
	if !ok {
		return false
	}
	if info, err := os.Stat(strings.TrimSuffix(path, extension) + source); err != nil || info.IsDir() {
		return false
	}
	content, err := os.ReadFile(path)
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(content)), "//# sourceMappingURL="+filepath.Base(path)+".map")
}
