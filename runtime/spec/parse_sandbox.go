package spec

import (
	"fmt"
	"maps"
	"math"
	"net"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// sandbox reads what a container's processes see of the machine and what they
// may do to it.
func (p *parser) sandbox() {
	d := &p.def
	d.Hostname = p.text("hostname", &textRule{hostName, "a hostname, such as \"db.example.org\""})
	d.NetworkMode = p.networkMode()
	d.TTY = p.flag("tty")
	d.StdinOpen = p.flag("stdinOpen")
	d.ReadOnly = p.flag("readOnly")
	d.CapDrop = p.list("capDrop", `an array of capability names, or ["ALL"]`, nil)
	d.SecurityOpt = p.list("securityOpt", `an array of options, such as "no-new-privileges"`, nil)
	d.GroupAdd = p.list("groupAdd", "an array of group names or numbers", nil)
	d.Ulimits = p.ulimits()
	d.Sysctls = p.table("sysctls", `an object {name: string or number}, such as {"net.core.somaxconn": 1024}`, true)
	d.DNS = p.list("dns", "an array of IP addresses", func(s string) bool { return net.ParseIP(s) != nil })
	d.DNSSearch = p.list("dnsSearch", "an array of domains", nil)
	d.IPC = p.text("ipc", &textRule{ipcMode, `"none", "private", "shareable" or "host"`})
	d.PID = p.text("pid", &textRule{pidMode, `"host"`})
	d.Runtime = p.text("runtime", nil)
	d.CgroupParent = p.text("cgroupParent", nil)
	d.PidsLimit = p.whole("pidsLimit", "a number of processes greater than 0, or -1 for no limit", func(n int64) bool { return n > 0 || n == -1 })
	d.OomScoreAdj = p.whole("oomScoreAdj", "a whole number from -1000 to 1000", func(n int64) bool { return n >= -1000 && n <= 1000 })
	d.MemorySwap = p.memorySwap()
	d.MemoryReservation = p.size("memoryReservation")
}

var (
	hostName     = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?$`)
	networkModes = lazyregexp.New(`^(host|none|bridge)$`)
	ipcMode      = lazyregexp.New(`^(none|private|shareable|host)$`)
	pidMode      = lazyregexp.New(`^host$`)
)

// networkMode reads the network that takes the place of the group's.
func (p *parser) networkMode() string {
	mode := p.text("networkMode", &textRule{networkModes, `"host", "none" or "bridge"`})
	if (mode == "host" || mode == "none") && p.given("ports") {
		p.problems = append(p.problems, Problem{Field: "ports", Found: fmt.Sprintf("ports with networkMode = %q", mode),
			Accepted: "only one of the two", Hint: portsHint(mode)})
	}
	return mode
}

func portsHint(mode string) string {
	if mode == "host" {
		return "remove ports: on the host's network a container listens on the host's ports directly"
	}
	return "remove ports: a container without a network cannot publish any"
}

// ulimits reads {name: limit} or {name: {soft, hard}}.
func (p *parser) ulimits() []Ulimit {
	const accepted = "an object {name: limit or {soft, hard}}, such as {nofile: 65536}"
	object, ok := p.object("ulimits", accepted)
	if !ok {
		return nil
	}
	var limits []Ulimit
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field, v := "ulimits."+name, object[name]
		if p.pending(field, v) || v == nil {
			continue
		}
		if !slices.Contains(ulimitNames(), name) {
			hint := ""
			if near := Nearest(name, ulimitNames()); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			p.problems = append(p.problems, Problem{Field: field, Found: describe(name), Accepted: "one of the limits " + strings.Join(ulimitNames(), ", "), Hint: hint})
			continue
		}
		limit, ok := ulimit(name, v)
		if !ok {
			p.problem(field, v, "a whole number, or {soft, hard} with soft no greater than hard; -1 means no limit")
			continue
		}
		limits = append(limits, limit)
	}
	return limits
}

func ulimit(name string, v any) (Ulimit, bool) {
	if n, ok := wholeNumber(v); ok && n >= -1 {
		return Ulimit{Name: name, Soft: n, Hard: n}, true
	}
	object, ok := v.(map[string]any)
	if !ok || len(object) != 2 {
		return Ulimit{}, false
	}
	soft, softOK := wholeNumber(object["soft"])
	hard, hardOK := wholeNumber(object["hard"])
	fits := hard == -1 || soft != -1 && soft <= hard
	return Ulimit{Name: name, Soft: soft, Hard: hard}, softOK && hardOK && fits && soft >= -1 && hard >= -1
}

// ulimitNames are the limits that engines know.
func ulimitNames() []string {
	return []string{"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"}
}

// whole reads a whole number.
func (p *parser) whole(field, accepted string, valid func(int64) bool) int64 {
	v, ok := p.value(field)
	if !ok {
		return 0
	}
	n, ok := wholeNumber(v)
	if !ok || !valid(n) {
		p.problem(field, v, accepted)
		return 0
	}
	return n
}

func wholeNumber(v any) (int64, bool) {
	n, ok := v.(float64)
	return int64(n), ok && n == math.Trunc(n) && math.Abs(n) < 1<<53
}

// memorySwap reads how much memory and swap a container may use together.
func (p *parser) memorySwap() int64 {
	if n, ok := wholeNumber(p.fields["memorySwap"]); ok && n == -1 {
		return -1
	}
	swap := p.size("memorySwap")
	memory, sizeKnown := p.def.Memory, p.def.Memory > 0 || !p.given("memory")
	if swap > 0 && sizeKnown && swap < memory {
		p.problems = append(p.problems, Problem{Field: "memorySwap", Found: describe(p.fields["memorySwap"]),
			Accepted: "at least the value of memory, which it includes"})
	}
	if swap > 0 && !p.given("memory") {
		p.problems = append(p.problems, Problem{Field: "memorySwap", Found: describe(p.fields["memorySwap"]) + " without memory",
			Accepted: "this field only together with memory"})
	}
	return swap
}
