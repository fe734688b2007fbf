package main

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/miniboss/miniboss/display"
)

// TestHelpAndManual holds every command and topic to the same: a place in the
// help, examples, nothing wider than a terminal, and a manual page with all
// that it takes.
func TestHelpAndManual(t *testing.T) {
	t.Parallel()
	a := &app{stdout: io.Discard, stderr: display.NewScreen(io.Discard), getenv: func(string) string { return "" }}
	root := a.rootCommand()
	whole := helpText(root)
	for _, c := range append(shownCommands(root), root) {
		text := helpText(c)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpColumns {
				t.Errorf("%s: a line of the help has %d columns: %s", c.Name(), n, line)
			}
		}
		page := string(manPage(c))
		if !strings.Contains(page, escaped(c.Short)) {
			t.Errorf("%s: the manual page does not say %q", c.Name(), c.Short)
		}
		if c != root && !strings.Contains(whole, "\n  "+c.Name()+" ") {
			t.Errorf("%s is not in the help", c.Name())
		}
		if !c.Runnable() {
			continue
		}
		if c != root && c.GroupID == "" {
			t.Errorf("%s has no GroupID", c.Name())
		}
		if !strings.Contains(c.Example, "  miniboss ") {
			t.Errorf("%s has no example", c.Name())
		}
		if c != root && c.ValidArgsFunction == nil && c.ValidArgs == nil {
			t.Errorf("%s does not say how its arguments are completed", c.Name())
		}
		flags(c, func(f *pflag.Flag) {
			if !strings.Contains(page, escaped("--"+f.Name)+" ") && !strings.Contains(page, escaped("--"+f.Name)+`"`) {
				t.Errorf("%s: the manual page has no --%s", c.Name(), f.Name)
			}
			if !strings.Contains(text, "--"+f.Name+" ") {
				t.Errorf("%s: the help has no --%s", c.Name(), f.Name)
			}
		})
	}
}

func flags(c *cobra.Command, each func(*pflag.Flag)) {
	c.LocalFlags().VisitAll(each)
	c.InheritedFlags().VisitAll(each)
}
