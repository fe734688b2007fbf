package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/state"
)

// ignoreContext has git ignore the saved context in a directory: its values may
// be secret. It returns whether it added the line, to a file that is made where
// there is none.
func ignoreContext(dir string) (added bool, err error) {
	ignored, err := ignoresContext(dir)
	if ignored || err != nil {
		return false, err
	}
	path := filepath.Join(dir, ".gitignore")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	newline := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		newline = "\r\n"
	}
	line := state.ContextFile + newline
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		line = newline + line
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return false, err
	}
	_, err = file.WriteString(line)
	return true, errors.Join(err, file.Close())
}

// ignoresContext reports whether the .gitignore of the directory, or one above it
// in the same repository, names the context.
func ignoresContext(dir string) (bool, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	patterns := []string{state.ContextFile, "**/" + state.ContextFile, "/" + state.ContextFile}
	for {
		text, err := os.ReadFile(filepath.Join(at, ".gitignore"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		for line := range strings.Lines(string(text)) {
			if slices.Contains(patterns, strings.TrimSpace(line)) {
				return true, nil
			}
		}
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil || filepath.Dir(at) == at {
			return false, nil
		}
		at = filepath.Dir(at)
		patterns = patterns[:2] // what begins with / means its own directory
	}
}
