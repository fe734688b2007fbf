package runtime

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// fakeEngine is a map of containers, for questions of order. What a real
// engine does is tested with one, elsewhere.
type fakeEngine struct {
	mu         sync.Mutex
	containers map[string]*fakeContainer
	made       int
	images     map[string]string // reference to id; one that begins with "absent" is not there
	networks   map[string]Network
	volumes    map[string]bool
	labels     map[string]Labels  // of networks and volumes that were made, by name
	sources    map[string]Sources // by the last part of the build context
	contents   map[string]string  // of files of build contexts
	late       map[string]bool    // names of images whose builds were cut off
	watchers   []chan ContainerEvent
	taken      []int // ports of the host that a process has
	unchanged  bool  // no container differs from its request in any field
	listeners  []netip.AddrPort
	// healthy tells whether a healthcheck succeeds now; nil: it does not.
	healthy func(c *fakeContainer) bool
	unended bool // the output of a container does not end with it
	// started is called, with the lock held, when a container of the service
	// is started.
	started map[string]func(e *fakeEngine, c *fakeContainer)
	// before is called without the lock before an operation, named as "create
	// web" or "build web:1". Its error is that of the operation.
	before func(ctx context.Context, operation string) error
}

type fakeContainer struct {
	Container
	log     string
	lost    error // how reading the log ends; nil: well
	started time.Time
	signal  StopSignal
	hidden  bool // its reaction is seen only inside
	// restarts is how often the restart policy had it started again.
	restarts int
}

var _ Engine = (*fakeEngine)(nil)

func newEngine() *fakeEngine {
	return &fakeEngine{
		containers: map[string]*fakeContainer{}, images: map[string]string{}, volumes: map[string]bool{}, labels: map[string]Labels{},
		networks: map[string]Network{}, started: map[string]func(*fakeEngine, *fakeContainer){},
	}
}

func (e *fakeEngine) Now() time.Time { return time.Now() }

func (e *fakeEngine) TakenPorts(ports []spec.Port) []spec.Port {
	return slices.DeleteFunc(slices.Clone(ports), func(p spec.Port) bool { return !slices.Contains(e.taken, p.Host) })
}

func (e *fakeEngine) PortHolders(_ context.Context, ports []spec.Port) []*PortTakenError {
	var holders []*PortTakenError
	for _, p := range ports {
		holders = append(holders, &PortTakenError{Port: p.Host, Protocol: p.Protocol, Container: fmt.Sprintf("%d/%s", p.Container, p.Protocol),
			Holder: &PortHolder{PID: 7, Process: "node"}, Remedy: "kill 7"})
	}
	return holders
}

func (e *fakeEngine) operation(ctx context.Context, name string) error {
	if e.before != nil {
		if err := e.before(ctx, name); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// of names an operation on a container by its service.
func (e *fakeEngine) of(verb, id string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.containers[id]; c != nil {
		return verb + " " + c.Labels.Service
	}
	return verb + " " + id
}

// list prints the containers, sorted by name: "shop_web running".
func (e *fakeEngine) list() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, c := range e.containers {
		state := c.State
		if state == "exited" {
			state += fmt.Sprintf(" %d", c.ExitCode)
		}
		all = append(all, c.Name+" "+state)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// add puts a container there, as an earlier run left it.
func (e *fakeEngine) add(c Container) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.ImageID == "" {
		c.ImageID = "id of web:1"
	}
	e.containers[c.ID] = &fakeContainer{Container: c}
}

// die ends a container. The lock is held.
func (e *fakeEngine) die(c *fakeContainer, exitCode int) {
	if !runs(c.Container) {
		return
	}
	c.State, c.ExitCode = "exited", exitCode
	e.send(ContainerEvent{ID: c.ID, Action: "die", Time: time.Now(), ExitCode: exitCode})
}

func (e *fakeEngine) send(event ContainerEvent) {
	for _, w := range e.watchers {
		w <- event
	}
}

// diesAfter makes a container die some time after it was started.
func diesAfter(d time.Duration, exitCode int) func(*fakeEngine, *fakeContainer) {
	return func(e *fakeEngine, c *fakeContainer) {
		time.AfterFunc(d, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.die(c, exitCode)
		})
	}
}

// crashes makes a container end some time after each of its first starts. Up to
// most times the engine starts it again.
func crashes(d time.Duration, exitCode, times, most int) func(*fakeEngine, *fakeContainer) {
	return func(e *fakeEngine, c *fakeContainer) {
		var run func()
		locked := func(f func()) func() {
			return func() {
				e.mu.Lock()
				defer e.mu.Unlock()
				if e.containers[c.ID] != nil {
					f()
				}
			}
		}
		run = func() {
			if times--; times < 0 {
				return
			}
			time.AfterFunc(d, locked(func() {
				if c.restarts == most {
					e.die(c, exitCode)
					return
				}
				c.restarts++
				c.State, c.ExitCode = "restarting", exitCode
				e.send(ContainerEvent{ID: c.ID, Action: "die", Time: time.Now(), ExitCode: exitCode})
				time.AfterFunc(100*time.Millisecond, locked(func() {
					c.State, c.started = "running", time.Now()
					run()
				}))
			}))
		}
		run()
	}
}

// turns makes a container's healthcheck give a status some time after it was
// started. Until then it is starting.
func turns(status string, d time.Duration) func(*fakeEngine, *fakeContainer) {
	return func(e *fakeEngine, c *fakeContainer) {
		c.Health = "starting"
		time.AfterFunc(d, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			if e.containers[c.ID] == nil {
				return
			}
			c.Health = status
			e.send(ContainerEvent{ID: c.ID, Action: "health", Health: status})
		})
	}
}

func (e *fakeEngine) Containers(ctx context.Context, of Selector) ([]Container, error) {
	if err := e.operation(ctx, "list"); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []Container
	for _, c := range e.containers {
		if c.Labels.Group == of.Group && (of.OneOffs || !c.Labels.OneOff) {
			list = append(list, c.Container)
		}
	}
	slices.SortFunc(list, func(a, b Container) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

func (e *fakeEngine) State(ctx context.Context, id string) (ContainerState, error) {
	if err := e.operation(ctx, e.of("state", id)); err != nil {
		return ContainerState{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.containers[id]
	if c == nil {
		return ContainerState{}, ErrNotFound
	}
	var check *Healthcheck
	if c.Health != "" {
		check = &Healthcheck{Test: []string{"healthcheck"}, Timeout: 30 * time.Second}
	}
	return ContainerState{Healthcheck: check, RestartCount: c.restarts, Status: c.State, Running: c.State == "running" || c.State == "paused" || c.State == "restarting",
		ExitCode: c.ExitCode, Health: c.Health, HealthLog: "curl: (7)\n", StartedAt: c.started}, nil
}

func (e *fakeEngine) Changes(ctx context.Context, id string, _ []byte) ([]spec.Change, error) {
	if err := e.operation(ctx, e.of("changes", id)); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.containers[id] == nil {
		return nil, fmt.Errorf("container %s: %w", id, ErrNotFound)
	}
	if e.unchanged {
		return nil, nil
	}
	return []spec.Change{{Field: "env.A", Old: "1", New: "2"}}, nil
}

func (e *fakeEngine) Watch(ctx context.Context, _ string) (<-chan ContainerEvent, error) {
	if err := e.operation(ctx, "watch"); err != nil {
		return nil, err
	}
	events := make(chan ContainerEvent, 1000)
	e.mu.Lock()
	e.watchers = append(e.watchers, events)
	e.mu.Unlock()
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.watchers = slices.DeleteFunc(e.watchers, func(w chan ContainerEvent) bool { return w == events })
		close(events)
	})
	return events, nil
}

func (e *fakeEngine) Request(wanted ContainerSpec) ([]byte, error) {
	host := object{"NetworkMode": wanted.NetworkName}
	if policy, count, _ := strings.Cut(wanted.Definition.Restart, ":"); policy != "" {
		most, _ := strconv.Atoi(count)
		host["RestartPolicy"] = object{"Name": policy, "MaximumRetryCount": most}
	}
	return json.Marshal(object{"Config": object{"Image": wanted.Definition.Image, "Env": wanted.Definition.Env, "Volumes": wanted.Volumes},
		"HostConfig": host, "NetworkingConfig": object{}})
}

func (e *fakeEngine) Create(ctx context.Context, name string, request []byte, labels Labels) (string, error) {
	err := e.operation(ctx, "create "+labels.Service)
	if err != nil && ctx.Err() == nil {
		return "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.Name == name {
			return "", fmt.Errorf("the name %s is taken", name)
		}
	}
	var made struct{ Config struct{ Image string } }
	if err := json.Unmarshal(request, &made); err != nil {
		return "", err
	}
	e.made++
	c := &fakeContainer{Container: Container{
		ID: fmt.Sprintf("c%d", e.made), Name: name, Labels: labels, State: "created", ExitCode: -1, Image: made.Config.Image, ImageID: e.images[made.Config.Image],
		Networks: map[string]string{}, Created: time.Now(),
	}, log: "one\ntwo\n"}
	for _, n := range e.networks {
		c.Networks[n.Name] = n.ID
	}
	if c.ImageID == "" {
		c.ImageID = "id of " + c.Image
	}
	e.containers[c.ID] = c
	// As the engine of a client that hangs up: the container is there, and the
	// caller does not know its id.
	return c.ID, ctx.Err()
}

func (e *fakeEngine) Rename(ctx context.Context, id, name string) error {
	if err := e.operation(ctx, e.of("rename", id)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.containers[id] == nil {
		return ErrNotFound
	}
	e.containers[id].Name = name
	return nil
}

func (e *fakeEngine) NameHolder(_ context.Context, name string) *NameTakenError {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.Name == name {
			return &NameTakenError{Name: name, ID: c.ID, Image: c.Image, Group: c.Labels.Group, File: c.Labels.File}
		}
	}
	return nil
}

func (e *fakeEngine) Start(ctx context.Context, id string) error {
	if err := e.operation(ctx, e.of("start", id)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.containers[id]
	if c == nil {
		return ErrNotFound
	}
	c.State, c.started = "running", time.Now()
	if started := e.started[c.Labels.Service]; started != nil {
		started(e, c)
	}
	return nil
}

func (e *fakeEngine) StopSignal(_ context.Context, id string, lookInside bool) (StopSignal, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.containers[id]
	if c == nil {
		return StopSignal{}, ErrNotFound
	}
	signal := c.signal
	if !lookInside && c.hidden {
		signal.Reaction = ReactionUnknown
	}
	return signal, nil
}

func (e *fakeEngine) Stop(ctx context.Context, id string, _ time.Duration) error {
	if err := e.operation(ctx, e.of("stop", id)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.containers[id]; c != nil {
		e.die(c, 0)
	}
	return nil
}

func (e *fakeEngine) Remove(ctx context.Context, id string) error {
	if err := e.operation(ctx, e.of("remove", id)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.containers[id]; c != nil {
		e.die(c, 137)
		delete(e.containers, id)
	}
	return nil
}

func (e *fakeEngine) Listeners(context.Context, string) ([]netip.AddrPort, error) {
	return e.listeners, nil
}

func (e *fakeEngine) Exec(_ context.Context, id string, o ExecOptions) (ExecResult, error) {
	if o.Cmd[0] == "healthcheck" {
		e.mu.Lock()
		defer e.mu.Unlock()
		if c := e.containers[id]; c == nil || e.healthy == nil || !e.healthy(c) {
			return ExecResult{ExitCode: 1, Stdout: "checking\n", Stderr: "curl: (7)\n"}, nil
		}
		return ExecResult{}, nil
	}
	return ExecResult{Stdout: id + ": " + strings.Join(o.Cmd, " ")}, nil
}

func (e *fakeEngine) ExecAttached(_ context.Context, id string, o ExecOptions, s Streams) (int, error) {
	_, err := fmt.Fprintln(s.Stdout, id+": "+strings.Join(o.Cmd, " "))
	return 7, err
}

// StartAttached runs a container until the hook of its service has ended it.
func (e *fakeEngine) StartAttached(ctx context.Context, id string, _ Streams) (int, error) {
	if err := e.Start(ctx, id); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		e.mu.Lock()
		c := e.containers[id]
		if c == nil || c.State != "running" {
			defer e.mu.Unlock()
			if c == nil {
				return 137, nil
			}
			if e.unended {
				return c.ExitCode, ErrOutputUnended
			}
			return c.ExitCode, nil
		}
		e.mu.Unlock()
		if err := pass(ctx, time.Millisecond); err != nil {
			return 0, err
		}
	}
	return 0, ctx.Err()
}

// Logs tells lines with times after Since as the engine does.
func (e *fakeEngine) Logs(_ context.Context, id string, o LogOptions) (io.ReadCloser, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.containers[id]
	if c == nil {
		return nil, ErrNotFound
	}
	var log strings.Builder
	for line := range strings.Lines(c.log) {
		word, _, _ := strings.Cut(line, " ")
		if at, err := time.Parse(time.RFC3339Nano, word); err != nil || !at.Before(o.Since) {
			log.WriteString(line)
		}
	}
	if c.lost != nil {
		return io.NopCloser(io.MultiReader(strings.NewReader(log.String()), iotest.ErrReader(c.lost))), nil
	}
	return io.NopCloser(strings.NewReader(log.String())), nil
}

func (e *fakeEngine) InspectContainer(_ context.Context, id string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	image := ""
	if c := e.containers[id]; c != nil {
		image = c.ImageID
	}
	return json.Marshal(object{"Id": id, "Image": image})
}

// isThere reports whether a tag or a container has an image that was built. The
// lock is held.
func (e *fakeEngine) isThere(id string) bool {
	for _, c := range e.containers {
		if c.ImageID == id {
			return true
		}
	}
	return slices.Contains(slices.Collect(maps.Values(e.images)), id)
}

func (e *fakeEngine) Image(ctx context.Context, reference string) (Image, error) {
	if err := e.operation(ctx, "image "+reference); err != nil {
		return Image{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if id, ok := e.images[reference]; ok {
		return Image{ID: id}, nil
	}
	if e.isThere(reference) {
		return Image{ID: reference}, nil
	}
	if strings.HasPrefix(reference, "absent") || strings.HasPrefix(reference, "built ") {
		return Image{}, fmt.Errorf("image %s: %w", reference, ErrNotFound)
	}
	return Image{ID: "id of " + reference}, nil
}

func (e *fakeEngine) Pull(ctx context.Context, reference, _ string, _ func(Progress)) error {
	if err := e.operation(ctx, "pull "+reference); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.images[reference] = "pulled " + reference
	return nil
}

func (e *fakeEngine) Build(ctx context.Context, o BuildOptions, _ func(Progress)) (string, error) {
	if err := e.operation(ctx, "build "+o.Tag); err != nil {
		return "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.made++
	e.images[o.Tag] = fmt.Sprintf("built %s %d", o.Tag, e.made)
	return e.images[o.Tag], nil
}

func (e *fakeEngine) Sources(ctx context.Context, b spec.Build) (Sources, error) {
	err := e.operation(ctx, "sources "+filepath.Base(b.Context))
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.sources[filepath.Base(b.Context)]
	found.Files, found.Taken = slices.Clone(found.Files), time.Now()
	return found, err
}

func (e *fakeEngine) ReadSources(ctx context.Context, b spec.Build, files []SourceFile) error {
	e.mu.Lock()
	contents := e.contents
	e.mu.Unlock()
	for i, f := range files {
		if err := e.operation(ctx, "read "+f.Name); err != nil {
			return err
		}
		files[i].Sum = digestOf(contents[filepath.Base(b.Context)+"/"+f.Name])[:32]
	}
	return nil
}

func (e *fakeEngine) Tag(ctx context.Context, id, reference string) error {
	if err := e.operation(ctx, "tag "+reference+" as "+id); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.images[reference] = id
	return nil
}

func (e *fakeEngine) RemoveImage(ctx context.Context, id string) error {
	return e.operation(ctx, "remove image "+id)
}

func (e *fakeEngine) RemoveName(_ context.Context, reference string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.late[reference] {
		return ErrNotFound
	}
	delete(e.late, reference)
	return nil
}

func (e *fakeEngine) Network(ctx context.Context, name string) (Network, error) {
	if err := e.operation(ctx, "network "+name); err != nil {
		return Network{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if n, ok := e.networks[name]; ok {
		return n, nil
	}
	return Network{}, ErrNotFound
}

func (e *fakeEngine) Networks(context.Context, string) ([]Network, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var ours []Network
	for _, name := range slices.Sorted(maps.Keys(e.networks)) {
		if e.networks[name].Ours {
			n := e.networks[name]
			n.Labels = e.labels[name]
			ours = append(ours, n)
		}
	}
	return ours, nil
}

func (e *fakeEngine) CreateNetwork(ctx context.Context, name string, labels Labels) (Network, error) {
	if err := e.operation(ctx, "create network "+name); err != nil {
		return Network{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.networks[name], e.labels[name] = Network{ID: "id of " + name, Name: name, Ours: true}, labels
	return e.networks[name], nil
}

func (e *fakeEngine) RemoveNetwork(ctx context.Context, id string) error {
	if err := e.operation(ctx, "remove network"); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.networks, func(_ string, n Network) bool { return n.ID == id })
	return nil
}

func (e *fakeEngine) Volumes(context.Context, string) ([]NamedVolume, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var volumes []NamedVolume
	for _, name := range slices.Sorted(maps.Keys(e.volumes)) {
		volumes = append(volumes, NamedVolume{Name: name, Labels: e.labels[name]})
	}
	return volumes, nil
}

func (e *fakeEngine) CreateVolume(_ context.Context, name string, labels Labels) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.volumes[name], e.labels[name] = true, labels
	return nil
}

func (e *fakeEngine) HasVolume(context.Context, string) (bool, error) { return true, nil }

func (e *fakeEngine) SharesFiles(context.Context) bool { return true }

func (e *fakeEngine) RemoveVolume(_ context.Context, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.volumes, name)
	return nil
}

// fakeValues is a shared context.
type fakeValues struct {
	mu     sync.Mutex
	values object
	err    error
}

func (v *fakeValues) Snapshot(context.Context) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return nil, v.err
	}
	return json.Marshal(v.values)
}

func (v *fakeValues) set(key string, value any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.values[key] = value
}

// world is a group of services on a fake engine.
type world struct {
	t      *testing.T
	engine *fakeEngine
	values *fakeValues
	runner *Runner
	fields map[string]object // by service: what Evaluate returns

	mu     sync.Mutex
	events []Event
}

// newWorld makes the services of a graph's text. All have the image web:1.
func newWorld(t *testing.T, graph string, change func(services map[string]*spec.Service)) *world {
	t.Helper()
	w := &world{t: t, engine: newEngine(), values: &fakeValues{values: object{}}, fields: map[string]object{}}
	services := graphOf(graph)
	byName := map[string]*spec.Service{}
	for _, s := range services {
		byName[s.Name] = s
		s.Loaded = spec.Definition{Name: s.Name, Image: "web:1"}
		w.fields[s.Name] = object{"name": s.Name, "image": "web:1"}
		s.Evaluate = func(context.Context) (map[string]any, error) { return writtenFields(w.fields[s.Name]), nil }
		s.FieldPos = func(string) spec.Position { return spec.Position{File: "miniboss.js", Line: 1, Column: 1} }
	}
	if change != nil {
		change(byName)
	}
	g, problems := spec.NewGraph(services)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	dir, locks := t.TempDir(), t.TempDir()
	w.runner = NewRunner(Setup{
		Group: "shop", File: dir + "/miniboss.js", Graph: g, Engine: w.engine, Values: w.values, Store: state.NewContextStore(dir, locks, func(string) {}),
		HashKey:    state.NewHashKey(t.TempDir(), locks),
		Builds:     NewBuilds(t.TempDir(), "engine"),
		Containers: NewContainers("shop", w.engine),
		Sink: func(e Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
	})
	return w
}

// again is the next command on the same engine.
func (w *world) again() {
	r := w.runner
	w.runner = NewRunner(Setup{Group: r.Group, File: r.File, Graph: r.Graph, Engine: r.Engine, Values: r.Values, Store: r.Store, HashKey: r.HashKey, Builds: r.Builds, Containers: NewContainers("shop", r.Engine), Sink: r.Sink})
	w.mu.Lock()
	w.events = nil
	w.mu.Unlock()
}

// builtHere has it known that an image was built from what there is of a service's
// sources.
func (w *world) builtHere(service, image string) {
	d := w.runner.Graph.Service(service).Loaded
	inputs := buildRecord{Fields: buildFields(*d.Build, d.Platform), Bases: map[string]string{}, Content: Sources{}.content()}
	inputs.digest()
	w.runner.Builds.note(image, inputs.Inputs)
}

func startOptions() StartOptions {
	return StartOptions{Timeout: 30 * time.Second, Settle: time.Second}
}

func (w *world) start(ctx context.Context) error { return w.runner.Start(ctx, startOptions()) }

// outcomes prints what became of each service, sorted: its last event among
// those that end its turn.
func (w *world) outcomes() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := map[string]string{}
	for _, e := range w.events {
		switch e.Phase {
		case PhaseReady, PhaseUnchanged, PhaseFailed, PhaseSkipped, PhaseStopped, PhaseRemoved:
			text := e.Service + ": " + string(e.Phase)
			if e.Cause != "" {
				text += ": " + e.Cause
			}
			if e.Err != nil {
				text += ": " + e.Err.Error()
			}
			if e.Running {
				text += " (still running)"
			}
			if last[e.Service] != "" {
				text = last[e.Service] + "\n" + text
			}
			last[e.Service] = text
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(last)) {
		all = append(all, last[name])
	}
	return strings.Join(all, "\n")
}

// phases prints the phases of a service in order, each once in a row.
func (w *world) phases(service string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, e := range w.events {
		if e.Service == service && e.Phase != PhaseQueued && (len(all) == 0 || all[len(all)-1] != string(e.Phase)) {
			all = append(all, string(e.Phase))
		}
	}
	return strings.Join(all, " ")
}

// rest prints the events that are of no service.
func (w *world) rest() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, e := range w.events {
		if e.Service == "" || e.Phase == PhaseError || e.Phase == PhaseWarning {
			text := string(e.Phase) + ": " + e.Cause
			if e.Err != nil {
				text += e.Err.Error()
			}
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

// theFile returns the only file of a directory that a pattern matches.
func theFile(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v", pattern, found, err)
	}
	return found[0]
}

// contextFile is where the world's context is saved.
func (w *world) contextFile() string { return filepath.Join(w.runner.dir(), state.ContextFile) }

// same compares a text with what is expected.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// journal notes what happens in which order, and when.
type journal struct {
	mu    sync.Mutex
	began time.Time
	lines []string
}

func newJournal() *journal { return &journal{began: time.Now()} }

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf("%s %s", time.Since(j.began), line))
}

// String is all that was noted, what happened at one instant sorted.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := slices.Clone(j.lines)
	when := func(line string) time.Duration {
		word, _, _ := strings.Cut(line, " ")
		d, _ := time.ParseDuration(word)
		return d
	}
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Or(cmp.Compare(when(a), when(b)), strings.Compare(a, b)) })
	return strings.Join(lines, ", ")
}

// hook returns one that takes some time and is noted when it begins and ends.
func (j *journal) hook(name string, d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		j.note(name)
		return pass(ctx, d)
	}
}

// pass lets time go by.
func pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ready returns a ping that is true from some time after the first call on.
func ready(after time.Duration) func(context.Context) (bool, string, error) {
	var once sync.Once
	var first time.Time
	return func(context.Context) (bool, string, error) {
		once.Do(func() { first = time.Now() })
		return time.Since(first) >= after, "connection refused", nil
	}
}
