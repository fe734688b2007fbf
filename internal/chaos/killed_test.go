package chaos

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// engineFault is how miniboss tells of a fault of Docker 20.10, which keeps a
// network because it has miscounted the containers on it. Nobody but the engine
// can help that: it is counted, and no failure.
const engineFault = "a known fault of Docker 20.10"

// TestKilledAtEachStep kills each command once at each of its named steps, and
// runs it again. Its short form has a third of them.
func TestKilledAtEachStep(t *testing.T) {
	t.Parallel()
	enginetest.API(t) // skips all of it where no engine is to be asked
	parts := []struct {
		command  string
		part, of int // of its steps
	}{{"start (build)", 0, 2}, {"start (build)", 1, 2}, {"reload", 0, 2}, {"reload", 1, 2}, {"start (changed)", 0, 1}, {"restart", 0, 1}, {"stop --remove", 0, 1}, {"stop", 0, 1}}
	reports := make([]*killer, len(parts))
	t.Run("of", func(t *testing.T) {
		for i, p := range parts {
			t.Run(p.command, func(t *testing.T) {
				t.Parallel()
				reports[i] = newKiller(t, 1, uint64(i))
				reports[i].eachStep(p.command, p.part, p.of)
			})
		}
	})
	sum := total(reports)
	t.Log(sum)
	sum.seldomLate(t)
	if t.Failed() {
		return // who failed did not go on to the end
	}
	for command, phases := range mustCome {
		for _, phase := range phases {
			if at := command + " at " + phase; sum.kills[at] == 0 && !leftOut(command, phase) {
				t.Errorf("never killed: %s", at)
			}
		}
	}
	for at, aims := range sum.aims {
		if sum.kills[at] > 0 {
			continue
		}
		t.Logf("aimed at %d times, and never killed: %s", aims, at)
		command, phase, _ := strings.Cut(at, " at ")
		if !slices.Contains(mayBeMissed[command], phase) {
			t.Errorf("it is too long to be missed: %s", at)
		}
	}
}

// mustCome are the phases in which a command is surely killed: they come each
// time, and much is left to be done at the first of each.
var mustCome = map[string][]string{
	"start (build)":   {"queued", "waiting", "preStart", "building", "built", "creating", "starting", "pinging", "postStart", "settling"},
	"start (changed)": {"queued", "waiting", "replacing", "preStop", "stopping", "postStop", "preStart", "creating", "starting", "pinging", "postStart", "settling"},
	"reload":          {"queued", "building", "built", "replacing", "preStop", "stopping", "postStop", "preStart", "creating", "starting"},
	"restart":         {"queued", "preStop", "stopping", "postStop", "starting"},
	"stop --remove":   {"queued", "preStop", "stopping", "postStop", "removed"},
	"stop":            {"queued", "preStop", "stopping", "postStop"},
}

// short are the phases of the short form: each phase with the command that has most
// to be put in order after it. A start of the collection takes two processors several
// seconds.
var short = map[string][]string{
	"start (build)":   {"waiting", "built", "creating", "pinging", "postStart", "settling"},
	"start (changed)": {"replacing", "postStop", "preStart", "starting"},
	"reload":          {"queued", "building", "preStop", "creating"},
	"restart":         {"stopping", "starting"},
	"stop --remove":   {"postStop", "removed"},
	"stop":            {"preStop", "stopping"},
}

// leftOut reports whether only the long form has a phase.
func leftOut(command, phase string) bool {
	return !long && !slices.Contains(short[command], phase)
}

// mayBeMissed are the phases after which a command may end sooner than it is
// killed, each time that it is tried.
var mayBeMissed = map[string][]string{
	"start (build)":   {"ready"},
	"start (changed)": {"ready"},
	"reload":          {"pinging", "postStart", "ready"}, // there is one of each, and it is the end
	"restart":         {"ready"},
	"stop":            {"stopped"},
}

// TestKilledAnywhere kills commands at named steps and at random instants, and
// runs them again, or others. CHAOS_ROUNDS is the number of kills, without
// it a few; CHAOS_SEED makes them others.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	seed := setting(t, "CHAOS_SEED", uint64(time.Now().UnixNano()%1e6))
	rounds := setting(t, "CHAOS_ROUNDS", 7)
	workers := min(3, int(1+rounds/5))
	t.Logf("seed %d, %d rounds", seed, rounds)
	reports := make([]*killer, workers)
	t.Run("worker", func(t *testing.T) {
		for i := range workers {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				share := rounds / uint64(workers)
				if uint64(i) < rounds%uint64(workers) {
					share++
				}
				reports[i] = newKiller(t, seed, uint64(i))
				reports[i].run(share)
			})
		}
	})
	sum := total(reports)
	t.Log(sum)
	sum.seldomLate(t)
	// A tenth, and some by chance where the rounds are few.
	if sum.faults > 3+int(rounds)/10 {
		t.Errorf("seed %d: in %d rounds of %d the engine was in the way, and nothing was compared", seed, sum.faults, rounds)
	}
}

// long is set for `make chaos`.
var long = os.Getenv("CHAOS_ROUNDS") != ""

func setting(t *testing.T, name string, otherwise uint64) uint64 {
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killer is one chain of commands on one collection, each of which is killed
// and run again.
type killer struct {
	*testing.T
	seed  uint64
	rng   *rand.Rand
	world *world
	proxy *proxy // of the world; nil: none
	state state
	round int

	steps  map[string]map[string]int // by command and phase, the most events that were seen
	took   map[string]time.Duration  // by command
	kills  map[string]int            // by command and step, those after which all was compared
	killed int                       // the sum of kills
	aims   map[string]int            // as kills, also those that did not come
	ended  int                       // commands that ended before they were killed
	faults int                       // of the engine
	late   int                       // builds that the engine finished after the next command
}

// try is a command that is killed, and what is run after it.
type try struct {
	name    string // for the figures
	args    []string
	prepare func()
	changes []string // the services whose containers are not right any more then
	again   []string
	want    state
}

const flags = "--timeout=30"

func newKiller(t *testing.T, seed, number uint64) *killer {
	k := &killer{T: t, seed: seed, rng: rand.New(rand.NewPCG(seed, number)),
		steps: map[string]map[string]int{}, took: map[string]time.Duration{}, kills: map[string]int{}, aims: map[string]int{}}
	k.fresh()
	return k
}

// run goes on until there were as many kills. Some commands end before theirs.
func (k *killer) run(rounds uint64) {
	tries := 2*int(rounds) + 10
	for range tries {
		if k.killed >= int(rounds) {
			return
		}
		try := k.choose()
		if !k.kill(try, k.instant(try.name)) {
			k.fresh()
		}
	}
	if k.killed < int(rounds) {
		k.Errorf("seed %d: %d kills of %d in %d tries", k.seed, k.killed, rounds, tries)
	}
}

// eachStep kills a command at each of its steps, or at those of a part of them.
// Which these are it learns from a run that nothing disturbs.
func (k *killer) eachStep(command string, part, of int) {
	for kill := (interruption{}); ; {
		if !k.kill(k.reach(command), kill) {
			k.fresh()
		}
		var left bool
		if kill, left = k.nextStep(command, part, of); !left {
			return
		}
	}
}

// reach returns a command by its name, when the group is as it begins.
func (k *killer) reach(name string) try {
	from := nothing
	for state, list := range k.tries() {
		if slices.ContainsFunc(list, func(t try) bool { return t.name == name }) {
			from = state
		}
	}
	if k.state == nothing && from == stopped {
		k.bring(running)
	}
	k.bring(from)
	list := k.tries()[from]
	found := list[slices.IndexFunc(list, func(t try) bool { return t.name == name })]
	found.again, found.want = found.args, after(found.args)
	return found
}

// bring brings the group to a state, undisturbed.
func (k *killer) bring(want state) {
	if k.state == want {
		return
	}
	args := startArgs
	switch want {
	case stopped:
		args = []string{"stop", flags}
	case nothing:
		args = []string{"stop", "--remove", flags}
	}
	o := k.world.run(args...)
	switch {
	case o.code == 0:
		k.state = want
	case strings.Contains(o.stderr, engineFault):
		k.faults++
		k.fresh() // which has nothing, as stop --remove was to leave
	default:
		k.Fatal(o)
	}
}

// nextStep is the next step at which a command was not killed yet.
func (k *killer) nextStep(command string, part, of int) (kill interruption, left bool) {
	for _, phase := range slices.Sorted(maps.Keys(k.steps[command])) {
		// By its name: each part has learned its own list.
		if sum := fnv.New32a(); of > 1 {
			_, _ = sum.Write([]byte(phase))
			if int(sum.Sum32()%uint32(of)) != part {
				continue
			}
		}
		if leftOut(command, phase) {
			continue
		}
		at := command + " at " + phase
		// One that does not come each time is not waited for for ever.
		if k.kills[at] > 0 || k.aims[at] == 3 {
			continue
		}
		n := 1
		if k.aims[at] == 0 {
			n += k.rng.IntN(k.steps[command][phase])
		}
		return interruption{at: step{phase: phase, n: n}}, true
	}
	return interruption{}, false
}

// fresh begins with a group that nothing is left over in.
func (k *killer) fresh() {
	if k.world, k.state = newWorld(k.T), nothing; k.proxy != nil {
		k.proxy = newProxy(k.T, k.world)
	}
}

// kill kills a command, which may end before, and runs the next. It returns
// false where the group is not as it should be then.
func (k *killer) kill(try try, kill interruption) bool {
	w := k.world
	k.round++
	if try.prepare != nil {
		try.prepare()
	}
	hooks := w.hooksOf(k.state, try.changes)
	first := w.interrupted(kill, try.args...)
	hooks.of(first)
	// At once, and while it is looked: what was cut off may still be under way.
	var unfinished []string
	var looked sync.WaitGroup
	looked.Go(func() { unfinished = w.buildNames() })
	k.learn(try.name, first)
	name, _, _ := strings.Cut(try.name, " then ")
	if !first.came && first.code == 0 {
		k.took[name] = first.took
	}
	second := w.run(try.again...)
	looked.Wait()
	hooks.of(second)
	// A second command cleans up, or finds nothing to do, which the first never
	// does: it is learned from only where nothing better is known.
	if k.took[name] == 0 && slices.Equal(try.args, try.again) {
		k.learn(try.name, second)
	}
	if strings.Contains(first.stderr+second.stderr, engineFault) {
		k.faults++
		if k.faults > 5+k.killed {
			k.Fatalf("seed %d: the engine is in the way each time: %s\nthen: %s", k.seed, first, second)
		}
		return false
	}
	k.count(try.name, kill, first)
	var wrong []string
	if first.hung {
		wrong = append(wrong, "the first command hung")
	} else if !first.came && first.code != 0 {
		wrong = append(wrong, fmt.Sprintf("the first command failed by itself with code %d", first.code))
	}
	if second.code != 0 {
		wrong = append(wrong, fmt.Sprintf("the second command failed with code %d", second.code))
	}
	if late := w.buildNames(); len(late) > 0 {
		if slices.ContainsFunc(late, func(name string) bool { return slices.Contains(unfinished, name) }) {
			wrong = append(wrong, fmt.Sprintf("the second command has left %q, which were there when it began", late))
		}
		k.late++
		second = w.run(try.again...)
		hooks.of(second)
	}
	wrong = append(wrong, hooks.wrong...)
	wrong = append(wrong, w.differences(try.want)...)
	if len(wrong) > 0 {
		k.Errorf("seed %d, round %d: %s (the group was %s) killed %s\ndiffers:\n- %s\n\nkilled: %s\n\nthen: %s",
			k.seed, k.round, try.name, k.state, kill, strings.Join(wrong, "\n- "), first, second)
		return false
	}
	k.state = try.want
	return true
}

var startArgs = []string{"start", flags, "--settle=0.1"}

// tries are the commands that do something, by the state that the group is in.
func (k *killer) tries() map[state][]try {
	w, start := k.world, startArgs
	change := func() { w.variant++ }
	all := slices.Collect(maps.Keys(services))
	build := append(slices.Clone(start), "--build")
	stop := []string{"stop", flags}
	remove := append(slices.Clone(stop), "--remove")
	reload := []string{"reload", "app", flags}
	return map[state][]try{
		nothing: {
			{name: "start", args: start},
			{name: "start (build)", args: start, prepare: k.removeImage},
		},
		stopped: {
			{name: "start (stopped)", args: start},
			{name: "start (stopped, changed)", args: start, prepare: change, changes: all},
			{name: "stop --remove (stopped)", args: remove},
		},
		running: {
			{name: "start (changed)", args: start, prepare: change, changes: all},
			{name: "start --build", args: build, prepare: w.rewrite, changes: []string{"app"}},
			{name: "reload", args: reload, prepare: w.rewrite},
			{name: "reload --dependants", args: append(slices.Clone(reload), "--dependants"), prepare: w.rewrite},
			{name: "reload --dependants --remove", args: append(slices.Clone(reload), "--dependants", "--remove"), prepare: w.rewrite},
			{name: "restart", args: []string{"restart", "app", flags}},
			{name: "stop", args: stop},
			{name: "stop --remove", args: remove},
			{name: "stop --remove --volumes", args: append(slices.Clone(remove), "--volumes")},
		},
	}
}

// choose draws one of them, and what is run after it.
func (k *killer) choose() try {
	list := k.tries()[k.state]
	chosen := list[k.rng.IntN(len(list))]
	chosen.again, chosen.want = chosen.args, after(chosen.args)
	// The user may change their mind.
	if k.rng.IntN(4) == 0 {
		chosen.again, chosen.want = startArgs, running
		if chosen.args[0] == "start" {
			chosen.again, chosen.want = []string{"stop", flags, "--remove"}, nothing
		}
		chosen.name += " then " + chosen.again[0]
	}
	return chosen
}

func after(args []string) state {
	switch {
	case args[0] != "stop":
		return running
	case slices.Contains(args, "--remove"):
		return nothing
	}
	return stopped
}

func (k *killer) removeImage() {
	err := k.world.api.Do(context.Background(), http.MethodDelete, "/images/"+k.world.group+"-app:dev", url.Values{}, nil, nil)
	if err != nil && !strings.Contains(err.Error(), "No such image") {
		k.Fatal(err)
	}
}

// instant draws when a command is killed: mostly at the step that was had the
// least so far, else at any time.
func (k *killer) instant(command string) interruption {
	command, _, _ = strings.Cut(command, " then ")
	var phases []string
	for phase := range k.steps[command] {
		phases = append(phases, phase)
	}
	if len(phases) == 0 || k.rng.IntN(3) == 0 {
		longest := k.took[command]
		if longest == 0 {
			longest = 1500 * time.Millisecond
		}
		return interruption{after: time.Duration(1 + k.rng.Int64N(int64(longest)))}
	}
	slices.Sort(phases) // a map has no order that a seed would repeat
	// Of those that were had as often any: else only the first of the alphabet.
	k.rng.Shuffle(len(phases), func(i, j int) { phases[i], phases[j] = phases[j], phases[i] })
	slices.SortStableFunc(phases, func(a, b string) int { return k.aims[command+" at "+a] - k.aims[command+" at "+b] })
	return interruption{at: step{phase: phases[0], n: 1 + k.rng.IntN(k.steps[command][phases[0]])}}
}

func (k *killer) count(command string, kill interruption, first outcome) {
	name, _, _ := strings.Cut(command, " then ")
	at := name + " at any time"
	if kill.at.phase != "" {
		at = name + " at " + kill.at.phase
		k.aims[at]++
	}
	if first.came {
		k.kills[at]++
		k.killed++
		return
	}
	k.ended++
}

// messages are phases that are no steps: they come where something is unusual,
// or at the very end.
var messages = []string{"", "output", "notice", "warning", "error"}

// learn remembers the steps of a command.
func (k *killer) learn(command string, o outcome) {
	command, _, _ = strings.Cut(command, " then ")
	if k.steps[command] == nil {
		k.steps[command] = map[string]int{}
	}
	for phase, n := range o.seen {
		if !slices.Contains(messages, phase) {
			k.steps[command][phase] = max(k.steps[command][phase], n)
		}
	}
}

// total adds up what the workers did.
func total(killers []*killer) *killer {
	sum := &killer{kills: map[string]int{}, aims: map[string]int{}}
	for _, k := range killers {
		if k == nil {
			continue
		}
		for at, n := range k.kills {
			sum.kills[at] += n
		}
		for at, n := range k.aims {
			sum.aims[at] += n
		}
		sum.killed += k.killed
		sum.ended += k.ended
		sum.faults += k.faults
		sum.late += k.late
	}
	return sum
}

// seldomLate fails where an engine is late more often than one is that finishes a
// build which nobody waits for just when the next command has looked: then no
// command looks.
func (k *killer) seldomLate(t *testing.T) {
	t.Helper()
	if k.late > 2+k.killed/20 {
		t.Errorf("after %d of %d kills the next command has left the image of a build", k.late, k.killed)
	}
}

func (k *killer) String() string {
	var text strings.Builder
	for _, step := range slices.Sorted(maps.Keys(k.kills)) {
		fmt.Fprintf(&text, "%4d %s\n", k.kills[step], step)
	}
	return fmt.Sprintf("%d kills; %d commands ended before theirs; %d faults of the engine; %d late builds\n%s", k.killed, k.ended, k.faults, k.late, text.String())
}
