package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// tool is one of those that are compared. Its commands are called in the order
// of the steps.
type tool struct {
	name    string
	program string
	args    func(step string) []string
}

// The steps of a round, in order.
const (
	cold    = "cold start"
	again   = "again, unchanged"
	stop    = "stop"
	restart = "restart after stop"
	remove  = "stop --remove"
)

var steps = []string{cold, again, stop, restart, remove}

const (
	limitName   = "limit"
	miniName    = "miniboss"
	composeName = "compose"
)

func limitTool(program, dir string) tool {
	commands := map[string]string{cold: "start", again: "again", stop: "stop", restart: "restart", remove: "remove"}
	return tool{limitName, program, func(step string) []string {
		return []string{commands[step], filepath.Join(dir, "collection.json")}
	}}
}

func miniTool(program, dir string, settle time.Duration) tool {
	file := filepath.Join(dir, "miniboss.js")
	return tool{miniName, program, func(step string) []string {
		switch step {
		case stop:
			return []string{"stop", file}
		case remove:
			return []string{"stop", "--remove", file}
		}
		return []string{"start", "--settle", fmt.Sprint(settle.Seconds()), file}
	}}
}

func composeTool(program, dir string) tool {
	file := filepath.Join(dir, "compose.yaml")
	return tool{composeName, program, func(step string) []string {
		switch step {
		case stop:
			return []string{"-f", file, "stop"}
		case remove:
			return []string{"-f", file, "down"}
		}
		return []string{"-f", file, "up", "-d"}
	}}
}
