package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) logsCommand(g *globals) *cobra.Command {
	var o runtime.LogsOptions
	var tail, since, grep string
	var timestamps bool
	cmd := &cobra.Command{
		Use:     "logs [FILE] [SERVICE…]",
		GroupID: groupLook,
		Short:   "show the logs of the services",
		Long: `logs shows what the services wrote, and sorts the lines of several services by
time. With --follow it keeps following until Ctrl-C, including new containers that
a start or reload creates in the meantime.

If the last start of a service failed, its container is gone. logs then shows the
end of its log, which miniboss kept.`,
		Example: `  miniboss logs
  miniboss logs todo -f -n 20            the last 20 lines, then follow
  miniboss logs --since 10m --grep 'error|warn'`,
		ValidArgsFunction: a.completeServices(g, anyNumber),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			o.Services = names
			if o.Tail, err = parseTail(tail); err != nil {
				return err
			}
			if _, err = parseSince(since, time.Now()); err != nil { // before anything is asked of the engine
				return err
			}
			if grep != "" {
				if o.Grep, err = regexp.Compile(grep); err != nil {
					return &spec.UsageError{Message: "--grep: " + err.Error(), Advice: "use a regular expression, with a backslash before a literal dot or bracket"}
				}
			}
			if o.Follow {
				a.quietEnd.Store(true)
			}
			return a.withLook(cmd.Context(), g, path, true, func(s *session) error {
				o.Since, _ = parseSince(since, s.engine.Now())
				lines := newLogLines(a.stdout, logNames(s, names), timestamps, a.coloured(a.stdout))
				return s.runner.Logs(cmd.Context(), o, lines.write)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&o.Follow, "follow", "f", false, "keep following the logs until Ctrl-C")
	// -f is --follow here, as everywhere.
	flags.StringVar(&g.file, "file", "", "the service `FILE` (or $MINIBOSS_FILE); in this command, -f is --follow")
	completeFlag(cmd, "file", completeExtension)
	flags.StringVarP(&tail, "tail", "n", "all", "show only the last `LINES` of each service (of the matching lines, with --grep)")
	flags.StringVar(&since, "since", "", "show only lines since this `TIME`: 10m or 2h (ago), 15:04, 2006-01-02 or 2006-01-02T15:04:05Z")
	flags.BoolVarP(&timestamps, "timestamps", "t", false, "show the time of each line")
	flags.StringVar(&grep, "grep", "", "show only lines that match the regular expression `REGEXP`")
	completeFlag(cmd, "grep", cobra.NoFileCompletions)
	return cmd
}

// logNames returns the names that lines may begin with.
func logNames(s *session, given []string) []string {
	if len(given) == 0 && s.runner.Graph != nil {
		return s.runner.Graph.Names()
	}
	return given
}

// parseTail reads a number of lines, or all.
func parseTail(text string) (int, error) {
	if text == "all" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, &spec.UsageError{Message: fmt.Sprintf("--tail %s is not a number of lines", text), Advice: "use a number from 0, or all"}
	}
	if n == 0 {
		n = -1 // none
	}
	return n, nil
}

// parseSince reads a time: a duration before now, a time of today, or a date,
// which are local unless they say otherwise. The times in logs are by the engine's
// clock, and so is now.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			year, month, day := now.Date()
			return time.Date(year, month, day, at.Hour(), at.Minute(), at.Second(), 0, now.Location()), nil
		}
	}
	return time.Time{}, &spec.UsageError{Message: fmt.Sprintf("--since %s is not a time", text),
		Advice: "use how long ago (10m, 2h), a time today (15:04), a date (2006-01-02), or both (2006-01-02T15:04:05Z)"}
}
