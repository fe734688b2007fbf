package spec

import "time"

// Definition is what a service's fields say, checked and with its defaults.
// ParseDefinition makes it from the values that JavaScript found.
type Definition struct {
	Name       string
	Image      string
	Entrypoint []string // nil: the image's
	Cmd        []string // nil: the image's
	User       string   // "": the image's
	WorkingDir string   // "": the image's
	Env        map[string]string
	Unset      []string // variables that env leaves out by null, sorted
	Ports      []Port   // sorted by container port
	Volumes    []Volume // in the user's order
	StopSignal string   // SIGTERM, SIGINT, SIGKILL or SIGQUIT; "": the image's, else SIGTERM
	Build      *Build   // nil: the image is pulled, never built

	Labels     map[string]string
	ExtraHosts []string          // "host:ip"
	Tmpfs      map[string]string // path in the container to mount options
	CapAdd     []string
	Devices    []string // "/dev/host[:/dev/container[:rwm]]"
	Memory     int64    // bytes; 0: no limit
	CPUs       float64  // 0: no limit
	ShmSize    int64    // bytes; 0: the engine's default
	Init       bool
	Privileged bool
	Restart    string // "no", "always", "unless-stopped", "on-failure[:n]"; "": the engine's default
	Platform   string // "linux/arm64"; "": the engine's own

	Hostname          string // "": the service's name
	NetworkMode       string // "host", "none" or "bridge"; "": the group's network
	TTY               bool
	StdinOpen         bool
	ReadOnly          bool // the root file system
	CapDrop           []string
	SecurityOpt       []string
	GroupAdd          []string
	Ulimits           []Ulimit // sorted by name
	Sysctls           map[string]string
	DNS, DNSSearch    []string
	IPC, PID          string // "host" and the like; "": the engine's default
	Runtime           string // "": the engine's default
	CgroupParent      string // "": the engine's default
	PidsLimit         int64  // -1: none; 0: the engine's default
	OomScoreAdj       int64
	MemorySwap        int64 // bytes, with Memory in it; -1: no limit; 0: the engine's default
	MemoryReservation int64 // bytes; 0: none

	AlwaysStartNew bool
	OneShot        bool
	PingTimeout    time.Duration     // 0: the command's
	StopTimeout    time.Duration     // 0: the command's
	Sync           map[string]string // directory of the build context to directory in the container, for watch

	// Pending lists the fields ("env.ID") that hold a value of the shared
	// context which was not there yet. Always empty at the service's turn.
	Pending []string
}

// Port is a port of the container published on the host.
type Port struct {
	Container int
	Protocol  string // tcp, udp or sctp
	HostIP    string // "": all addresses
	Host      int    // 0: any free port
}

// Ulimit is a limit of the processes in a container. -1 is none.
type Ulimit struct {
	Name       string // nofile, nproc, ...
	Soft, Hard int64
}

// Volume is a path of the host, a named volume or an anonymous one, mounted in
// the container.
type Volume struct {
	Source    string // absolute path of the host, or the volume's name as the user wrote it
	Named     bool   // Source is the name of a volume
	Anonymous bool   // a volume without a name, of this container alone; Source is empty
	External  bool   // the volume is there already, under this very name
	Make      bool   // Source is a directory that is made if it is not there
	Target    string // absolute path in the container
	Mode      string // as Docker names it ("ro", "rw", "z", "ro,Z"); "": rw
	Field     string // where the definition has it: "volumes[0]"
}

// Build says how to build a service's image.
type Build struct {
	Context    string // absolute directory
	Dockerfile string // relative to Context
	Args       map[string]string
	Target     string // stage; "": the last
}
