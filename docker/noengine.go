package docker

import (
	goruntime "runtime"
	"strings"
)

// NoEngineError says that no container engine answers.
type NoEngineError struct {
	Tried []Try
}

// Try is a place where an engine was looked for in vain.
type Try struct {
	Where   string // what names the place: DOCKER_HOST, docker context "colima", socket
	Address string
	Why     string
}

func (e *NoEngineError) Error() string {
	var text strings.Builder
	text.WriteString("no container engine answers")
	for _, try := range e.Tried {
		text.WriteString("\n  tried " + strings.TrimSpace(try.Where+" "+try.Address) + ": " + try.Why)
	}
	return text.String()
}

// Hint says what to do about it.
func (e *NoEngineError) Hint() string {
	for _, try := range e.Tried {
		if strings.Contains(try.Why, "permission denied") {
			return "your user is not allowed to use the engine: add it to the docker group (sudo usermod -aG docker $USER, then log in again), or use rootless Docker or Podman"
		}
	}
	if len(e.Tried) == 1 {
		switch where := e.Tried[0].Where; {
		case strings.HasPrefix(where, "DOCKER_HOST"):
			return "start the engine there, or unset DOCKER_HOST to use the engine of this machine"
		case strings.Contains(strings.ToLower(where), "context"):
			return "start the engine there, or choose another with: docker context use NAME"
		}
	}
	if goruntime.GOOS == "linux" {
		return "start Docker (sudo systemctl start docker), or install Docker or Podman"
	}
	return "start Docker Desktop, OrbStack, Colima or Podman, or install one of them"
}
