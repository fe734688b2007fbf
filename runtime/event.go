package runtime

import (
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Phase is what a service is doing. The strings are shown to users and are
// part of the JSON output.
type Phase string

// The phases of a service, in about the order in which it goes through them,
// and then those of messages.
const (
	PhaseQueued    Phase = "queued"    // the command is about it; WaitsFor are the services that go first
	PhaseWaiting   Phase = "waiting"   // for its dependencies; WaitsFor are those
	PhasePulling   Phase = "pulling"   // its Image; Cause says why, Progress how far it is
	PhaseBuilding  Phase = "building"  // its Image; Cause says why, Progress how far it is
	PhasePulled    Phase = "pulled"    // its Image; Duration is that of the pull
	PhaseBuilt     Phase = "built"     // its Image; Duration is that of the build
	PhaseReplacing Phase = "replacing" // its old container; Cause says why
	PhasePreStart  Phase = "preStart"
	PhaseCreating  Phase = "creating"
	PhaseStarting  Phase = "starting"
	PhasePinging   Phase = "pinging" // Attempt and Cause tell of the last ping
	PhasePostStart Phase = "postStart"
	PhaseSettling  Phase = "settling"
	PhaseReady     Phase = "ready"     // Cause says what was done
	PhaseUnchanged Phase = "unchanged" // it was running and ready: nothing was done
	PhaseFailed    Phase = "failed"    // Err says why, Logs holds the container's last lines
	PhaseSkipped   Phase = "skipped"   // Cause names the dependency that failed
	PhasePreStop   Phase = "preStop"
	PhaseStopping  Phase = "stopping"
	PhasePostStop  Phase = "postStop"
	PhaseStopped   Phase = "stopped"
	PhaseRemoved   Phase = "removed" // Cause says what was removed where that is not the container

	PhaseOutput  Phase = "output"  // a line that a hook wrote with console
	PhaseNotice  Phase = "notice"  // Cause is the message
	PhaseWarning Phase = "warning" // Cause is the message
	PhaseError   Phase = "error"   // Err failed without failing a service
)

// Event is something that happened.
type Event struct {
	Time     time.Time
	Service  string // "": the group
	Suite    string // in whose test it happened; "": in none
	Phase    Phase
	Cause    string        // why, or what exactly; see the phases
	WaitsFor []string      // services, of queued and waiting
	Image    string        // of pulling, building, pulled and built
	Duration time.Duration // of all that the service did, in its last event
	Attempt  int           // the number of pings so far
	Lasting  bool          // of pinging: waiting seldom heals the Cause
	Hint     string        // of pinging: what to do about the Cause; may be ""
	Progress *Progress
	Err      error
	Logs     []string
	Running  bool        // of what failed or was skipped: the container it had before runs on
	Ports    []spec.Port // published by a service that is ready or unchanged; Host is never 0
}

// Progress tells how far a pull or a build is.
type Progress struct {
	Step    string // what is being done: a layer's id, a line of the Dockerfile
	Text    string // "Downloading", or a line of the build's output
	Current int64  // bytes or steps
	Total   int64  // bytes or steps; 0: not known
}

// Sink receives events. The core calls it from one goroutine at a time.
type Sink func(Event)
