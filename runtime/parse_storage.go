package runtime

import (
	"fmt"
	"github.com/miniboss/miniboss/internal/lazyregexp"
	"maps"
	"path"
	"slices"
	"strings"
)

const volumesAccepted = `an array of "source:/path[:mode]", or an object {source: {bind: "/path", mode: "ro"}}`

func (p *parser) volumes() []Volume {
	v, ok := p.value("volumes")
	if !ok {
		return nil
	}
	var volumes []Volume
	targets := map[string]bool{}
	add := func(field, source, target, mode string, found any) {
		volume, problem := p.volume(source, target, mode)
		if problem != "" {
			p.problems = append(p.problems, Problem{Field: field, Found: describeIn(field, found), Accepted: volumesAccepted, Hint: problem})
			return
		}
		if targets[volume.Target] {
			p.problems = append(p.problems, Problem{Field: field, Found: "a second volume at " + volume.Target, Accepted: "one volume for each path of the container"})
			return
		}
		targets[volume.Target] = true
		volumes = append(volumes, volume)
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			field := fmt.Sprintf("volumes[%d]", i)
			if p.pending(field, item) {
				continue
			}
			s, ok := item.(string)
			if !ok {
				p.problem(field, item, volumesAccepted)
				continue
			}
			source, target, mode := splitVolume(s)
			add(field, source, target, mode, item)
		}
	case map[string]any:
		for _, source := range slices.Sorted(maps.Keys(v)) {
			field := "volumes." + source
			if p.pending(field, v[source]) {
				continue
			}
			target, mode, ok := p.mount(field, v[source])
			if ok {
				add(field, source, target, mode, source)
			}
		}
	default:
		p.problem("volumes", v, volumesAccepted)
	}
	return volumes
}

// mount reads {bind, mode}. ok is false where a problem was noted or a value
// is not known yet.
func (p *parser) mount(field string, v any) (target, mode string, ok bool) {
	object, isObject := v.(map[string]any)
	if !isObject {
		p.problem(field, v, volumesAccepted)
		return "", "", false
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if key != "bind" && key != "mode" {
			p.problem(field+"."+key, object[key], volumesAccepted)
			return "", "", false
		}
	}
	if p.pending(field+".bind", object["bind"]) || p.pending(field+".mode", object["mode"]) {
		return "", "", false
	}
	target, ok = object["bind"].(string)
	if !ok {
		found := object["bind"]
		if _, there := object["bind"]; !there {
			found = Undefined{}
		}
		p.problem(field+".bind", found, volumesAccepted)
		return "", "", false
	}
	if given, there := object["mode"]; there && given != nil && given != (Undefined{}) {
		mode, ok = given.(string)
		if !ok {
			p.problem(field+".mode", given, volumesAccepted)
		}
	}
	return target, mode, ok
}

// splitVolume takes "source:/path[:mode]" apart. A Windows drive is part of
// the source.
func splitVolume(s string) (source, target, mode string) {
	drive := ""
	if driveAndPath.MatchString(s) {
		drive, s = s[:2], s[2:]
	}
	parts := strings.SplitN(s, ":", 3)
	source = drive + parts[0]
	if len(parts) > 1 {
		target = parts[1]
	}
	if len(parts) > 2 {
		mode = parts[2]
		if mode == "" {
			mode = ":" // "a:/b:" is a mistake, not a volume without mode
		}
	}
	return source, target, mode
}

var (
	windowsDrive = lazyregexp.New(`^[A-Za-z]:[\\/]`)
	// driveAndPath tells C:/data:/data from a volume named c at /data.
	driveAndPath = lazyregexp.New(`^[A-Za-z]:(\\|/[^:]*:/)`)
	volumeName   = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	volumeMode   = lazyregexp.New(`^(ro|rw|z|Z|cached|delegated|consistent|nocopy|r?shared|r?slave|r?private)$`)
)

// volume checks one volume. problem is "" where it is fine.
func (p *parser) volume(source, target, mode string) (v Volume, problem string) {
	v = Volume{Source: source, Target: path.Clean(target), Mode: mode}
	switch {
	case source == "":
		return v, "the source is missing"
	case isDirectory(source):
		v.Source = p.path(source)
	case volumeName.MatchString(source):
		v.Named = true
	default:
		return v, "the source is neither a directory (it would begin with /, ./, ../ or ~) nor the name of a volume"
	}
	if !strings.HasPrefix(target, "/") {
		return v, "the path in the container must be absolute"
	}
	if mode != "" {
		for word := range strings.SplitSeq(mode, ",") {
			if !volumeMode.MatchString(word) {
				return v, fmt.Sprintf("%q is not a mode", word)
			}
		}
	}
	return v, ""
}

// isDirectory reports whether a volume's source is a directory of the host.
func isDirectory(source string) bool {
	return source == "." || source == ".." || source == "~" ||
		strings.HasPrefix(source, "/") || strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../") ||
		strings.HasPrefix(source, "~/") || windowsDrive.MatchString(source)
}

// tmpfs reads {path: options} or an array of paths.
func (p *parser) tmpfs() map[string]string {
	const accepted = `an object {path: options}, such as {"/tmp": "size=64m"}, or an array of paths`
	v, ok := p.value("tmpfs")
	if !ok {
		return nil
	}
	table := map[string]string{}
	if _, isList := v.([]any); isList {
		for _, s := range p.list("tmpfs", accepted, path.IsAbs) {
			table[s] = ""
		}
		return table
	}
	options := p.table("tmpfs", accepted, false)
	for _, key := range slices.Sorted(maps.Keys(options)) {
		if !path.IsAbs(key) {
			p.problem("tmpfs", key, accepted)
			continue
		}
		table[key] = options[key]
	}
	return table
}
