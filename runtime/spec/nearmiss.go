package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// fieldNames and hookNames are the names that mean something on a service.
func fieldNames() []string {
	return []string{"name", "image", "entrypoint", "cmd", "user", "workingDir", "dependencies", "env", "ports",
		"volumes", "alwaysStartNew", "stopSignal", "buildFrom", "dockerfile", "buildArgs", "buildTarget", "labels",
		"extraHosts", "tmpfs", "capAdd", "devices", "memory", "cpus", "shmSize", "init", "privileged", "restart",
		"platform", "hostname", "networkMode", "tty", "stdinOpen", "readOnly", "capDrop", "securityOpt", "groupAdd", "ulimits",
		"sysctls", "dns", "dnsSearch", "ipc", "pid", "runtime", "cgroupParent", "pidsLimit", "oomScoreAdj", "memorySwap",
		"memoryReservation", "pingTimeout", "stopTimeout", "oneShot", "sync"}
}

func hookNames() []string {
	return []string{"preStart", "ping", "postStart", "preStop", "postStop", "configure"}
}

// suiteFieldNames and suiteHookNames are those on a suite, beside its tests.
func suiteFieldNames() []string {
	return []string{"name", "services", "dependencies", "timeout", "image", "entrypoint", "cmd", "user", "workingDir", "env", "volumes"}
}

func suiteHookNames() []string { return []string{"setUp", "tearDown"} }

// suiteOtherNames are how other tools, and services, call what suites have.
func suiteOtherNames() map[string]string {
	return map[string]string{
		"beforeAll": "setUp", "beforeEach": "setUp", "before": "setUp", "afterAll": "tearDown", "afterEach": "tearDown", "after": "tearDown",
		"preStart": "setUp", "postStart": "setUp", "preStop": "tearDown", "postStop": "tearDown",
		"needs": "services", "requires": "services", "dependsOn": "dependencies",
		"environment": "env", "envVars": "env", "command": "cmd", "testTimeout": "timeout",
	}
}

// otherNames are how other tools call the fields.
func otherNames() map[string]string {
	names := map[string]string{"envVars": "env", "buildContext": "buildFrom", "afterStart": "postStart", "beforeStart": "preStart"}
	for attribute, meant := range composeAttributes() {
		if meant.field != "" {
			names[attribute] = meant.field
		}
	}
	return names
}

// nearMisses notes fields and methods that are nearly one of the names that
// mean something: without this a slip of the keyboard would go unnoticed.
func (p *parser) nearMisses(known []string, others map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(p.fields)) {
		if slices.Contains(known, name) || p.told(name) {
			continue
		}
		if meant := meantName(name, known, others); meant != "" && !p.ownName(name, meant, others) {
			p.problems = append(p.problems, Problem{Field: name, Accepted: meant,
				Message: fmt.Sprintf("unknown field %q: did you mean %q? (if it is your own field, give it a more distinct name)", name, meant)})
		}
	}
}

// told reports whether it is said already that there is no such field.
func (p *parser) told(name string) bool {
	return slices.ContainsFunc(p.problems, func(q Problem) bool { return q.Field == name && q.Message != "" })
}

// ownName reports whether a name that is near a known one is the user's own
// all the same: what it holds is nothing that the known one could hold. port =
// 8080 is no slip of ports = {…}, a method start() none of restart.
func (p *parser) ownName(name, meant string, others map[string]string) bool {
	if fold(name) == fold(meant) || otherName(name, others) != "" {
		return false
	}
	function, isFunction := p.fields[name].(Opaque)
	isFunction = isFunction && function.Kind == "a function"
	if isFunction != slices.Contains(append(hookNames(), suiteHookNames()...), meant) {
		return true
	}
	if name == meant+"s" || name+"s" == meant {
		_, list := p.fields[name].([]any)
		_, object := p.fields[name].(map[string]any)
		return (list || object) != slices.Contains(collections(), meant)
	}
	// Short names are near many words.
	return len(meant) <= 4 && name[0] != meant[0] && Nearest(name, []string{meant}) != ""
}

// collections are the fields that hold arrays or objects.
func collections() []string {
	return []string{"dependencies", "services", "env", "ports", "volumes", "buildArgs", "labels", "extraHosts", "tmpfs", "capAdd", "devices",
		"capDrop", "securityOpt", "groupAdd", "ulimits", "sysctls", "dns", "dnsSearch", "sync"}
}

// meantName returns the name that is nearly the given one, or "". others are
// further names of the known ones.
func meantName(name string, known []string, others map[string]string) string {
	for _, k := range known {
		if fold(k) == fold(name) {
			return k
		}
	}
	other := otherName(name, others)
	if other == "" {
		other = Nearest(name, known)
	}
	if other == "" {
		other = others[Nearest(name, slices.Sorted(maps.Keys(others)))]
	}
	if !slices.Contains(known, other) {
		return "" // it means nothing here
	}
	return other
}

// otherName returns the field that another tool calls so, or "".
func otherName(name string, others map[string]string) string {
	for other, field := range others {
		if fold(other) == fold(name) {
			return field
		}
	}
	return ""
}

// fold makes always_start_new, AlwaysStartNew and alwaysstartnew one.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// Nearest returns the word that the given one was probably meant to be, or ""
// where none is near: one slip in short words, two in words of eight letters
// or more. Of two that are as near, it is the one that begins more like it.
func Nearest(word string, words []string) string {
	best, bestDistance := "", 3
	for _, w := range words {
		allowed := min(len(w)/4, 2)
		d := distance(fold(word), fold(w))
		nearer := d < bestDistance || d == bestDistance && sameStart(fold(word), fold(w)) > sameStart(fold(word), fold(best))
		if d <= allowed && nearer {
			best, bestDistance = w, d
		}
	}
	return best
}

// sameStart is the number of letters with which both begin.
func sameStart(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// NearestName is Nearest for names that somebody has typed: one slip also in
// those of three letters.
func NearestName(name string, names []string) string {
	if near := Nearest(name, names); near != "" {
		return near
	}
	for _, n := range names {
		if len(n) == 3 && len(name) > 1 && distance(fold(name), fold(n)) == 1 {
			return n
		}
	}
	return ""
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make b of a.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
