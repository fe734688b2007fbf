package main

import (
	"github.com/spf13/cobra"
)

// elsewhere is how other tools call commands that have another name here.
func elsewhere() map[string]string {
	return map[string]string{
		"up": "start", "dev": "start", "serve": "start",
		"lint": "check", "validate": "check", "config": "check", "rebuild": "reload", "sh": "exec", "shell": "exec", "attach": "logs -f", "top": "status", "stats": "status",
	}
}

// instead is what to do where another tool has a command, and no command here
// means the same.
func instead() map[string]string {
	return map[string]string{
		"down":    "to stop and remove everything: miniboss stop --remove (with --volumes: the named volumes too)",
		"rm":      "to stop a service and remove its container: miniboss stop SERVICE --remove",
		"clean":   "to remove everything, the named volumes too: miniboss stop --remove --volumes",
		"prune":   "to remove everything, the named volumes too: miniboss stop --remove --volumes",
		"kill":    "to stop a service without waiting for it: miniboss stop SERVICE --timeout 0",
		"watch":   "after an edit: miniboss start, or miniboss reload SERVICE to build one service",
		"build":   "to build all images and start what changed: miniboss start --build; for one service: miniboss reload SERVICE",
		"pull":    "to look for newer images and start what changed: miniboss start --pull",
		"pause":   "to stop a service and keep its container: miniboss stop SERVICE",
		"unpause": "to start a service again: miniboss start SERVICE",
		"port":    "the addresses of every service: miniboss status",
		"images":  "the image of every service: miniboss status",
		"events":  "what a command does, as JSON: miniboss start --progress json",
		"cp":      "to copy out of a container: miniboss exec SERVICE cat PATH > FILE",
		"scale":   "a service has one container: make several services of one class in the file",
		"push":    "miniboss pushes no images: docker push IMAGE",
	}
}

// flagInstead is what to do instead of a flag that Compose has.
func flagInstead() map[string]string {
	const group = `groupName("NAME") in the file names the group`
	const profile = "there are no profiles: name the services to start, or leave some out with --exclude a,b"
	return map[string]string{
		"p": group, "project-name": group, "profile": profile,
		"project-directory":       "paths in the file are relative to the file; --file FILE names it",
		"ansi":                    "NO_COLOR=1 turns colors off, --progress plain the live rows",
		"no-color":                "NO_COLOR=1 turns colors off",
		"context":                 "DOCKER_CONTEXT=NAME chooses the engine of a Docker context",
		"H":                       "DOCKER_HOST=URL chooses the engine",
		"force-recreate":          "miniboss stop --remove, then miniboss start, makes all containers new; miniboss reload SERVICE one",
		"no-recreate":             "miniboss start --dry-run shows what would be replaced, and why",
		"scale":                   "a service has one container: make several services of one class in the file",
		"rmi":                     "miniboss removes no images but those it has built and replaced: docker rmi IMAGE",
		"abort-on-container-exit": "start returns when the services are ready; miniboss logs -f follows them",
		"attach":                  "start returns when the services are ready; miniboss logs -f follows them",
		"quiet":                   "--progress quiet",
		"q":                       "--progress quiet; for a script: miniboss status --json",
		"format":                  "--json writes one JSON document",
		"wait":                    "start always waits until the services are ready",
		"remove-orphans":          "start always removes the containers of services that the file no longer defines",
		"all":                     "status always shows all services",
		"a":                       "status always shows all services",
		"no-start":                "miniboss start --dry-run shows what would be done",
		"index":                   "a service has one container",
		"privileged":              "privileged = true in the file, or --user root",
	}
}

// accepted adds a flag that Compose's users type, and that says what miniboss
// does anyway.
func accepted(cmd *cobra.Command, name, shorthand, always string) {
	cmd.Flags().BoolP(name, shorthand, true, "accepted, as in Compose: "+always)
	cmd.Flags().Lookup(name).DefValue = ""
}
