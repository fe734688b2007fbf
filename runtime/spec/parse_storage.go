package spec

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

const volumesAccepted = `an array of "source:/path[:mode]" or "/path", or an object {source: {bind: "/path", mode: "ro"}}`

func (p *parser) volumes() []Volume {
	v, ok := p.value("volumes")
	if !ok {
		return nil
	}
	var volumes []Volume
	targets := map[string]bool{}
	add := func(field string, written Volume, found any) {
		volume, problem := p.volume(written)
		volume.Field = field
		if problem != "" {
			p.problems = append(p.problems, Problem{Field: field, Found: describeIn(field, found), Accepted: volumesAccepted, Hint: problem})
			return
		}
		if targets[volume.Target] {
			p.problems = append(p.problems, Problem{Field: field, Found: "a second volume at " + volume.Target, Accepted: "one volume for each path in the container"})
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
			add(field, splitVolume(s), item)
		}
	case map[string]any:
		for _, source := range slices.Sorted(maps.Keys(v)) {
			field := "volumes." + source
			if p.pending(field, v[source]) {
				continue
			}
			if written, ok := p.mount(field, v[source]); ok {
				written.Source = source
				add(field, written, source)
			}
		}
	default:
		p.problem("volumes", v, volumesAccepted)
	}
	return volumes
}

// mount reads {bind, mode, external}. ok is false where a problem was noted or a
// value is not known yet.
func (p *parser) mount(field string, v any) (m Volume, ok bool) {
	object, isObject := v.(map[string]any)
	if !isObject {
		p.problem(field, v, volumesAccepted)
		return m, false
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if key != "bind" && key != "mode" && key != "external" {
			p.problem(field+"."+key, object[key], volumesAccepted)
			return m, false
		}
	}
	if p.pending(field+".bind", object["bind"]) || p.pending(field+".mode", object["mode"]) || p.pending(field+".external", object["external"]) {
		return m, false
	}
	m.Target, ok = object["bind"].(string)
	if !ok {
		found := object["bind"]
		if _, there := object["bind"]; !there {
			found = Undefined{}
		}
		p.problem(field+".bind", found, volumesAccepted)
		return m, false
	}
	if given, there := object["mode"]; there && given != nil && given != (Undefined{}) {
		m.Mode, ok = given.(string)
		if !ok {
			p.problem(field+".mode", given, volumesAccepted)
		}
	}
	if given, there := object["external"]; there && given != nil && given != (Undefined{}) {
		external, isBool := given.(bool)
		if !isBool {
			p.problem(field+".external", given, "true for an existing volume with exactly this name")
		}
		m.External, ok = external, ok && isBool
	}
	return m, ok
}

// splitVolume takes "source:/path[:mode]" apart. A Windows drive is part of
// the source. A path alone is where an anonymous volume is.
func splitVolume(s string) Volume {
	drive := ""
	if driveAndPath.MatchString(s) {
		drive, s = s[:2], s[2:]
	}
	parts := strings.SplitN(s, ":", 3)
	if drive == "" && len(parts) == 1 && strings.HasPrefix(s, "/") {
		return Volume{Anonymous: true, Target: s}
	}
	source, target, mode := drive+parts[0], "", ""
	if len(parts) > 1 {
		target = parts[1]
	}
	if len(parts) > 2 {
		mode = parts[2]
		if mode == "" {
			mode = ":" // "a:/b:" is a mistake, not a volume without mode
		}
	}
	return Volume{Source: source, Target: target, Mode: mode}
}

var (
	windowsDrive = lazyregexp.New(`^[A-Za-z]:[\\/]`)
	// driveAndPath tells C:/data:/data from a volume named c at /data.
	driveAndPath = lazyregexp.New(`^[A-Za-z]:(\\|/[^:]*:/)`)
	volumeName   = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	volumeMode   = lazyregexp.New(`^(ro|rw|z|Z|cached|delegated|consistent|nocopy|r?shared|r?slave|r?private)$`)
)

// volume checks one volume. problem is "" where it is fine.
func (p *parser) volume(written Volume) (v Volume, problem string) {
	v = written
	v.Target = path.Clean(written.Target)
	switch {
	case v.Anonymous:
	case v.Source == "":
		return v, "the source is missing"
	case isPath(v.Source) && v.External:
		return v, "only a named volume can be external"
	case isPath(v.Source):
		v.Make = strings.HasSuffix(filepath.ToSlash(v.Source), "/")
		v.Source = p.path(v.Source)
	case volumeName.MatchString(v.Source):
		v.Named = true
	default:
		return v, "the source is neither a path (which starts with /, ./, ../ or ~) nor a volume name"
	}
	if !strings.HasPrefix(written.Target, "/") {
		return v, "the path in the container must be absolute"
	}
	if v.Target == "/" {
		return v, "a volume cannot be mounted over the container's root directory"
	}
	if v.Mode != "" {
		for word := range strings.SplitSeq(v.Mode, ",") {
			if !volumeMode.MatchString(word) {
				return v, fmt.Sprintf("unknown mode %q", word)
			}
		}
	}
	return v, ""
}

// isPath reports whether a volume's source is a path of the host.
func isPath(source string) bool {
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
