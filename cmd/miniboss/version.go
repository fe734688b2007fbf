package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		GroupID:           groupOther,
		Short:             "print the version",
		Example:           "  miniboss version",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noArguments(cmd, args); err != nil {
				return err
			}
			_, err := fmt.Fprintln(a.stdout, "miniboss", version())
			return err
		},
	}
}

// version is what the Go tool recorded when the binary was built: the module's
// version, or the revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "devel " + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "devel"
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &spec.UsageError{Message: fmt.Sprintf("unexpected argument %q for %s", args[0], cmd.Name())}
	}
	return nil
}
