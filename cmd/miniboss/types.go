package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/typings"
)

func (a *app) typesCommand(g *globals) *cobra.Command {
	var write bool
	cmd := &cobra.Command{
		Use:     "types [FILE|DIR]",
		GroupID: groupProject,
		Short:   "print the typings, or write them for your editor",
		Long: `types prints the declarations of everything that a service file can use. With
--write it writes them to ` + typings.FileName + ` next to the service file, or into
DIR. Your editor finds them there without an npm install; see miniboss init. A file
of this name that miniboss did not write is left alone.`,
		Example: `  miniboss types --write
  miniboss types > ` + typings.FileName,
		ValidArgsFunction: completeFile(g),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !write {
				if len(args) > 0 {
					return &spec.UsageError{Message: fmt.Sprintf("unexpected argument %q for types without --write", args[0])}
				}
				_, err := fmt.Fprint(a.stdout, typings.Declarations)
				return err
			}
			dir, err := typesDir(g, args)
			if err != nil {
				return err
			}
			return a.writeTypes(dir)
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write "+typings.FileName+" instead of printing")
	return cmd
}

// typesDir is the directory that the typings go to: the argument's, or the one
// of the service file, or else the working directory.
func typesDir(g *globals, args []string) (string, error) {
	if len(args) > 1 {
		return "", &spec.UsageError{Message: "types takes at most one file or directory"}
	}
	if len(args) == 1 && !isFile(args[0]) {
		if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
			return "", &spec.UsageError{Message: fmt.Sprintf("%s is neither a service file nor a directory", args[0])}
		}
		return args[0], nil
	}
	path, _, err := g.takeFile(args)
	if err != nil && g.file == "" && g.fileVariable == "" && len(args) == 0 {
		return ".", nil // no service file yet, or several
	}
	if err != nil {
		return "", err
	}
	return filepath.Dir(path), mustExist(path)
}

func (a *app) writeTypes(dir string) error {
	path := filepath.Join(dir, typings.FileName)
	shown := path
	if abs, err := filepath.Abs(path); err == nil {
		shown = displayPath(abs)
	}
	content := declarationsFor(dir)
	old, err := os.ReadFile(path)
	what := "updated"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = "written"
	case err != nil:
		return err
	case string(old) == content:
		_, err := fmt.Fprintf(a.stdout, "%s is up to date\n", shown)
		return err
	case !typings.Ours(string(old)):
		return fmt.Errorf("%s was not written by miniboss; move it away first", shown)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s was %s\n", shown, what)
	return err
}

// declarationsFor are the typings as they fit to the configuration of a directory.
func declarationsFor(dir string) string {
	for _, name := range []string{referenceConfig, "tsconfig.json", "jsconfig.json"} {
		if config, err := readEditorConfig(dir, name); err == nil && config != nil {
			if config.readsNodeTypes(dir) {
				return typings.BesideNode
			}
			break
		}
	}
	return typings.Declarations
}
