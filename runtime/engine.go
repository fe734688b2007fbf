package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// ErrNotFound is wrapped by the errors of an Engine where the container, image,
// network or volume does not exist.
var ErrNotFound = errors.New("not found")

// ErrOutputUnended is of a container that has ended, and whose output has not.
var ErrOutputUnended = errors.New("the container exited, but the engine left its output open: the last lines may be missing")

// ContextFile is the name of the file of the shared context, beside the user's
// file. It is never part of what an image is built from.
const ContextFile = state.ContextFile

// Engine is what the core needs of a container engine. Its methods may be
// called from several goroutines at once. Removing or stopping what is gone
// already is no error.
type Engine interface {
	// Now returns the time by the engine's clock, which need not be ours. It is
	// within a second of it.
	Now() time.Time
	// Containers lists the containers, of any state, that miniboss made and
	// that the selector names.
	Containers(ctx context.Context, of Selector) ([]Container, error)
	// State tells the state of one container now.
	State(ctx context.Context, id string) (ContainerState, error)
	// Changes compares an existing container with a create request and returns
	// the fields that differ, in the user's names, sorted by field.
	Changes(ctx context.Context, id string, request []byte) ([]spec.Change, error)
	// Watch reports what happens to the group's containers from now on. When
	// it returns, nothing that happens later is missed; what happened shortly
	// before may be told too. The channel is closed
	// when ctx ends; a lost connection is taken up again.
	Watch(ctx context.Context, group string) (<-chan ContainerEvent, error)

	// Request returns the engine's create request for a service as JSON: an
	// object with Config, HostConfig and NetworkingConfig.
	Request(spec ContainerSpec) ([]byte, error)
	// TakenPorts returns those of some ports of the host on which something
	// listens, as far as this machine tells. The engine is not asked. It is
	// none where the engine is on another machine.
	TakenPorts(ports []spec.Port) []spec.Port
	// PortHolders says who has ports that TakenPorts returned, one error for
	// each. nil: the port is not the engine's machine's, or is free by now.
	PortHolders(ctx context.Context, ports []spec.Port) []*PortTakenError
	// Create makes a container under the given name from a request and returns
	// its id.
	Create(ctx context.Context, name string, request []byte, labels Labels) (id string, err error)
	Rename(ctx context.Context, id, name string) error
	// NameHolder says which container has a name; nil: it is free, or that cannot
	// be told.
	NameHolder(ctx context.Context, name string) *NameTakenError
	// Start starts a container that is created or stopped and unpauses a
	// paused one. The error is a *PortTakenError where a host port is taken.
	Start(ctx context.Context, id string) error
	// Stop sends the container's stop signal, and kills it after the timeout.
	// A paused container is unpaused first.
	Stop(ctx context.Context, id string, timeout time.Duration) error
	// StopSignal tells the signal with which Stop asks a container to end, and
	// what its main process does about it, as far as that is known. With
	// lookInside a command may be run in the container to find out.
	StopSignal(ctx context.Context, id string, lookInside bool) (StopSignal, error)
	// Remove removes a container, running or not, with its anonymous volumes.
	Remove(ctx context.Context, id string) error

	Exec(ctx context.Context, id string, options ExecOptions) (ExecResult, error)
	// ExecAttached is Exec with the caller's streams instead of options.Stdin,
	// and returns when the command has ended and its output is written. Where
	// ctx ends first, the command goes on without them.
	ExecAttached(ctx context.Context, id string, options ExecOptions, streams Streams) (exitCode int, err error)
	// StartAttached starts a container that was created for these streams (see
	// OneOff) and returns when it has ended and its output is written. Where
	// ctx ends first, the container goes on without them. With ErrOutputUnended
	// the exit code is right.
	StartAttached(ctx context.Context, id string, streams Streams) (exitCode int, err error)
	// Listeners returns where programs in a container listen for TCP connections,
	// as far as that can be found out.
	Listeners(ctx context.Context, id string) ([]netip.AddrPort, error)
	Logs(ctx context.Context, id string, options LogOptions) (io.ReadCloser, error)
	// InspectContainer returns the engine's own description, as JSON.
	InspectContainer(ctx context.Context, id string) ([]byte, error)

	// Image looks an image up locally. The error wraps ErrNotFound where it is
	// absent.
	Image(ctx context.Context, reference string) (Image, error)
	Pull(ctx context.Context, reference, platform string, progress func(Progress)) error
	Build(ctx context.Context, options BuildOptions, progress func(Progress)) (imageID string, err error)
	// Sources looks at what an image would be built from: the files that the
	// ignore file leaves, by all but their contents.
	Sources(ctx context.Context, build spec.Build) (Sources, error)
	// ReadSources reads files that Sources has found, and sets their sums.
	ReadSources(ctx context.Context, build spec.Build, files []SourceFile) error
	// Tag gives an image another name.
	Tag(ctx context.Context, id, reference string) error
	// RemoveImage removes an image that no tag names and no container uses,
	// and leaves any other alone.
	RemoveImage(ctx context.Context, id string) error
	// RemoveName takes a name off an image, and removes the image where it was
	// the last one. The error wraps ErrNotFound where nothing has the name.
	RemoveName(ctx context.Context, reference string) error

	// Network looks a network up by its exact name. The error wraps
	// ErrNotFound where there is none.
	Network(ctx context.Context, name string) (Network, error)
	// Networks lists the networks that miniboss made for the group.
	Networks(ctx context.Context, group string) ([]Network, error)
	CreateNetwork(ctx context.Context, name string, labels Labels) (Network, error)
	RemoveNetwork(ctx context.Context, id string) error
	// Volumes lists the volumes that miniboss made for the group, by name.
	Volumes(ctx context.Context, group string) ([]NamedVolume, error)
	// CreateVolume makes a named volume with labels where it does not exist.
	CreateVolume(ctx context.Context, name string, labels Labels) error
	RemoveVolume(ctx context.Context, name string) error
	// HasVolume reports whether there is a volume, whoever made it.
	HasVolume(ctx context.Context, name string) (bool, error)
	// SharesFiles reports whether the paths of this machine are the engine's
	// too. They are not where the engine is on another machine.
	SharesFiles(ctx context.Context) bool
}

// Selector names containers by what their labels say. Empty texts select all.
type Selector struct {
	Group   string
	ID      string // of one container
	OneOffs bool   // one-off containers too
}

// Labels is what miniboss writes on everything that it makes, and finds it by.
type Labels struct {
	Group     string
	Service   string   // "" on networks and volumes
	File      string   // absolute path of the user's file
	Machine   string   // that has the file; "": the engine's own (see Runner)
	Hash      string   // of the definition, under a key (see state.HashKey); "": there was none
	DependsOn []string // names of services, so that stop knows the order without the file
	// AnyPorts are the container ports ("80/tcp") for which the definition
	// takes any port of the host, and miniboss has chosen one.
	AnyPorts []string
	OneOff   bool
	// RanWith are the containers that a one-shot service's one was made to work
	// on: the first 12 digits of their ids, by service.
	RanWith map[string]string
}

// Container is a container in a list.
type Container struct {
	ID     string
	Name   string
	Actual string // its name on the engine, where the journal gives it Name; "": it is Name
	Labels Labels
	State  string // created, running, paused, restarting, removing, exited, dead
	Health string // starting, healthy, unhealthy; "": no healthcheck
	// ExitCode is that of the last run where the container has exited, else -1.
	ExitCode int
	Image    string // reference or id it was made from
	ImageID  string
	// Networks are the ids of the networks it is attached to, by name.
	Networks map[string]string
	Ports    []spec.Port // published ones, sorted by container port; none where it does not run
	Created  time.Time
}

// ContainerState is the state of one container at an instant.
type ContainerState struct {
	Status     string // as Container.State
	Running    bool   // also while paused
	ExitCode   int
	StopSignal string // that of Engine.Stop, by name
	OOMKilled  bool
	Error      string // why the engine could not start it
	Health     string // starting, healthy, unhealthy; "": no healthcheck
	HealthLog  string // output of the last healthcheck
	// Healthcheck is how its health is asked; nil: it has no healthcheck.
	Healthcheck *Healthcheck
	// RestartCount is how often its restart policy had the engine start it again.
	RestartCount int
	StartedAt    time.Time
	FinishedAt   time.Time
	HostPorts    map[string]int // "5432/tcp" to the host port it is published on
}

// ContainerEvent is a change of a container's state.
type ContainerEvent struct {
	ID       string
	Action   string    // start, die, health, destroy, pause, unpause, or EventLost
	Time     time.Time // by the engine's clock
	ExitCode int       // of die
	Health   string    // of health
}

// EventLost is the Action of an event that is of no container: the engine has
// not answered for a minute. Watch goes on asking it, and tells it each time.
const EventLost = "lost"

// ContainerSpec is a service's definition with what the group adds to it.
type ContainerSpec struct {
	Group      string
	Definition spec.Definition
	// NetworkName is the network to attach to, with the service's name as
	// alias and hostname.
	NetworkName string
	// Volumes are the definition's, named ones under their full name.
	Volumes []spec.Volume
	// OneOff is set for a one-off container; nil: it is the service's own.
	OneOff *OneOff
}

// OneOff says how a one-off container differs from a service's own. It has no
// alias on the network, is not restarted, takes input until its first reader
// of it ends, and the engine removes it when it has ended.
type OneOff struct {
	Terminal bool // it has a terminal
}

// ExecOptions says what to run in a container.
type ExecOptions struct {
	Cmd        []string
	Env        map[string]string
	User       string
	WorkingDir string
	Stdin      string
}

// ExecResult is what a command in a container gave.
type ExecResult struct {
	ExitCode       int
	Stdout, Stderr string
}

// Streams are the input and output of the caller of a command.
type Streams struct {
	Stdin          io.Reader // nil: none
	Stdout, Stderr io.Writer // with a terminal all output goes to Stdout
	Terminal       *Terminal // nil: the command has none
}

// Terminal is the terminal of the caller.
type Terminal struct {
	Size    func() (columns, rows int) // 0: not known
	Resized <-chan struct{}            // has a value when the size may have changed
}

// LogOptions says which log lines to read.
type LogOptions struct {
	Tail       int       // 0: all; less: none of those that there are
	Since      time.Time // by the engine's clock; zero: from the beginning
	Follow     bool
	Timestamps bool
}

// Image is a local image.
type Image struct {
	ID   string
	Tags []string
}

// BuildOptions says what to build.
type BuildOptions struct {
	spec.Build
	Tag      string
	Platform string
	Pull     bool // look for newer base images
	// Local are base images that no registry has: the file builds them.
	Local []string
	// Under is a name that the image has from the end of the build on, before
	// it gets its tag; "": none. The caller removes it.
	Under string
}

// NamedVolume is a named volume of the engine.
type NamedVolume struct {
	Name   string
	Labels Labels
}

// Network is a network of the engine.
type Network struct {
	ID     string
	Name   string
	Ours   bool // made by miniboss
	Labels Labels
	// Twins are further networks of the same name, which engines allow.
	Twins []Network
}

// PortTakenError says that a host port cannot be published.
type PortTakenError struct {
	Port     int
	Protocol string
	// Container is the port of the container that wants it: "80/tcp".
	Container string
	Holder    *PortHolder // who has it; nil: that is not known
	Remedy    string      // a command that ends the holder; "": none is known
}

// PortHolder is what has a port of the host: a container, or a process.
type PortHolder struct {
	Container string // its name; "": it is a process
	Labels    Labels // of a container that miniboss made
	PID       int    // of a process
	Process   string // name of its program
}

// String names the holder: container "web" (group "shop"), process 4711 (node).
func (h *PortHolder) String() string {
	switch {
	case h == nil:
		return "something else"
	case h.Container == "":
		return fmt.Sprintf("process %d (%s)", h.PID, h.Process)
	case h.Labels.Group != "":
		return fmt.Sprintf("container %q (group %q)", h.Container, h.Labels.Group)
	}
	return fmt.Sprintf("container %q", h.Container)
}

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("host port %d/%s is already in use by %s", e.Port, e.Protocol, e.Holder)
}

// Hint says what to do.
func (e *PortTakenError) Hint() string {
	hint := "stop it, or choose another host port in ports"
	if e.Container != "" {
		hint += "." + strings.TrimSuffix(e.Container, "/tcp")
	}
	hint += " (0 picks a free one)"
	if e.Remedy != "" {
		hint += "; to stop it: " + e.Remedy
	}
	return hint
}

// NotRunnableError says that a command is not in the container, or cannot be
// run there.
type NotRunnableError struct {
	ExitCode int // as shells have it: 126 cannot be run, 127 not found
	Err      error
}

func (e *NotRunnableError) Error() string { return e.Err.Error() }

func (e *NotRunnableError) Unwrap() error { return e.Err }
