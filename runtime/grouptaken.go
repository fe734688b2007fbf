package runtime

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"
)

// GroupTakenError says that a group belongs to another file.
type GroupTakenError struct {
	Group   string
	File    string // that made what the group has
	Machine string // that has the file; "": the engine's own
	// Suggested is a name for this file's group.
	Suggested string

	here   bool // the file is on this machine
	things []thing
}

func (e *GroupTakenError) Error() string {
	return fmt.Sprintf("group %q belongs to another file, %s, which created %s", e.Group, owner{e.File, e.Machine}, listThings(e.things))
}

// Hint says what to do.
func (e *GroupTakenError) Hint() string {
	hints := []string{fmt.Sprintf("give this file its own group: groupName(%q)", e.Suggested)}
	when := "or remove what the other file created"
	if e.here {
		stop := "miniboss stop --remove"
		if slices.ContainsFunc(e.things, func(t thing) bool { return t.kind == "volume" }) {
			stop += " --volumes"
		}
		hints = append(hints, fmt.Sprintf("%s: %s -f %s", when, stop, shellquote.Join(e.File)))
		when = "or, if that file uses another group now"
	}
	if by := removal(e.things); by != "" {
		hints = append(hints, when+": "+by)
	}
	return strings.Join(hints, "\n  hint: ")
}

// removal is the engine's command that removes some things; "": they are too
// many for a line.
func removal(things []thing) string {
	if len(things) > mostListed {
		return ""
	}
	var commands []string
	for _, kind := range []struct{ name, command string }{
		{"container", "docker rm -f"}, {"volume", "docker volume rm"}, {"network", "docker network rm"},
	} {
		command := kind.command
		for _, t := range things {
			if t.kind == kind.name {
				command += " " + t.name
			}
		}
		if command != kind.command {
			commands = append(commands, command)
		}
	}
	return strings.Join(commands, " && ")
}

// mostListed is how many things a message names.
const mostListed = 6

// listThings names things, which are sorted by kind: "containers shop_db, shop_web
// and volume shop_data".
func listThings(things []thing) string {
	shown := things[:min(len(things), mostListed)]
	var parts []string
	for i := 0; i < len(shown); {
		kind, names := shown[i].kind, []string{}
		for ; i < len(shown) && shown[i].kind == kind; i++ {
			names = append(names, shown[i].name)
		}
		if len(names) > 1 {
			kind += "s"
		}
		parts = append(parts, kind+" "+strings.Join(names, ", "))
	}
	if more := len(things) - len(shown); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	last := len(parts) - 1
	if last < 1 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// otherGroup proposes a name for the group of a file that is not the other's:
// the group's, with the first part of the path, from its end, that differs.
func otherGroup(group, file, other string) string {
	a, b := strings.TrimSuffix(file, filepath.Ext(file)), strings.TrimSuffix(other, filepath.Ext(other))
	for part := ""; part == "" && a != filepath.Dir(a); a, b = filepath.Dir(a), filepath.Dir(b) {
		if filepath.Base(a) == filepath.Base(b) {
			continue
		}
		switch part = groupPart(filepath.Base(a)); {
		case part == "" || part == group:
			part = ""
		case strings.HasPrefix(part, group):
			return part
		default:
			return group + "-" + part
		}
	}
	return group + "-2"
}

// groupPart is what of a name can be part of a group's.
func groupPart(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return strings.Trim(name, "-")
}
