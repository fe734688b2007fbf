package chaos

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// state is what the group comes to when a command is done.
type state string

const (
	nothing state = "nothing" // and the image
	stopped state = "stopped"
	running state = "running"
)

type container struct {
	ID     string
	Names  []string
	State  string
	Labels map[string]string
}

// list asks the engine for a list of things with a label.
func (w *world) list(path, label string, into any) {
	w.Helper()
	filters, err := json.Marshal(map[string][]string{"label": {label}})
	w.must(err)
	query := url.Values{"filters": {string(filters)}}
	if path == "/containers/json" {
		query.Set("all", "1")
	}
	w.must(w.api.Do(w.Context(), http.MethodGet, path, query, nil, into))
}

func (w *world) containers() []container {
	w.Helper()
	var found []container
	w.list("/containers/json", "miniboss.group="+w.group, &found)
	return found
}

// differences compares everything there is with the end of a run that was
// never disturbed, and returns a line for each difference.
func (w *world) differences(want state) []string {
	w.Helper()
	var d differences
	containers := w.containers()
	w.compareContainers(&d, want, containers)
	w.compareEngine(&d, want)
	w.compareFiles(&d, want)
	if want == running {
		w.compareHooks(&d, containers)
		plan := w.run("start", "--dry-run")
		if keeps := strings.Count(plan.stdout, "  keep: "); plan.code != 0 || keeps != len(services) {
			d.add("a dry run does not keep all:\n%s", plan)
		}
	}
	return d
}

type differences []string

func (d *differences) add(format string, args ...any) { *d = append(*d, fmt.Sprintf(format, args...)) }

func (w *world) compareContainers(d *differences, want state, containers []container) {
	byService := map[string][]container{}
	for _, c := range containers {
		service := c.Labels["miniboss.service"]
		byService[service] = append(byService[service], c)
	}
	for service := range byService {
		if _, known := services[service]; !known || want == nothing {
			d.add("service %q has containers: %v", service, byService[service])
		}
	}
	if want == nothing {
		return
	}
	for service, runs := range services {
		list := byService[service]
		if len(list) != 1 {
			d.add("service %q has %d containers: %v", service, len(list), list)
			continue
		}
		state := "exited"
		if runs && want == running {
			state = "running"
		}
		if list[0].State != state {
			d.add("service %q is %s, not %s", service, list[0].State, state)
		}
		if strings.Contains(list[0].Names[0], ".") {
			d.add("the container of service %q is named %s", service, list[0].Names[0])
		}
		w.compareDefinition(d, list[0], byService["db"])
	}
}

// compareDefinition asks the engine what a container was made of: miniboss itself
// may be wrong about what is still right.
func (w *world) compareDefinition(d *differences, c container, db []container) {
	service, tag := c.Labels["miniboss.service"], w.image
	env := []string{fmt.Sprintf("VARIANT=%d", w.variant)}
	switch service {
	case "app":
		tag = w.group + "-app:dev"
	case "web":
		for _, c := range db {
			env = append(env, "DB="+c.ID)
		}
	}
	var made struct {
		Image  string
		Config struct{ Env []string }
	}
	var named struct{ ID string }
	w.must(w.api.Do(w.Context(), http.MethodGet, "/containers/"+c.ID+"/json", nil, nil, &made))
	if err := w.api.Do(w.Context(), http.MethodGet, "/images/"+tag+"/json", nil, nil, &named); err != nil {
		d.add("the image of service %q: %v", service, err)
	} else if made.Image != named.ID {
		d.add("the container of service %q was made of image %s, and %s is %s", service, made.Image, tag, named.ID)
	}
	for _, value := range env {
		if !slices.Contains(made.Config.Env, value) {
			d.add("the container of service %q has %q, without %s", service, made.Config.Env, value)
		}
	}
}

// compareEngine compares what the group has beside containers.
func (w *world) compareEngine(d *differences, want state) {
	networks := w.networks()
	if expected := min(1, len(want.containers())); len(networks) != expected {
		d.add("there are %d networks: %v", len(networks), networks)
	}
	var volumes struct{ Volumes []struct{ Name string } }
	w.list("/volumes", "miniboss.group="+w.group, &volumes)
	if len(volumes.Volumes) > 1 || want == running && len(volumes.Volumes) != 1 {
		d.add("there are volumes: %v", volumes.Volumes)
	}
	images := w.images()
	for _, image := range images {
		if tags := strings.Join(image.RepoTags, " "); tags != w.group+"-app:dev" {
			d.add("there is an image %s %q", image.ID, tags)
		}
	}
	if len(images) != 1 && want != nothing {
		d.add("there are %d images of the group", len(images))
	}
}

// networks returns the ids of the group's.
func (w *world) networks() (ids []string) {
	w.Helper()
	var found []struct{ ID string }
	w.list("/networks", "miniboss.group="+w.group, &found)
	for _, n := range found {
		ids = append(ids, n.ID)
	}
	return ids
}

type image struct {
	ID       string
	RepoTags []string
}

func (w *world) images() (found []image) {
	w.Helper()
	w.list("/images/json", "miniboss.test="+w.group, &found)
	return found
}

// buildNames returns the names of images whose builds were cut off, and which
// the engine has finished all the same.
func (w *world) buildNames() (names []string) {
	w.Helper()
	for _, i := range w.images() {
		for _, tag := range i.RepoTags {
			if strings.HasPrefix(tag, "miniboss-build:") {
				names = append(names, tag)
			}
		}
	}
	return names
}

func (s state) containers() map[string]bool {
	if s == nothing {
		return nil
	}
	return services
}

func (w *world) compareFiles(d *differences, want state) {
	files := []string{"app", "miniboss.js"}
	if want != nothing {
		files = append([]string{".miniboss-context"}, files...)
	}
	if have := w.names(w.dir); !slices.Equal(have, files) {
		d.add("the directory has %q, not %q", have, files)
	}
	w.compareTemporary(d)
}

// compareTemporary finds files that no command but the one that was killed needed.
func (w *world) compareTemporary(d *differences) {
	if have := w.names(w.temp); len(have) > 0 {
		d.add("the directory of temporary files has %q", have)
	}
	w.compareHome(d)
}

// kept are the files that miniboss keeps below the user's home, each with the
// last part of its directory: the rest is the system's.
var kept = []string{"locks/*.lock", "locks/*.journal", "locks/*.paces", "builds/*.build", "builds/*.images", "miniboss/definition.key", "bundles/" + strings.Repeat("[0-9a-f]", 64)}

func (w *world) compareHome(d *differences) {
	var files []string
	w.must(fs.WalkDir(os.DirFS(w.home), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			dir := path.Base(path.Dir(name))
			files = append(files, path.Join(dir, entry.Name()))
			if dir == "bundles" {
				w.compareBundle(d, name)
			}
		}
		return err
	}))
	allowed := kept
	if !slices.Contains(files, "miniboss/definition.key") {
		// Who makes the key later has the same temporary file.
		allowed = append(slices.Clone(kept), "miniboss/definition.key.tmp")
	}
	for _, file := range files {
		matches := func(pattern string) bool { match, _ := path.Match(pattern, file); return match }
		if !slices.ContainsFunc(allowed, matches) {
			d.add("the home directory has %s", file)
		}
	}
}

// compareBundle tells whether a kill has cut a bundle off: the next command writes
// such a one anew.
func (w *world) compareBundle(d *differences, name string) {
	data, err := os.ReadFile(filepath.Join(w.home, filepath.FromSlash(name)))
	w.must(err)
	checksum := data[:min(len(data), sha256.Size)]
	if sum := sha256.Sum256(data[len(checksum):]); !bytes.Equal(sum[:], checksum) {
		d.add("the bundle %s is not whole: it has %d bytes", name, len(data))
	}
}

func (w *world) names(dir string) []string {
	w.Helper()
	entries, err := os.ReadDir(dir)
	w.must(err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// compareHooks checks that each container has had its hooks, and that the
// context has what they set.
func (w *world) compareHooks(d *differences, containers []container) {
	var saved struct{ Groups map[string]map[string]any }
	data, err := os.ReadFile(filepath.Join(w.dir, ".miniboss-context"))
	if err == nil {
		err = json.Unmarshal(data, &saved)
	}
	if err != nil {
		d.add("the context: %v", err)
	}
	values := saved.Groups[w.group]
	hooks := w.hookLines()
	for _, c := range containers {
		service := c.Labels["miniboss.service"]
		switch times := hooks["postStart "+service+" "+c.ID]; {
		case times == 0:
			d.add("the container of service %q had no postStart", service)
		case times > 2:
			// Once by the command that was killed, once by the next.
			d.add("the container of service %q had %d times postStart", service, times)
		}
		if values[service] != c.ID {
			d.add("the context has %v for service %q, whose container is %s", values[service], service, c.ID)
		}
		if values["pre-"+service] == nil {
			d.add("the context has nothing of the preStart of service %q", service)
		}
	}
	for service := range services {
		made := 0
		for line := range maps.Keys(hooks) {
			if strings.HasPrefix(line, "postStart "+service+" ") {
				made++
			}
		}
		if before := hooks["preStart "+service]; before < made {
			d.add("service %q had %d containers and %d times preStart", service, made, before)
		}
	}
}

// hookLines counts the lines that hooks wrote, without who ran them.
func (w *world) hookLines() map[string]int {
	w.Helper()
	data, err := os.ReadFile(w.hooks)
	if err != nil && !os.IsNotExist(err) {
		w.Fatal(err)
	}
	lines := map[string]int{}
	for line := range strings.Lines(string(data)) {
		_, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		lines[what]++
	}
	return lines
}
