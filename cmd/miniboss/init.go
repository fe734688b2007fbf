package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
	"github.com/miniboss/miniboss/typings"
)

func (a *app) initCommand() *cobra.Command {
	var typeScript bool
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		GroupID: groupProject,
		Short:   "write a starter file with typings and editor configuration",
		Long: `init writes a starter file into this directory or DIR: miniboss.js (or .ts), with
the typings, and a jsconfig.json (or tsconfig.json) so that your editor finds them.
It also adds ` + state.ContextFile + ` to .gitignore.

It overwrites nothing. If you have a tsconfig.json that does not cover the new
file yet, init adds what is missing or shows you the line to add.`,
		Example: `  miniboss init
  miniboss init --ts services`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			switch {
			case len(args) > 1:
				return &spec.UsageError{Message: "init takes at most one directory"}
			case len(args) == 1 && isFile(args[0]):
				return &spec.UsageError{Message: fmt.Sprintf("init takes a directory, not %s", args[0])}
			case len(args) == 1:
				dir = args[0]
			}
			return a.initialize(dir, typeScript)
		},
	}
	cmd.Flags().BoolVar(&typeScript, "ts", false, "write a TypeScript file")
	return cmd
}

// starting is one run of init.
type starting struct {
	app     *app
	dir     string
	changed bool     // something was written
	hints   []string // what is left to the user
}

// initialize writes what is not there yet. It fails if nothing was written.
func (a *app) initialize(dir string, typeScript bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	s := &starting{app: a, dir: dir}
	if err := s.writeFiles(typeScript); err != nil {
		return err
	}
	added, err := ignoreContext(dir)
	if err != nil {
		return err
	}
	if added {
		s.added("%s to %s", state.ContextFile, filepath.Join(dir, ".gitignore"))
	}
	if !s.changed {
		return errors.New("nothing to write: all files already exist")
	}
	s.say("\nNext:")
	for _, hint := range s.hints {
		s.say("  %s", hint)
	}
	at := ""
	if dir != "." {
		at = "cd " + dir + " && "
	}
	s.say("  %sminiboss check    checks the file", at)
	s.say("  %sminiboss start    starts the services", at)
	return nil
}

// writeFiles writes the service file, the typings and the configuration.
func (s *starting) writeFiles(typeScript bool) error {
	// A second configuration would be ignored.
	var existing *editorConfig
	config, err := firstThere(s.dir, []string{"tsconfig.json", "jsconfig.json"})
	if err != nil {
		return err
	}
	if config != "" {
		if existing, err = readEditorConfig(s.dir, config); err != nil {
			s.hints = append(s.hints, fmt.Sprintf(`make sure that %s is valid and covers %s: %v`, config, typings.FileName, err))
		}
	}
	// A second service file would leave miniboss without knowing which is meant.
	var services []string
	for _, extension := range fileExtensions() {
		services = append(services, "miniboss"+extension)
	}
	service, err := firstThere(s.dir, services)
	if err != nil {
		return err
	}
	isThere := service != ""
	if isThere {
		typeScript = strings.HasSuffix(service, "ts")
	}
	starter := typings.JavaScript()
	if typeScript {
		starter = typings.TypeScript()
	}
	if !isThere {
		service = starter.ServiceFileName
		if typeScript && existing != nil && existing.covers(service) && existing.refusesImport(s.dir) {
			service = "miniboss.mts"
			s.hints = append(s.hints, "the file is miniboss.mts, not miniboss.ts, because "+config+" and package.json make .ts files CommonJS, and TypeScript rejects import there")
		}
	}
	plan := configPlan{alone: true} // the existing one cannot be read
	if config == "" || existing != nil {
		plan = planConfig(existing, s.dir, service, starter)
	}
	content := starter.ServiceFile
	if plan.alone {
		content = typings.Alone(content)
	}
	if err := s.write(service, content, isThere); err != nil {
		return err
	}
	declarations := typings.Declarations
	if plan.besideNode {
		declarations = typings.BesideNode
	}
	hasTypings, err := firstThere(s.dir, []string{typings.FileName})
	if err != nil {
		return err
	}
	if hasTypings != "" {
		s.hints = append(s.hints, "miniboss types --write    updates "+typings.FileName)
	}
	if err := s.write(typings.FileName, declarations, hasTypings != ""); err != nil {
		return err
	}
	return s.configure(config, existing, plan)
}

// configure carries out what is planned for the configuration.
func (s *starting) configure(config string, existing *editorConfig, plan configPlan) error {
	if plan.write != "" {
		there, err := firstThere(s.dir, []string{plan.write})
		if err != nil {
			return err
		}
		if err := s.write(plan.write, plan.content, there != ""); err != nil {
			return err
		}
	}
	if config == "" {
		return nil
	}
	if plan.list == "" {
		s.kept(config)
	} else {
		text, err := addToList(existing.text, plan.list, plan.add...)
		if err != nil {
			return fmt.Errorf("%s: %w", config, err)
		}
		if err := os.WriteFile(filepath.Join(s.dir, config), text, 0o644); err != nil { // it keeps its mode
			return err
		}
		s.added("%s to %q in %s", strings.Join(plan.add, ", "), plan.list, filepath.Join(s.dir, config))
	}
	if plan.hint != "" {
		s.hints = append(s.hints, plan.hint)
	}
	return nil
}

// write writes a file, unless it is there.
func (s *starting) write(name, content string, isThere bool) error {
	if isThere {
		s.kept(name)
		return nil
	}
	path := filepath.Join(s.dir, name)
	if err := create(path, content); err != nil {
		return err
	}
	s.changed = true
	s.say("written  %s", path)
	return nil
}

func (s *starting) kept(name string) { s.say("kept     %s (exists)", filepath.Join(s.dir, name)) }

func (s *starting) added(format string, args ...any) {
	s.changed = true
	s.say("added    "+format, args...)
}

func (s *starting) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.app.stdout, format+"\n", args...)
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
