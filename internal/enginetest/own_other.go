//go:build !linux

package enginetest

import "testing"

// OwnEngine is a Docker engine of a test's own.
type OwnEngine struct{}

// StartOwn wants Linux.
func StartOwn(t testing.TB) *OwnEngine {
	t.Skip("it wants Linux, to start an engine of its own")
	return nil
}

// Host is its address, as in DOCKER_HOST.
func (e *OwnEngine) Host() string { return "" }

// API returns a client for it.
func (e *OwnEngine) API() *Client { return nil }

// Inside is what a command begins with that runs where the engine publishes its
// containers' ports.
func (e *OwnEngine) Inside() []string { return nil }

// Start starts it.
func (e *OwnEngine) Start() {}

// Stop ends it in order.
func (e *OwnEngine) Stop() {}

// Kill ends it at once.
func (e *OwnEngine) Kill() {}
