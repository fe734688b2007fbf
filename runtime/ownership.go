package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// A group belongs to one file. Everything that is made for it is labelled with
// that file, so a second file of the same group (another checkout, another
// directory of one name) is told instead of being given the first one's
// containers and data. If the first file is gone (the directory was moved or
// renamed), its things are taken over.

// thing is something on the engine that belongs to a group.
type thing struct {
	kind   string // container, volume or network
	name   string
	key    string // what no other thing of the group has
	labels Labels
}

func containerThing(c Container) thing {
	return thing{"container", cmp.Or(c.Actual, c.Name), "container " + c.ID, c.Labels}
}

func containerThings(containers []Container) []thing {
	things := make([]thing, len(containers))
	for i, c := range containers {
		things[i] = containerThing(c)
	}
	return things
}

// survey is what the engine has of a group.
type survey struct {
	containers []Container // one-off ones too
	things     []thing     // all, by kind and name
}

// survey asks the engine for all that a group has.
func (r *Runner) survey(ctx context.Context) (survey, error) {
	var (
		s          survey
		volumes    []NamedVolume
		networks   []Network
		errs       [3]error
		everything sync.WaitGroup
	)
	everything.Go(func() { s.containers, errs[0] = r.groupContainers(ctx) })
	everything.Go(func() { volumes, errs[1] = r.Engine.Volumes(ctx, r.Group) })
	everything.Go(func() { networks, errs[2] = r.Engine.Networks(ctx, r.Group) })
	everything.Wait()
	for _, err := range errs {
		if err != nil {
			return survey{}, err
		}
	}
	s.things = containerThings(s.containers)
	for _, v := range volumes {
		s.things = append(s.things, thing{"volume", v.Name, "volume " + v.Name, v.Labels})
	}
	for _, n := range networks {
		s.things = append(s.things, thing{"network", n.Name, "network " + n.ID, n.Labels})
	}
	slices.SortStableFunc(s.things, func(a, b thing) int {
		return strings.Compare(a.kind+" "+a.name, b.kind+" "+b.name)
	})
	return s, nil
}

// groupLabels are those on the group's networks and volumes.
func (r *Runner) groupLabels() Labels {
	return Labels{Group: r.Group, File: r.File, Machine: r.Machine}
}

// claim lists the group's containers, one-off ones too, for a command that is
// going to change the group. If anything of it is another file's, the error is a
// *GroupTakenError, and the command does nothing. What is of a file that is gone
// is taken over.
func (r *Runner) claim(ctx context.Context) ([]Container, error) {
	s, err := r.survey(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.taken(s.things); err != nil {
		return nil, err
	}
	r.takeOver(s.things)
	return s.containers, nil
}

// volumeNames returns the names of the group's volumes.
func (r *Runner) volumeNames(ctx context.Context) ([]string, error) {
	volumes, err := r.Engine.Volumes(ctx, r.Group)
	names := make([]string, len(volumes))
	for i, v := range volumes {
		names[i] = v.Name
	}
	return names, err
}

// taken returns a *GroupTakenError if some things are another file's.
func (r *Runner) taken(things []thing) error {
	theirs := r.byOwner(things, another)
	if len(theirs) == 0 {
		return nil
	}
	owner := slices.MinFunc(slices.Collect(maps.Keys(theirs)), compareOwners)
	return &GroupTakenError{Group: r.Group, File: owner.file, Machine: owner.machine, things: theirs[owner],
		here: owner.machine == r.Machine, Suggested: otherGroup(r.Group, r.File, owner.file)}
}

// takeOver says what is taken over from files that are gone, and remembers it:
// labels do not change, and a file may come to be where the old one was.
func (r *Runner) takeOver(things []thing) {
	taken := map[string]bool{}
	for owner, theirs := range eachOwner(r.byOwner(things, gone)) {
		r.tellOnce(fmt.Sprintf("group %s: taking over %s from %s, which no longer exists", r.Group, listThings(theirs), owner.file))
		for _, t := range theirs {
			taken[t.key] = true
		}
	}
	if !r.ReadOnly {
		r.Adopted.keep(r.File, things, taken)
	}
}

// OwnContainers lists the containers of the group that are this file's, but for
// one-off ones. The user is told of another file's.
func (r *Runner) OwnContainers(ctx context.Context) ([]Container, error) { return r.mine(ctx, false) }

// tellOnce tells something once in a command.
func (r *Runner) tellOnce(text string) {
	r.fileLock.Lock()
	told := r.told[text]
	if r.told == nil {
		r.told = map[string]bool{}
	}
	r.told[text] = true
	r.fileLock.Unlock()
	if !told {
		r.phase("", PhaseNotice, text)
	}
}

// mine lists the group's containers, one-off ones too where they are wanted, for
// a command that only looks: those of another file are left out, and the user is
// told of them.
func (r *Runner) mine(ctx context.Context, oneOffs bool) ([]Container, error) {
	containers, err := r.groupContainers(ctx)
	if err != nil {
		return nil, err
	}
	for owner, theirs := range eachOwner(r.byOwner(containerThings(containers), another)) {
		r.tellOnce(fmt.Sprintf("group %s: ignoring %s, which belongs to another file: %s", r.Group, listThings(theirs), owner))
	}
	return slices.DeleteFunc(containers, func(c Container) bool { return !r.Owns(c) || c.Labels.OneOff && !oneOffs }), nil
}

// Owns reports whether a container is this file's, or of a file that is gone.
func (r *Runner) Owns(c Container) bool {
	_, whose := r.owner(containerThing(c))
	return whose != another
}

// whose says how a file is related to this one.
type whose int

const (
	ours    whose = iota // this file, however its path is written
	gone                 // a file that was on this machine
	another              // a file that is there, or that another machine may have
)

// owner is a file, and the machine that it is on.
type owner struct{ file, machine string }

func (o owner) String() string {
	if o.machine == "" {
		return o.file
	}
	return fmt.Sprintf("%s on machine %s", o.file, o.machine)
}

func compareOwners(a, b owner) int { return strings.Compare(a.String(), b.String()) }

func eachOwner(m map[owner][]thing) func(func(owner, []thing) bool) {
	return func(yield func(owner, []thing) bool) {
		for _, o := range slices.SortedFunc(maps.Keys(m), compareOwners) {
			if !yield(o, m[o]) {
				return
			}
		}
	}
}

func (r *Runner) byOwner(things []thing, which whose) map[owner][]thing {
	found := map[owner][]thing{}
	for _, t := range things {
		if o, whose := r.owner(t); whose == which {
			found[o] = append(found[o], t)
		}
	}
	return found
}

// owner returns whose a thing is.
func (r *Runner) owner(t thing) (owner, whose) {
	o := owner{t.labels.File, t.labels.Machine}
	if file := r.Adopted.owner(t.key); file != "" {
		o = owner{file, r.Machine}
	}
	switch {
	case o.file == "" || o.file == r.File:
		return o, ours
	case o.machine != r.Machine:
		return o, another // nobody here can tell whether it is there
	}
	r.fileLock.Lock()
	defer r.fileLock.Unlock()
	if known, ok := r.files[o.file]; ok {
		return o, known
	}
	if r.files == nil {
		r.files = map[string]whose{}
	}
	is := another
	switch info, err := os.Stat(o.file); {
	case err == nil && SameFile(o.file, r.File):
		is = ours
	case err == nil && info.IsDir(), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		is = gone
	}
	r.files[o.file] = is
	return o, is
}

// SameFile reports whether two paths lead to one file: through links, or
// because the file system takes their letters for the same. Two hard links in
// different directories are two files: such directories are copies.
func SameFile(a, b string) bool {
	if a == b {
		return true
	}
	a, errA := filepath.EvalSymlinks(a)
	b, errB := filepath.EvalSymlinks(b)
	if errA != nil || errB != nil {
		return false
	}
	return a == b || sameInfo(a, b) && sameInfo(filepath.Dir(a), filepath.Dir(b))
}

func sameInfo(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
