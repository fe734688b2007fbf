package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/typings"
)

func (a *app) initCommand() *cobra.Command {
	var typeScript bool
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		GroupID: groupProject,
		Short:   "write a starter file with typings and editor configuration",
		Long: `init writes a starter into this directory or DIR: miniboss.js (or .ts), the
typings, and a jsconfig.json (or tsconfig.json) so that an editor knows them. It
overwrites nothing; what is there already is left and named.`,
		Example: `  miniboss init
  miniboss init --ts services`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			switch {
			case len(args) > 1:
				return &runtime.UsageError{Message: "init takes one directory"}
			case len(args) == 1 && isFile(args[0]):
				return &runtime.UsageError{Message: fmt.Sprintf("init takes a directory, not %s", args[0])}
			case len(args) == 1:
				dir = args[0]
			}
			starter := typings.JavaScript()
			if typeScript {
				starter = typings.TypeScript()
			}
			return a.initialize(dir, starter)
		},
	}
	cmd.Flags().BoolVar(&typeScript, "ts", false, "write TypeScript")
	return cmd
}

// initialize writes what is not there yet. It fails where nothing was written.
func (a *app) initialize(dir string, starter typings.Starter) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var services []string
	for _, extension := range fileExtensions() {
		services = append(services, "miniboss"+extension)
	}
	written := 0
	var hints []string
	for _, file := range []struct {
		name, content string
		// instead are the files in whose presence this one must not appear: a
		// second service file would leave miniboss without knowing which is
		// meant, and a second configuration would be ignored.
		instead []string
		hint    string // where it is left
	}{
		{starter.ServiceFileName, starter.ServiceFile, services, ""},
		{typings.FileName, typings.Declarations, []string{typings.FileName}, "miniboss types --write brings " + typings.FileName + " up to date"},
		{starter.ConfigName, starter.Config, []string{"tsconfig.json", "jsconfig.json"}, "see that the configuration includes " + typings.FileName},
	} {
		there, err := firstThere(dir, file.instead)
		if err != nil {
			return err
		}
		if there != "" {
			_, _ = fmt.Fprintf(a.stdout, "left     %s, which is there already\n", filepath.Join(dir, there))
			if file.hint != "" {
				hints = append(hints, file.hint)
			}
			continue
		}
		path := filepath.Join(dir, file.name)
		if err := create(path, file.content); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(a.stdout, "written  %s\n", path)
		written++
	}
	if written == 0 {
		return errors.New("nothing was written: everything is there already")
	}
	_, _ = fmt.Fprintln(a.stdout, "\nNext:")
	for _, hint := range hints {
		_, _ = fmt.Fprintf(a.stdout, "  %s\n", hint)
	}
	at := ""
	if dir != "." {
		at = "cd " + dir + " && "
	}
	_, err := fmt.Fprintf(a.stdout, "  %sminiboss check    checks the file\n  %sminiboss start    starts the services\n", at, at)
	return err
}

// firstThere returns the first of the names that a directory has, or "".
func firstThere(dir string, names []string) (string, error) {
	for _, name := range names {
		_, err := os.Lstat(filepath.Join(dir, name))
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}

// create writes a file that must not be there yet.
func create(path, content string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	return errors.Join(err, file.Close())
}
