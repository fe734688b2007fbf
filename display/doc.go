// Package display shows the events of a command: live on a terminal, as plain
// lines, as JSON, or only what went wrong.
//
// The live display keeps one row for each service at the end of the output and
// writes everything else above the rows, where it scrolls away as usual. board.go
// knows what the services do, rows.go how that looks at some width and height,
// painter.go what is on the screen. These are pure; live.go adds the time and the
// terminal.
package display
