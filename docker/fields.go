package docker

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"
)

// fields are what a request sets, by the user's name of the field, with the
// values in one form whatever way they were written. What is not set is not
// there.
type fields map[string]string

// configure is the prefix of what only the configure hook can set.
const configure = "configure: "

// fields flattens a request. The known parts get the user's names; the rest is
// flattened generically under the engine's.
func (r createRequest) fields() fields {
	f := fields{}
	// Shallow copies: what is known is taken out of them, the rest remains.
	config, host := r.Config, r.HostConfig
	f.addConfig(&config)
	f.addPorts(&config, &host)
	f.addHost(&host)
	f.addRest("Config", config)
	f.addRest("HostConfig", host)
	for name, endpoint := range r.NetworkingConfig.EndpointsConfig {
		path := "NetworkingConfig." + name
		if name == f["network"] {
			path = "NetworkingConfig"
		}
		f.addRest(path, endpointRest(endpoint))
	}
	f.set("platform", r.Platform)
	return f
}

func (f fields) set(name, value string) {
	if value != "" {
		f[name] = value
	}
}

func (f fields) setList(name string, list []string) {
	if len(list) > 0 {
		f[name] = canonical(list)
	}
}

func (f fields) setNumber(name string, number int64) {
	if number != 0 {
		f[name] = strconv.FormatInt(number, 10)
	}
}

func (f fields) setBool(name string, value bool) {
	if value {
		f[name] = "true"
	}
}

func (f fields) addConfig(c *container.Config) {
	f.set("image", familiar(c.Image))
	// An empty entrypoint is set: it takes the image's away.
	if c.Entrypoint != nil {
		f["entrypoint"] = canonical(c.Entrypoint)
	}
	f.setList("cmd", c.Cmd)
	f.set("user", c.User)
	f.set("workingDir", c.WorkingDir)
	f.set("stopSignal", signalName(c.StopSignal))
	for _, entry := range c.Env {
		key, value, _ := strings.Cut(entry, "=")
		f["env."+key] = shown(value)
	}
	for key, value := range c.Labels {
		if !strings.HasPrefix(key, labelPrefix) {
			f["labels."+key] = shown(value)
		}
	}
	f.set("hostname", c.Hostname)
	f.setBool("tty", c.Tty)
	f.setBool("stdinOpen", c.OpenStdin)
	c.Image, c.User, c.WorkingDir, c.StopSignal, c.Hostname = "", "", "", "", ""
	c.Tty, c.OpenStdin = false, false
	// A volume or a directory that is mounted there takes its place.
	for target := range c.Volumes {
		f["volumes."+target] = "anonymous"
	}
	c.Entrypoint, c.Cmd, c.Env, c.Labels, c.Volumes = nil, nil, nil, nil, nil
}

func (f fields) addHost(h *container.HostConfig) {
	for _, bind := range h.Binds {
		target, value := bindFields(bind)
		f["volumes."+target] = value
	}
	h.Binds = nil
	kept := h.Mounts[:0:0]
	for _, m := range h.Mounts {
		if m.Type != "bind" && m.Type != "volume" {
			kept = append(kept, m)
			continue
		}
		value := m.Source
		if m.ReadOnly {
			value += " ro"
		}
		f["volumes."+m.Target] = value
	}
	h.Mounts = kept

	f.setList("extraHosts", slices.Sorted(slices.Values(h.ExtraHosts)))
	for path, options := range h.Tmpfs {
		f["tmpfs."+path] = shown(strings.Join(notDefault(options), ","))
	}
	f.setList("capAdd", capabilities(h.CapAdd))
	f.setList("devices", deviceFields(h.Devices))
	f.setNumber("memory", h.Memory)
	if h.NanoCPUs != 0 {
		f["cpus"] = strconv.FormatFloat(float64(h.NanoCPUs)/1e9, 'g', -1, 64)
	}
	f.setNumber("shmSize", h.ShmSize)
	f.setBool("init", h.Init != nil && *h.Init)
	f.setBool("privileged", h.Privileged)
	f.set("restart", restartField(h.RestartPolicy))
	if !h.NetworkMode.IsDefault() {
		f.set("network", string(h.NetworkMode))
	}
	f.addSandbox(h)
	h.ExtraHosts, h.Tmpfs, h.CapAdd, h.Devices = nil, nil, nil, nil
	h.Memory, h.NanoCPUs, h.ShmSize = 0, 0, 0
	h.Init, h.Privileged, h.RestartPolicy, h.NetworkMode = nil, false, container.RestartPolicy{}, ""
}

// addSandbox adds what the container's processes see of the machine and what
// they may do to it.
func (f fields) addSandbox(h *container.HostConfig) {
	f.setBool("readOnly", h.ReadonlyRootfs)
	f.setList("capDrop", capabilities(h.CapDrop))
	f.setList("securityOpt", securityOptions(h))
	f.setList("groupAdd", slices.Sorted(slices.Values(h.GroupAdd)))
	for _, limit := range h.Ulimits {
		f["ulimits."+limit.Name] = ulimitField(limit)
	}
	for name, value := range h.Sysctls {
		f["sysctls."+name] = shown(value)
	}
	f.setList("dns", h.DNS)
	f.setList("dnsSearch", h.DNSSearch)
	f.set("ipc", string(h.IpcMode))
	f.set("pid", string(h.PidMode))
	f.set("runtime", h.Runtime)
	f.set("cgroupParent", h.CgroupParent)
	if h.PidsLimit != nil {
		f.setNumber("pidsLimit", *h.PidsLimit)
	}
	f.setNumber("oomScoreAdj", int64(h.OomScoreAdj))
	f.setNumber("memorySwap", h.MemorySwap)
	f.setNumber("memoryReservation", h.MemoryReservation)
	h.ReadonlyRootfs, h.CapDrop, h.SecurityOpt, h.GroupAdd, h.Ulimits, h.Sysctls = false, nil, nil, nil, nil, nil
	h.DNS, h.DNSSearch, h.IpcMode, h.PidMode, h.Runtime, h.CgroupParent = nil, nil, "", "", "", ""
	h.PidsLimit, h.OomScoreAdj, h.MemorySwap, h.MemoryReservation = nil, 0, 0, 0
}

// anyPort is the value of a port that the engine may choose.
const anyPort = "any free port"

func (f fields) addPorts(c *container.Config, h *container.HostConfig) {
	exposed := nat.PortSet{}
	for port := range c.ExposedPorts {
		exposed[port] = struct{}{}
	}
	for port, bindings := range h.PortBindings {
		delete(exposed, port)
		var list []string
		for _, binding := range bindings {
			list = append(list, bindingField(binding))
		}
		slices.Sort(list)
		// A container port without a binding is published on any port.
		if len(list) == 0 {
			list = []string{anyPort}
		}
		f["ports."+withProtocol(port)] = strings.Join(list, ", ")
	}
	for port := range exposed {
		f[configure+"Config.ExposedPorts."+withProtocol(port)] = "exposed"
	}
	c.ExposedPorts, h.PortBindings = nil, nil
}

// endpointRest is an endpoint without what the engine fills in.
func endpointRest(endpoint *network.EndpointSettings) network.EndpointSettings {
	if endpoint == nil {
		return network.EndpointSettings{}
	}
	rest := *endpoint
	rest.Aliases = slices.Sorted(slices.Values(endpoint.Aliases))
	rest.NetworkID, rest.EndpointID, rest.Gateway, rest.IPAddress, rest.IPPrefixLen = "", "", "", "", 0
	rest.IPv6Gateway, rest.GlobalIPv6Address, rest.GlobalIPv6PrefixLen, rest.DNSNames = "", "", 0, nil
	return rest
}

// addRest flattens what is set in a struct of the SDK: objects to paths, lists
// as a whole.
func (f fields) addRest(path string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		return // structs of the SDK always marshal
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err == nil {
		f.addTree(configure+path, pruned(tree))
	}
}

func (f fields) addTree(path string, tree any) {
	switch v := tree.(type) {
	case nil:
	case map[string]any:
		for key, inner := range v {
			f.addTree(path+"."+key, inner)
		}
	case string:
		f[path] = v
	default:
		f[path] = canonical(v)
	}
}

// fieldNames is the content of the label: names only, since labels are open to
// read and a value, or the hash of one, may be a secret.
func fieldNames(f fields) (string, error) {
	data, err := json.Marshal(slices.Sorted(maps.Keys(f)))
	return string(data), err
}
