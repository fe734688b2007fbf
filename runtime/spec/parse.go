package spec

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"
)

// ParseDefinition checks the fields of a service and makes its definition.
// fields holds what JavaScript found on the instance, the user's own fields
// and methods included; dir is the directory of the file, which relative paths
// start from. All mistakes are returned, sorted by field; Class and Pos are
// left to the caller (see Service.FieldPos). The core calls it again at the
// service's turn, with what Service.Evaluate returned. It never panics,
// whatever the values are.
func ParseDefinition(fields map[string]any, dir string, stage Stage) (Definition, []Problem) {
	p := &parser{stage: stage, dir: dir, fields: settleTemplates(fields, stage)}
	p.definition()
	p.shellSyntax(fields)
	p.missing()
	known := append(fieldNames(), hookNames()...)
	p.composeNames(known)
	p.nearMisses(known, otherNames())
	return p.finish(), p.problems
}

// finish puts what was found in order.
func (p *parser) finish() Definition {
	slices.SortStableFunc(p.problems, func(a, b Problem) int { return strings.Compare(a.Field, b.Field) })
	slices.Sort(p.def.Pending)
	p.def.Pending = slices.Compact(p.def.Pending)
	return p.def
}

// parser makes one definition. Its methods read one field each and note what
// is wrong with it.
type parser struct {
	stage    Stage
	dir      string
	fields   map[string]any
	def      Definition
	problems []Problem
}

func (p *parser) definition() {
	d := &p.def
	d.Name = p.name()
	d.Image = p.image()
	d.Entrypoint = p.words("entrypoint")
	d.Cmd = p.words("cmd")
	d.User = p.text("user", nil)
	d.WorkingDir = p.text("workingDir", nil)
	d.Env, d.Unset = p.env(), p.unset()
	d.Ports = p.ports()
	d.Volumes = p.volumes()
	d.StopSignal = p.oneOf("stopSignal", "", "SIGTERM", "SIGINT", "SIGKILL", "SIGQUIT")
	d.Build = p.build()
	d.Labels = p.labels()
	d.ExtraHosts = p.extraHosts()
	d.Tmpfs = p.tmpfs()
	d.CapAdd = p.list("capAdd", "an array of capability names", nil)
	d.Devices = p.list("devices", `an array of "/dev/x[:/dev/y[:rwm]]"`, func(s string) bool { return strings.HasPrefix(s, "/") })
	d.Memory = p.size("memory")
	d.CPUs = p.cpus()
	d.ShmSize = p.size("shmSize")
	d.Init = p.flag("init")
	d.Privileged = p.flag("privileged")
	d.Restart = p.text("restart", restartPolicy)
	d.Platform = p.text("platform", platform)
	p.sandbox()
	d.AlwaysStartNew = p.flag("alwaysStartNew")
	d.OneShot = p.flag("oneShot")
	d.PingTimeout = p.seconds("pingTimeout")
	d.StopTimeout = p.seconds("stopTimeout")
	d.Sync = p.table("sync", "an object {directory: directory in the container}", false)
	p.references("dependencies", "an array of service names or of exported service classes")
}

// problem notes a mistake in a field.
func (p *parser) problem(field string, found any, accepted string) {
	p.problems = append(p.problems, Problem{Field: field, Found: describeIn(field, found), Accepted: accepted, Hint: methodHint(field, found)})
}

// methodHint helps where a method stands in the place of a getter.
func methodHint(field string, found any) string {
	if o, ok := found.(Opaque); ok && o.Kind == "a function" && !strings.ContainsAny(field, ".[") {
		return "to compute the value, write a getter: get " + field + "() { … }"
	}
	return ""
}

// value returns a field's value. ok is false where the field is not set, or
// is not known yet.
func (p *parser) value(field string) (v any, ok bool) {
	if !p.given(field) {
		return nil, false
	}
	v = p.fields[field]
	return v, !p.pending(field, v)
}

// given reports whether a field is set.
func (p *parser) given(field string) bool {
	v, ok := p.fields[field]
	return ok && v != nil && v != any(Undefined{})
}

// required returns the value of a field that must be set.
func (p *parser) required(field string) any {
	if v, there := p.fields[field]; there {
		return v
	}
	return Undefined{}
}

// pending notes a field whose value depends on the shared context and is not
// there yet. That happens at load only.
func (p *parser) pending(field string, v any) bool {
	switch v.(type) {
	case Missing, unknown: // which are problems of their own
		return true
	}
	if p.stage != AtLoad || !isPlaceholder(v) {
		return false
	}
	p.def.Pending = append(p.def.Pending, field)
	return true
}

func (p *parser) name() string {
	const accepted = "a hostname label: letters, digits and hyphens, at most 63, such as \"my-app\""
	v := p.required("name")
	s, ok := v.(string)
	switch {
	case !ok && p.stage == AtLoad && isPlaceholder(v), ok && HasReference(s):
		p.problems = append(p.problems, Problem{Field: "name", Found: describe(v), Accepted: accepted,
			Hint: "a name cannot depend on the context: it must be known when the file is loaded"})
	case !ok || !hostnameLabel(s):
		p.problems = append(p.problems, Problem{Field: "name", Found: describe(v), Accepted: accepted, Hint: nameHint(s)})
	}
	return s
}

func isPlaceholder(v any) bool {
	_, ok := v.(Placeholder)
	return ok
}

// nameHint offers the nearest valid name.
func nameHint(name string) string {
	label := strings.Trim(strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || r == ' ' {
			return '-'
		}
		return r
	}, name), "-")
	if label != name && hostnameLabel(label) {
		return "did you mean \"" + label + "\"?"
	}
	return ""
}

func hostnameLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

func (p *parser) image() string {
	const accepted = "an image reference, such as \"postgres:17\""
	v := p.required("image")
	if p.pending("image", v) {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		p.problem("image", v, accepted)
		return ""
	}
	if _, err := reference.ParseNormalizedNamed(s); err != nil {
		p.problem("image", v, accepted)
	}
	return s
}

// build reads the fields that say how the image is built.
func (p *parser) build() *Build {
	args := p.table("buildArgs", "an object {name: string, number or boolean}", true)
	target := p.text("buildTarget", nil)
	dockerfile := p.text("dockerfile", nil)
	_, given := p.value("buildFrom")
	if !given {
		p.needBuildFrom()
		return nil
	}
	from := p.text("buildFrom", nil)
	if from == "" {
		return nil
	}
	b := &Build{Context: p.path(from), Dockerfile: dockerfile, Args: args, Target: target}
	unknown := dockerfile == "" && p.given("dockerfile") // not known yet, or wrong
	if dockerfile == "" {
		b.Dockerfile = "Dockerfile"
	}
	if info, err := os.Stat(b.Context); err != nil || !info.IsDir() {
		p.problems = append(p.problems, Problem{Field: "buildFrom", Found: describe(from),
			Accepted: "a directory, relative to the file", Hint: "there is no directory " + b.Context})
	} else if _, err := os.Stat(filepath.Join(b.Context, b.Dockerfile)); err != nil && !unknown {
		p.problems = append(p.problems, Problem{Field: "dockerfile", Found: describe(b.Dockerfile),
			Accepted: "a file, relative to buildFrom", Hint: "there is no file " + filepath.Join(b.Context, b.Dockerfile)})
	}
	return b
}

// needBuildFrom notes fields that mean nothing without buildFrom.
func (p *parser) needBuildFrom() {
	if p.given("buildFrom") {
		return // not known yet
	}
	for _, field := range []string{"dockerfile", "buildArgs", "buildTarget"} {
		if p.given(field) {
			p.problems = append(p.problems, Problem{Field: field, Found: describeIn(field, p.fields[field]) + " without buildFrom",
				Accepted: "this field only together with buildFrom"})
		}
	}
}

// path makes a directory that the user wrote absolute.
func (p *parser) path(s string) string {
	if s == "~" || strings.HasPrefix(s, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, s[1:])
		}
	}
	if filepath.IsAbs(s) {
		return filepath.Clean(s)
	}
	return filepath.Join(p.dir, filepath.FromSlash(s))
}

func (p *parser) env() map[string]string {
	const accepted = "a string, a number, a boolean, or null to leave the variable out"
	object, ok := p.object("env", "an object {NAME: string, number, boolean or null}")
	if !ok {
		return nil
	}
	env := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field, v := "env."+key, object[key]
		switch {
		case key == "" || strings.ContainsAny(key, "=\x00"):
			p.problem("env", key, "variable names without =")
		case v == nil || p.pending(field, v):
		case v == (Undefined{}):
			if p.stage == AtTurn {
				p.problems = append(p.problems, Problem{Field: field, Found: "undefined", Accepted: accepted,
					Hint: "is it a context value that no hook has set, or a variable missing from process.env?"})
			}
		default:
			s, ok := scalar(v)
			if !ok || strings.Contains(s, "\x00") {
				p.problem(field, v, accepted)
				continue
			}
			env[key] = s
		}
	}
	return env
}

// unset returns the variables that env leaves out. env tells what is wrong with it.
func (p *parser) unset() []string {
	object, _ := p.fields["env"].(map[string]any)
	var names []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if object[name] == nil {
			names = append(names, name)
		}
	}
	return names
}

func (p *parser) labels() map[string]string {
	labels := p.table("labels", "an object {name: string, number or boolean}", true)
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if key == "" || strings.HasPrefix(key, "miniboss.") {
			p.problem("labels", key, "names that do not start with miniboss., which is reserved")
		}
	}
	return labels
}

// references checks the shape only of an array of names: the graph checks what
// is named.
func (p *parser) references(field, accepted string) {
	if !p.given(field) {
		return
	}
	v := p.fields[field]
	if isPlaceholder(v) {
		p.problems = append(p.problems, Problem{Field: field, Found: describe(v), Accepted: accepted,
			Hint: field + " cannot depend on the context: they must be known when the file is loaded"})
		return
	}
	list, ok := v.([]any)
	if !ok {
		p.problem(field, v, accepted)
		return
	}
	for _, v := range list {
		if s, ok := v.(string); !ok || HasReference(s) {
			p.problem(field, v, accepted)
		}
	}
}

// seconds reads a time in seconds.
func (p *parser) seconds(field string) time.Duration {
	v, ok := p.value(field)
	if !ok {
		return 0
	}
	n, isNumber := v.(float64)
	if !isNumber || !(n > 0) || n > 1e6 {
		p.problem(field, v, "a number of seconds greater than 0")
		return 0
	}
	return time.Duration(n * float64(time.Second))
}
