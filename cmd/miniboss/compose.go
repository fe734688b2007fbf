package main

import (
	"github.com/spf13/cobra"
)

// foreignCommands is how other tools call commands that have another name here.
func foreignCommands() map[string]string {
	return map[string]string{
		"up": "start", "dev": "start", "serve": "start",
		"lint": "check", "validate": "check", "config": "check", "rebuild": "reload", "sh": "exec", "shell": "exec", "attach": "logs -f", "top": "status", "stats": "status",
	}
}

// alternatives is what to do where another tool has a command, and no command here
// means the same.
func alternatives() map[string]string {
	return map[string]string{
		"down":    "run `miniboss stop --remove` to stop and remove everything (add --volumes to remove the named volumes too)",
		"rm":      "run `miniboss stop SERVICE --remove` to stop a service and remove its container",
		"clean":   "run `miniboss stop --remove --volumes` to remove everything, including the named volumes",
		"prune":   "run `miniboss stop --remove --volumes` to remove everything, including the named volumes",
		"kill":    "run `miniboss stop SERVICE --timeout 0` to stop a service without waiting for it",
		"watch":   "after an edit, run `miniboss start`, or `miniboss reload SERVICE` to build one service",
		"build":   "run `miniboss start --build` to build all images and start what changed, or `miniboss reload SERVICE` for one service",
		"pull":    "run `miniboss start --pull` to look for newer images and start what changed",
		"pause":   "run `miniboss stop SERVICE` to stop a service and keep its container",
		"unpause": "run `miniboss start SERVICE` to start a service again",
		"port":    "run `miniboss status` to see the addresses of every service",
		"images":  "run `miniboss status` to see the image of every service",
		"events":  "run `miniboss start --progress json` to get events as JSON",
		"cp":      "run `miniboss exec SERVICE cat PATH > FILE` to copy a file out of a container",
		"scale":   "each service has one container; define several services in the file, for example from one base class",
		"push":    "miniboss does not push images; run `docker push IMAGE`",
	}
}

// flagInstead is what to do instead of a flag that Compose has.
func flagInstead() map[string]string {
	const group = `call groupName("NAME") in the file to name the group`
	const profile = "miniboss has no profiles; name the services to start, or skip some with --exclude a,b"
	return map[string]string{
		"p": group, "project-name": group, "profile": profile,
		"project-directory":       "paths in the file are relative to the file; choose the file with --file FILE",
		"ansi":                    "set NO_COLOR=1 to turn off colors, or use --progress plain to turn off the live rows",
		"no-color":                "set NO_COLOR=1 to turn off colors",
		"context":                 "set DOCKER_CONTEXT=NAME to use the engine of a Docker context",
		"H":                       "set DOCKER_HOST=URL to choose the engine",
		"force-recreate":          "run `miniboss stop --remove` and then `miniboss start` to recreate all containers, or `miniboss reload SERVICE` for one",
		"no-recreate":             "run `miniboss start --dry-run` to see what would be replaced, and why",
		"scale":                   "each service has one container; define several services in the file, for example from one base class",
		"rmi":                     "miniboss only removes images that it built and has replaced; run `docker rmi IMAGE`",
		"abort-on-container-exit": "start returns when the services are ready; run `miniboss logs -f` to follow their logs",
		"attach":                  "start returns when the services are ready; run `miniboss logs -f` to follow their logs",
		"quiet":                   "use --progress quiet",
		"q":                       "use --progress quiet; in a script, use `miniboss status --json`",
		"format":                  "use --json to get one JSON document",
		"wait":                    "start always waits until the services are ready",
		"remove-orphans":          "start always removes the containers of services that the file no longer defines",
		"all":                     "status always shows all services",
		"a":                       "status always shows all services",
		"no-start":                "run `miniboss start --dry-run` to see what would be done",
		"index":                   "each service has only one container",
		"privileged":              "set privileged = true in the file, or use --user root",
	}
}

// accepted adds a flag that Compose's users type, and that says what miniboss
// does anyway.
func accepted(cmd *cobra.Command, name, shorthand, always string) {
	cmd.Flags().BoolP(name, shorthand, true, "accepted for compatibility with Compose: "+always)
	cmd.Flags().Lookup(name).DefValue = ""
}
