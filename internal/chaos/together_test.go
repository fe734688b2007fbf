package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestSeveralAtOnce runs commands on one group at the same time, from one
// directory and by two paths to it. They work one after the other, and those that wait
// say so.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	start := []string{"start", flags, "--settle=0.1"}
	for name, c := range map[string]struct {
		commands [][]string
		paths    int
	}{
		"two starts":        {[][]string{start, start}, 1},
		"five":              {[][]string{start, {"reload", "app", flags}, {"stop", flags}, start, {"reload", "app", flags, "--dependants"}}, 1},
		"a removal between": {[][]string{start, {"stop", "--remove", flags}, start}, 1},
		"four by two paths": {[][]string{start, {"stop", flags}, start, {"reload", "app", flags}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			worlds := []*world{w}
			if c.paths == 2 {
				worlds = append(worlds, w.byAnotherPath())
			}
			// Nobody says which command comes first, and a reload with dependants
			// needs what the hooks of a start have set.
			if slices.ContainsFunc(c.commands, func(args []string) bool { return args[0] == "reload" }) {
				if o := w.run(start...); o.code != 0 {
					t.Fatal(o)
				}
			}
			outcomes := make([]outcome, len(c.commands))
			var all sync.WaitGroup
			for i, args := range c.commands {
				all.Go(func() {
					from := worlds[i%len(worlds)].as(i)
					outcomes[i] = from.run(args...)
				})
			}
			all.Wait()
			waited := 0
			for _, o := range outcomes {
				if o.code != 0 && !strings.Contains(o.stderr, engineFault) {
					t.Errorf("one of several failed: %s", o)
				}
				if strings.Contains(o.stderr, "another miniboss command is working on group "+w.group+", waiting for it to finish") {
					waited++
				}
			}
			// The first does not wait; a late one may find that all are done.
			if waited == 0 || waited >= len(outcomes) {
				t.Errorf("%d of %d commands say that they waited", waited, len(outcomes))
			}
			oneAfterTheOther(t, w)
			// Whatever came last: a start ends as alone.
			if o := w.run(start...); o.code != 0 {
				t.Errorf("the last start: %s", o)
			}
			report(t, w, running)
			if o := w.run("stop", "--remove", flags); o.code != 0 && !strings.Contains(o.stderr, engineFault) {
				t.Errorf("the last stop: %s", o)
			} else if o.code == 0 {
				report(t, w, nothing)
			}
		})
	}
}

// TestStartsFromNothingInTwoDirectories starts a group that was never started from
// two directories at once, whose files are not the same ones. The group belongs to
// the file that comes first, and the other start says so and does nothing.
func TestStartsFromNothingInTwoDirectories(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.file(`
		import { Service, groupName } from "miniboss";
		import fs from "node:fs";
		const { GROUP, IMAGE, HOOKS, WHO } = process.env;
		groupName(GROUP);
		class Base extends Service {
			image = IMAGE;
			ping() { return true; }
			preStart() { fs.appendFileSync(HOOKS, WHO + " preStart " + this.name + "\n"); }
			postStart() { fs.appendFileSync(HOOKS, WHO + " postStart " + this.name + "\n"); }
		}
		export class One extends Base { name = "one"; }
		export class Two extends Base { name = "two"; dependencies = [One]; }
		export class Three extends Base { name = "three"; }
	`)
	other := w.inAnotherDirectory()
	var outcomes [2]outcome
	var both sync.WaitGroup
	for i, from := range []*world{w.as(0), other.as(1)} {
		both.Go(func() { outcomes[i] = from.run("start", flags) })
	}
	both.Wait()
	first, second := outcomes[0], outcomes[1]
	owner := w
	if first.code != 0 {
		first, second, owner = second, first, other
	}
	if first.code != 0 {
		t.Error(first)
	}
	told := fmt.Sprintf("belongs to another file, %s, which created ", filepath.Join(owner.dir, "miniboss.js"))
	if second.code != 1 || !strings.Contains(second.stderr, told) {
		t.Errorf("it does not say %s: %s", told, second)
	}
	oneAfterTheOther(t, w)
	var have []string
	for _, c := range w.containers() {
		have = append(have, c.Labels["miniboss.service"]+" "+c.State)
	}
	slices.Sort(have)
	if want := []string{"one running", "three running", "two running"}; !slices.Equal(have, want) {
		t.Errorf("there are %q, not %q", have, want)
	}
	if networks := w.networks(); len(networks) != 1 {
		t.Errorf("there are %d networks: %v", len(networks), networks)
	}
	hooks := w.hookLines()
	for _, service := range []string{"one", "two", "three"} {
		if before, after := hooks["preStart "+service], hooks["postStart "+service]; before != 1 || after != 1 {
			t.Errorf("service %q had %d times preStart and %d times postStart", service, before, after)
		}
	}
}

// inAnotherDirectory returns the world with a copy of its files.
func (w *world) inAnotherDirectory() *world {
	w.Helper()
	other := *w
	other.dir = filepath.Join(filepath.Dir(w.dir), "other")
	w.must(os.CopyFS(other.dir, os.DirFS(w.dir)))
	return &other
}

// byAnotherPath returns the world with another path to its directory.
func (w *world) byAnotherPath() *world {
	w.Helper()
	other := *w
	other.dir = filepath.Join(filepath.Dir(w.dir), "link")
	w.must(os.Symlink(w.dir, other.dir))
	return &other
}

// as returns the world for one of several processes: its number is in what the
// hooks write.
func (w *world) as(number int) *world {
	copied := *w
	copied.number = number + 1
	return &copied
}

// oneAfterTheOther checks that the hooks of two commands never mixed.
func oneAfterTheOther(t *testing.T, w *world) {
	t.Helper()
	data, err := os.ReadFile(w.hooks)
	w.must(err)
	var order []string
	done := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		who, _, _ := strings.Cut(line, " ")
		if len(order) > 0 && order[len(order)-1] == who {
			continue
		}
		if order = append(order, who); done[who] {
			t.Errorf("the hooks of the commands mixed: %q\n%s", order, data)
			return
		}
		done[who] = true
	}
}

func report(t *testing.T, w *world, want state) {
	t.Helper()
	if wrong := w.differences(want); len(wrong) > 0 {
		t.Errorf("differs:\n- %s", strings.Join(wrong, "\n- "))
	}
}
