package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/display/timeline"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// timelineValue is the flag for the file that a timeline is written to.
type timelineValue string

func timelineFlag(cmd *cobra.Command, target *string) {
	cmd.Flags().Var((*timelineValue)(target), "timeline", "write a timeline of the start to `FILE` (.svg, .html or .json)")
	completeFlag(cmd, "timeline", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"svg", "html", "json"}, cobra.ShellCompDirectiveFilterFileExt
	})
}

func (v *timelineValue) Set(file string) error {
	switch filepath.Ext(file) {
	case ".svg", ".html", ".json":
		*v = timelineValue(file)
		return nil
	}
	return &spec.UsageError{Message: fmt.Sprintf("--timeline %q has an unknown extension", file), Advice: "use .svg, .html or .json"}
}

func (v *timelineValue) String() string { return string(*v) }

// Type is how the help names the value.
func (v *timelineValue) Type() string { return "FILE" }

// timed calls start, names its slowest link where it took long, and writes the
// timeline to a file where one is given, also when start failed.
func (s *session) timed(file string, start func() error) error {
	show := s.show
	var recorder timeline.Recorder
	s.runner.Sink = func(e runtime.Event) {
		recorder.Add(e)
		show(e)
	}
	err := start()
	t := recorder.Timeline(s.runner.Group)
	if slowest := t.Slowest(); err == nil && slowest != "" && t.Total > timeline.WorthTelling {
		s.shown() // it is the last line
		show(runtime.Event{Time: time.Now(), Phase: runtime.PhaseNotice, Cause: "slowest: " + slowest})
	}
	if file == "" {
		return err
	}
	content := map[string]func() string{".svg": t.SVG, ".html": t.HTML, ".json": t.JSON}[filepath.Ext(file)]()
	if writeErr := os.WriteFile(file, []byte(content), 0o644); writeErr != nil {
		show(runtime.Event{Time: time.Now(), Phase: runtime.PhaseError, Err: fmt.Errorf("timeline: %w", writeErr)})
		if err == nil {
			err = fmt.Errorf("timeline: %w", runtime.ErrFailed)
		}
	}
	return err
}
