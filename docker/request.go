package docker

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// object is a JSON object. The request is put together by hand instead of
// being marshalled from the SDK's structs: those have a hundred fields that
// would appear as zeros, and a new version of the SDK would change the request,
// and with it the hash, of every service.
type object map[string]any

// Request implements runtime.Engine. Its result depends on spec alone.
func (e *Engine) Request(spec runtime.ContainerSpec) ([]byte, error) {
	return json.MarshalIndent(requestOf(spec), "", "  ")
}

func requestOf(spec runtime.ContainerSpec) object {
	d := spec.Definition
	config := object{"Image": d.Image}
	network := spec.NetworkName
	if d.NetworkMode != "" {
		network = d.NetworkMode
	}
	switch {
	case d.Hostname != "":
		config["Hostname"] = d.Hostname
	case network != "host" && spec.OneOff == nil:
		// A container in the host's network namespace has the host's name. The
		// service's own container is the one that others reach under its name.
		config["Hostname"] = d.Name
	}
	config.set("Entrypoint", d.Entrypoint)
	config.set("Cmd", d.Cmd)
	config.set("User", d.User)
	config.set("WorkingDir", d.WorkingDir)
	config.set("Env", variables(d))
	config.set("Labels", d.Labels)
	config.set("StopSignal", d.StopSignal)

	host := object{"NetworkMode": network}
	exposed, bindings := ports(d.Ports)
	config.set("ExposedPorts", exposed)
	host.set("PortBindings", bindings)
	config.set("Volumes", anonymous(spec.Volumes))
	binds, mounts := volumes(spec.Volumes)
	host.set("Binds", binds)
	host.set("Mounts", mounts)
	host.set("ExtraHosts", d.ExtraHosts)
	host.set("Tmpfs", d.Tmpfs)
	host.set("CapAdd", d.CapAdd)
	host.set("Devices", devices(d.Devices))
	host.set("Memory", d.Memory)
	host.set("NanoCpus", int64(math.Round(d.CPUs*1e9)))
	host.set("ShmSize", d.ShmSize)
	host.set("Init", d.Init)
	host.set("Privileged", d.Privileged)
	host.set("RestartPolicy", restartPolicy(d.Restart))
	sandbox(d, host)

	request := object{"Config": config, "HostConfig": host, "NetworkingConfig": object{}}
	switch {
	case spec.OneOff != nil:
		delete(host, "RestartPolicy")
		host["AutoRemove"] = true
		config.set("Tty", spec.OneOff.Terminal)
		for _, key := range []string{"OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr"} {
			config[key] = true
		}
	case !isPredefined(network):
		request["NetworkingConfig"] = object{"EndpointsConfig": object{
			network: object{"Aliases": []string{d.Name}},
		}}
	}
	if spec.OneOff == nil {
		config.set("Tty", d.TTY)
		config.set("OpenStdin", d.StdinOpen)
	}
	request.set("Platform", d.Platform)
	return request
}

// sandbox says what the container's processes see of the machine and what they
// may do to it.
func sandbox(d spec.Definition, host object) {
	host.set("ReadonlyRootfs", d.ReadOnly)
	host.set("CapDrop", d.CapDrop)
	host.set("SecurityOpt", d.SecurityOpt)
	host.set("GroupAdd", d.GroupAdd)
	host.set("Ulimits", ulimits(d.Ulimits))
	host.set("Sysctls", d.Sysctls)
	host.set("Dns", d.DNS)
	host.set("DnsSearch", d.DNSSearch)
	host.set("IpcMode", d.IPC)
	host.set("PidMode", d.PID)
	host.set("Runtime", d.Runtime)
	host.set("CgroupParent", d.CgroupParent)
	host.set("PidsLimit", d.PidsLimit)
	host.set("OomScoreAdj", d.OomScoreAdj)
	host.set("MemorySwap", d.MemorySwap)
	host.set("MemoryReservation", d.MemoryReservation)
}

func ulimits(list []spec.Ulimit) []object {
	var limits []object
	for _, l := range list {
		limits = append(limits, object{"Name": l.Name, "Soft": l.Soft, "Hard": l.Hard})
	}
	return limits
}

// set leaves out what is not set, which the engine or the image decides.
func (o object) set(key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case bool:
		if !v {
			return
		}
	case int64:
		if v == 0 {
			return
		}
	case []string:
		// nil means the image's; an empty list is one.
		if v == nil {
			return
		}
	case []object:
		if len(v) == 0 {
			return
		}
	case map[string]string:
		if len(v) == 0 {
			return
		}
	case object:
		if len(v) == 0 {
			return
		}
	}
	o[key] = value
}

// isPredefined tells whether a network is one of the engine's own, which know
// no aliases.
func isPredefined(network string) bool {
	switch network {
	case "host", "none", "bridge", "default", "nat", "":
		return true
	}
	return strings.HasPrefix(network, "container:")
}

func pairs(values map[string]string, separator string) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		list = append(list, key+separator+values[key])
	}
	return list
}

func ports(published []spec.Port) (exposed, bindings object) {
	exposed, bindings = object{}, object{}
	for _, p := range published {
		protocol := p.Protocol
		if protocol == "" {
			protocol = "tcp"
		}
		key := fmt.Sprintf("%d/%s", p.Container, protocol)
		exposed[key] = object{}
		binding := object{"HostPort": ""} // any free port
		if p.Host != 0 {
			binding["HostPort"] = strconv.Itoa(p.Host)
		}
		binding.set("HostIp", p.HostIP)
		existing, _ := bindings[key].([]object)
		bindings[key] = append(existing, binding)
	}
	return exposed, bindings
}

// anonymous returns the paths of the anonymous volumes.
func anonymous(list []spec.Volume) object {
	paths := object{}
	for _, v := range list {
		if v.Anonymous {
			paths[v.Target] = object{}
		}
	}
	return paths
}

// volumes uses Binds, with which the engine creates a missing directory and
// knows all of Docker's modes. A path with a colon cannot be written there and
// becomes a mount.
func volumes(list []spec.Volume) (binds []string, mounts []object) {
	for _, v := range list {
		if v.Anonymous {
			continue
		}
		if hasColon(v.Source) || strings.Contains(v.Target, ":") {
			mount := object{"Type": "bind", "Source": v.Source, "Target": v.Target}
			if v.Named {
				mount["Type"] = "volume"
			} else {
				mount["BindOptions"] = object{"CreateMountpoint": true}
			}
			mount.set("ReadOnly", slices.Contains(strings.Split(v.Mode, ","), "ro"))
			mounts = append(mounts, mount)
			continue
		}
		bind := v.Source + ":" + v.Target
		if v.Mode != "" {
			bind += ":" + v.Mode
		}
		binds = append(binds, bind)
	}
	return binds, mounts
}

func hasColon(source string) bool {
	if goruntime.GOOS == "windows" && len(source) > 2 {
		source = source[2:] // C:
	}
	return strings.Contains(source, ":")
}

func devices(list []string) []object {
	var devices []object
	for _, device := range list {
		parts := strings.Split(device, ":")
		source, target, mode := parts[0], parts[0], "rwm"
		switch {
		case len(parts) == 2 && strings.Trim(parts[1], "rwm") == "":
			mode = parts[1]
		case len(parts) == 2:
			target = parts[1]
		case len(parts) > 2:
			target, mode = parts[1], parts[2]
		}
		devices = append(devices, object{"PathOnHost": source, "PathInContainer": target, "CgroupPermissions": mode})
	}
	return devices
}

func restartPolicy(text string) object {
	if text == "" {
		return nil
	}
	name, count, _ := strings.Cut(text, ":")
	policy := object{"Name": name}
	if retries, err := strconv.Atoi(count); err == nil {
		policy["MaximumRetryCount"] = retries
	}
	return policy
}
