package docker

import (
	"strings"

	"github.com/miniboss/miniboss/runtime"
)

// The labels on what miniboss makes. Anyone who may ask the engine can read
// them, so they hold nothing that comes from an environment or a secret.
const (
	labelPrefix    = "miniboss."
	labelGroup     = labelPrefix + "group"
	labelService   = labelPrefix + "service"
	labelFile      = labelPrefix + "file"
	labelMachine   = labelPrefix + "machine" // that has the file, where the engine is on another one
	labelHash      = labelPrefix + "hash"    // keyed; see runtime.Keys
	labelDependsOn = labelPrefix + "depends-on"
	labelOneOff    = labelPrefix + "oneoff"
	labelVersion   = labelPrefix + "version"   // of this scheme of labels
	labelAnyPorts  = labelPrefix + "any-ports" // container ports whose host port was chosen by us
	labelRanWith   = labelPrefix + "ran-with"  // containers that a one-shot service was made to work on
	labelFields    = labelPrefix + "fields"    // names of what was set at creation; see changes.go
	labelPlatform  = labelPrefix + "platform"  // as asked for, which the engine does not tell
)

const labelScheme = "1"

func encodeLabels(l runtime.Labels) map[string]string {
	labels := map[string]string{labelVersion: labelScheme}
	set := func(key, value string) {
		if value != "" {
			labels[key] = value
		}
	}
	set(labelGroup, l.Group)
	set(labelService, l.Service)
	set(labelFile, l.File)
	set(labelMachine, l.Machine)
	set(labelHash, l.Hash)
	// A service's name is a hostname, so it holds no comma.
	set(labelDependsOn, strings.Join(l.DependsOn, ","))
	set(labelAnyPorts, strings.Join(l.AnyPorts, ","))
	set(labelRanWith, strings.Join(pairs(l.RanWith, "="), ","))
	if l.OneOff {
		set(labelOneOff, "true")
	}
	return labels
}

func decodeLabels(labels map[string]string) runtime.Labels {
	l := runtime.Labels{
		Group:   labels[labelGroup],
		Service: labels[labelService],
		File:    labels[labelFile],
		Machine: labels[labelMachine],
		Hash:    labels[labelHash],
		OneOff:  labels[labelOneOff] == "true",
	}
	if names := labels[labelDependsOn]; names != "" {
		l.DependsOn = strings.Split(names, ",")
	}
	if ports := labels[labelAnyPorts]; ports != "" {
		l.AnyPorts = strings.Split(ports, ",")
	}
	if ran := labels[labelRanWith]; ran != "" {
		l.RanWith = map[string]string{}
		for pair := range strings.SplitSeq(ran, ",") {
			service, id, _ := strings.Cut(pair, "=")
			l.RanWith[service] = id
		}
	}
	return l
}
