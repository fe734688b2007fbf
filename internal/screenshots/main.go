// Command screenshots draws what a terminal shows, as tmux capture-pane -e
// prints it, as SVG. See make.sh.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: screenshots TITLE <CAPTURED >FILE.svg")
	}
	captured, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	lines, err := parse(captured)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, draw(args[0], lines))
	return err
}
