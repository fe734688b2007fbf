// Package docker implements runtime.Engine on Docker's API, which Podman
// speaks too. It is the only package that imports the Docker SDK, and of ours
// it imports runtime alone.
//
// Rules: what miniboss made is found by labels, never by a part of a name.
// Every call honours its context. Whatever the engine answers becomes a
// sentence that says what was being done; text of the engine is looked at only
// where it is the only sign there is (a taken port, a network's stale count).
package docker

import "github.com/miniboss/miniboss/runtime"

var _ runtime.Engine = (*Engine)(nil)
