package docker

import (
	"encoding/json"
	"fmt"
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
	c.Image, c.User, c.WorkingDir, c.StopSignal = "", "", "", ""
	c.Entrypoint, c.Cmd, c.Env, c.Labels = nil, nil, nil, nil
}

// familiar drops what Podman puts before the name that the user wrote.
func familiar(image string) string {
	for _, prefix := range []string{"localhost/", "docker.io/library/", "docker.io/"} {
		image = strings.TrimPrefix(image, prefix)
	}
	return image
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
	h.ExtraHosts, h.Tmpfs, h.CapAdd, h.Devices = nil, nil, nil, nil
	h.Memory, h.NanoCPUs, h.ShmSize = 0, 0, 0
	h.Init, h.Privileged, h.RestartPolicy, h.NetworkMode = nil, false, container.RestartPolicy{}, ""
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

func bindingField(b nat.PortBinding) string {
	value := b.HostPort
	if value == "" || value == "0" {
		value = anyPort
	}
	if b.HostIP != "" && b.HostIP != "0.0.0.0" && b.HostIP != "::" {
		value = b.HostIP + ":" + value
	}
	return value
}

func withProtocol(port nat.Port) string { return port.Port() + "/" + port.Proto() }

// bindFields splits source:target:mode; the source may be C:\dir.
func bindFields(bind string) (target, value string) {
	drive := ""
	if len(bind) > 2 && bind[1] == ':' && (bind[2] == '\\' || bind[2] == '/') {
		drive, bind = bind[:2], bind[2:]
	}
	parts := strings.SplitN(bind, ":", 3)
	if len(parts) == 1 {
		return parts[0], "anonymous" // a path alone is an anonymous volume
	}
	value = drive + parts[0]
	if len(parts) == 3 {
		if modes := notDefault(parts[2]); len(modes) > 0 {
			value += " " + strings.Join(modes, ",")
		}
	}
	return parts[1], value
}

// notDefault returns the options of a mount, sorted, without those that are the
// default or that Podman adds.
func notDefault(options string) []string {
	var kept []string
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "", "rw", "rprivate", "rbind", "nosuid", "nodev", "tmpcopyup":
		default:
			kept = append(kept, option)
		}
	}
	slices.Sort(kept)
	return kept
}

// signalName turns the numbers that Podman tells into names.
func signalName(signal string) string {
	names := map[string]string{"2": "SIGINT", "3": "SIGQUIT", "9": "SIGKILL", "15": "SIGTERM"}
	if name := names[signal]; name != "" {
		return name
	}
	return signal
}

func capabilities(list []string) []string {
	var names []string
	for _, name := range list {
		name = strings.ToUpper(name)
		if name != "ALL" && !strings.HasPrefix(name, "CAP_") {
			name = "CAP_" + name
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func deviceFields(list []container.DeviceMapping) []string {
	var devices []string
	for _, d := range list {
		target, mode := d.PathInContainer, d.CgroupPermissions
		if target == "" {
			target = d.PathOnHost
		}
		if mode == "" {
			mode = "rwm"
		}
		devices = append(devices, d.PathOnHost+":"+target+":"+mode)
	}
	slices.Sort(devices)
	return devices
}

func restartField(p container.RestartPolicy) string {
	if p.MaximumRetryCount > 0 {
		return fmt.Sprintf("%s:%d", p.Name, p.MaximumRetryCount)
	}
	return string(p.Name)
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

// pruned takes out everything that is zero: the engine writes null where the
// request had [], and fills objects up.
func pruned(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner = pruned(inner); inner == nil {
				delete(v, key)
			} else {
				v[key] = inner
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		zero := true
		for i, inner := range v {
			v[i] = pruned(inner)
			zero = zero && v[i] == nil
		}
		if zero {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return tree
}

func canonical(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

// shown keeps a value that is set to nothing apart from one that is not set.
func shown(value string) string {
	if value == "" {
		return `""`
	}
	return value
}

// fieldNames is the content of the label: names only, since labels are open to
// read and a value, or the hash of one, may be a secret.
func fieldNames(f fields) (string, error) {
	data, err := json.Marshal(slices.Sorted(maps.Keys(f)))
	return string(data), err
}
