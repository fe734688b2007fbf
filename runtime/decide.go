package runtime

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// Desired is what a service should be, as far as that decides what is done.
type Desired struct {
	Service     string
	FullName    string // the container's name when it is ready
	Image       string // reference
	ImageID     string // "": the image is not there yet
	Pulled      bool   // the image is not built from the file
	Stale       string // why the image is going to be built, where it has not been yet; "": it is not
	Hash        string // of the definition; "": there is no key to make it with
	NetworkName string // "": configure took it off the group's network
	NetworkID   string // "": the network is not there yet
	AlwaysNew   bool
	OneShot     bool
	// Dependencies are the containers that a one-shot service works on, by
	// service (see Graph.WorksOn). Those that are not there are left out.
	Dependencies map[string]DependencyContainer
	// Force is the reason to replace the container whatever it is; may be "".
	Force string
}

// Action is what is done to a service.
type Action string

// The actions. Create and Replace make a new container, whose hooks run.
const (
	Keep    Action = "keep"    // runs, is ready and matches: nothing
	Await   Action = "await"   // runs and matches, is not ready: wait, without postStart
	Resume  Action = "resume"  // as Await, and postStart: it is new
	Restart Action = "restart" // matches, does not run
	Create  Action = "create"
	Replace Action = "replace"
)

// Decision says what is done to a service, and why.
type Decision struct {
	Action Action
	// Container is the one to keep, await, resume or restart.
	Container Container
	// Remove are containers of the service that must go first.
	Remove []Container
	Cause  string
	// Changes are the fields that make it Replace, with secret values.
	Changes []spec.Change
}

// String prints the decision as --dry-run does.
func (d Decision) String() string {
	if d.Action == Create {
		return d.Cause
	}
	return string(d.Action) + ": " + d.Cause
}

// Decide says what to do to a service, given the containers that it has. It
// asks nothing and changes nothing. changes are the fields in which the
// Candidate differs from the definition, where their hashes do not tell that
// there are none.
func Decide(want Desired, have []Container, changes []spec.Change) Decision {
	candidate, others := Candidate(want, have)
	if candidate == nil {
		return Decision{Action: Create, Cause: "new container"}
	}
	if cause := because(mismatch(want, *candidate, changes), want.Force); cause != "" {
		d := Decision{Action: Replace, Remove: append(others, *candidate), Cause: cause}
		if !sameDefinition(want, *candidate, changes) {
			d.Changes = changes
		}
		return d
	}
	action, cause := decideByState(want, *candidate)
	if action == Replace {
		return Decision{Action: Replace, Remove: append(others, *candidate), Cause: cause}
	}
	return Decision{Action: action, Container: *candidate, Remove: others, Cause: cause}
}

// because says why a container is replaced: "image web:1 was rebuilt (reload)". ""
// where there is no reason.
func because(reasons []string, force string) string {
	cause := strings.Join(reasons, ", ")
	switch {
	case force == "":
		return cause
	case cause == "":
		return force
	}
	return cause + " (" + force + ")"
}

// Candidate picks the container that stands for the service, where it has
// several: the one that became ready, else the newest.
func Candidate(want Desired, have []Container) (candidate *Container, others []Container) {
	if len(have) == 0 {
		return nil, nil
	}
	sorted := slices.Clone(have)
	slices.SortStableFunc(sorted, func(a, b Container) int {
		return cmp.Or(
			-cmp.Compare(btoi(a.Name == want.FullName), btoi(b.Name == want.FullName)),
			-a.Created.Compare(b.Created),
			cmp.Compare(a.ID, b.ID))
	})
	return &sorted[0], sorted[1:]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sameDefinition tells whether a container was made from the definition. Where
// its hash was made with another key or in another way, which is no reason to
// replace it, the fields tell.
func sameDefinition(want Desired, c Container, changes []spec.Change) bool {
	same, known := state.CompareHashes(c.Labels.Hash, want.Hash)
	if !known {
		return len(changes) == 0
	}
	return same
}

// mismatch returns the reasons why a container cannot go on being used.
func mismatch(want Desired, c Container, changes []spec.Change) []string {
	var reasons []string
	if want.Stale != "" {
		reasons = append(reasons, want.Stale)
	}
	same := sameDefinition(want, c, changes)
	if !same {
		for _, change := range changes {
			reasons = append(reasons, change.Field+" changed")
		}
		if len(changes) == 0 {
			reasons = append(reasons, "definition changed")
		}
	}
	if c.ImageID != want.ImageID {
		switch {
		case want.ImageID == "":
			reasons = append(reasons, "image "+want.Image+" is missing")
		case imageChanged(changes):
		case want.Pulled:
			reasons = append(reasons, "image "+want.Image+" was updated")
		default:
			reasons = append(reasons, "image "+want.Image+" was rebuilt")
		}
	}
	if id, attached := c.Networks[want.NetworkName]; want.NetworkName != "" && same && (!attached || id != want.NetworkID && want.NetworkID != "" && id != "") {
		reasons = append(reasons, "network "+want.NetworkName+" was recreated")
	}
	for _, name := range renewed(want, c) {
		reasons = append(reasons, name+" was recreated since the last run")
	}
	if c.State == "dead" || c.State == "removing" {
		reasons = append(reasons, "container is "+c.State)
	}
	return reasons
}

func imageChanged(changes []spec.Change) bool {
	return slices.ContainsFunc(changes, func(c spec.Change) bool { return c.Field == "image" })
}

// decideByState decides by the state of a container that matches.
func decideByState(want Desired, c Container) (Action, string) {
	running := c.State == "running" || c.State == "restarting"
	switch strings.TrimPrefix(c.Name, want.FullName) {
	case suffixNew:
		if running {
			return Resume, "an earlier start did not finish"
		}
		return Replace, "an earlier start did not finish"
	case suffixFailed:
		return Replace, "previous start failed"
	case suffixAgain:
		switch {
		case running:
			return Await, "an earlier start did not finish"
		case want.AlwaysNew:
			return Replace, "alwaysStartNew"
		}
		return Restart, "an earlier start did not finish"
	}
	switch {
	case running && want.OneShot:
		return Await, "still running"
	case c.State == "restarting":
		return Await, "container exited and is restarting"
	case running && c.Health == "unhealthy":
		return Await, "container is unhealthy"
	case running:
		return Keep, "running and up to date"
	case want.OneShot && c.State == "exited" && c.ExitCode == 0 && !want.AlwaysNew:
		return Keep, "completed and up to date"
	case want.OneShot && c.State == "exited" && c.ExitCode == 0:
		return Replace, "alwaysStartNew"
	case want.OneShot && c.State == "exited":
		return Replace, fmt.Sprintf("previous run failed with exit code %d", c.ExitCode)
	case want.OneShot:
		return Replace, "previous run did not complete"
	case want.AlwaysNew:
		return Replace, "alwaysStartNew"
	case c.State == "paused":
		return Restart, "it was paused"
	}
	return Restart, "it was stopped"
}
