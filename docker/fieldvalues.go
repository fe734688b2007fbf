package docker

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
)

// The functions here bring a value into one form, whichever way the user, the
// SDK or an engine writes it.

// familiar drops what Podman puts before the name that the user wrote.
func familiar(image string) string {
	for _, prefix := range []string{"localhost/", "docker.io/library/", "docker.io/"} {
		image = strings.TrimPrefix(image, prefix)
	}
	return image
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

// securityOptions leaves out what the engine adds to a container that shares
// the host's processes or memory.
func securityOptions(h *container.HostConfig) []string {
	options := slices.Sorted(slices.Values(h.SecurityOpt))
	if h.PidMode.IsHost() || h.IpcMode.IsHost() || h.Privileged {
		options = slices.DeleteFunc(options, func(option string) bool { return option == "label=disable" || option == "label:disable" })
	}
	return options
}

func ulimitField(limit *container.Ulimit) string {
	if limit.Soft == limit.Hard {
		return strconv.FormatInt(limit.Hard, 10)
	}
	return fmt.Sprintf("soft %d, hard %d", limit.Soft, limit.Hard)
}

func restartField(p container.RestartPolicy) string {
	if p.MaximumRetryCount > 0 {
		return fmt.Sprintf("%s:%d", p.Name, p.MaximumRetryCount)
	}
	return string(p.Name)
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
