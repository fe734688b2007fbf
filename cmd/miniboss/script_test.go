package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/network/networktest"
	"github.com/miniboss/miniboss/runtime"
)

// atOnce is what keeps a program that has the race detector from waiting for a
// second before it ends.
const atOnce = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", atOnce) // for the commands that tests run
	testscript.Main(enginetest.Wrap(m), map[string]func(){"miniboss": limited})
}

// commandLimit is far above what the longest command needs, which is the first
// build of the example.
const commandLimit = 8 * time.Minute

// limited is miniboss, which says where it stands and ends when it hangs: else
// the test would wait for it until Go ends them all.
func limited() {
	time.AfterFunc(commandLimit, func() {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:goruntime.Stack(stacks, true)]
		_, _ = fmt.Fprintf(os.Stderr, "miniboss %s did not end in %v:\n%s\n", strings.Join(os.Args[1:], " "), commandLimit, stacks)
		os.Exit(codeFailed)
	})
	main()
}

// TestScripts runs the command line where no engine is needed, and none
// answers.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DOCKER_HOST", "unix://"+filepath.Join(e.WorkDir, "no-engine.sock"))
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GORACE", atOnce)
			return nil
		},
	})
}

// TestEngineScripts runs the command line against a real engine. Each script
// has groups of its own, $GROUP and $GROUP2, whose containers, networks and
// volumes are removed at its end, an image $IMAGE with internal/testserver in
// it, and free ports of the host, $P1 to $P6.
func TestEngineScripts(t *testing.T) {
	t.Parallel()
	image := enginetest.Image(t)
	testscript.RunT(faultyEngineT{t}, testscript.Params{
		Dir:           "testdata/engine",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			inner := e.T().(testing.TB)
			e.Values[testKey{}] = inner
			e.Values[registryKey{}] = new(*enginetest.Registry)
			e.Values[relayKey{}] = new(*relay)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GORACE", atOnce)
			e.Setenv("IMAGE", image)
			e.Setenv("GROUP", enginetest.Group(inner))
			e.Setenv("GROUP2", enginetest.Group(inner))
			for i := range 6 {
				e.Setenv(fmt.Sprintf("P%d", i+1), fmt.Sprint(networktest.FreePort(inner)))
			}
			for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT"} {
				if value, set := os.LookupEnv(name); set {
					e.Setenv(name, value)
				}
			}
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ps":            ps,
			"networks":      networks,
			"volumes":       volumes,
			"images":        images,
			"id":            id,
			"same":          same,
			"get":           get,
			"listen":        listen,
			"waitfor":       waitFor,
			"waitfor-state": waitForState,
			"by-hand":       byHand,
			"registry":      registry,
			"relay":         relayEngine,
			"will-remove":   willRemove,
			"clean-up":      cleanUp,
			"labels":        labels,
			"key-id":        keyID,
			"no-guess":      noGuess,
			"tiny-disk":     tinyDisk,
			"fill-disk":     fillDisk,
		},
	})
}

func engineOf(ts *testscript.TestScript) *docker.Engine {
	engine, err := docker.Connect(context.Background(), docker.Settings{})
	ts.Check(err)
	return engine
}

func containersOf(ts *testscript.TestScript, group string) []runtime.Container {
	engine := engineOf(ts)
	defer func() { _ = engine.Close() }()
	containers, err := engine.Containers(context.Background(), runtime.Selector{Group: group})
	ts.Check(err)
	slices.SortFunc(containers, func(a, b runtime.Container) int { return strings.Compare(a.Name, b.Name) })
	return containers
}

// groupArg returns the group that a command is about: $GROUP, or the argument.
func groupArg(ts *testscript.TestScript, args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return ts.Getenv("GROUP")
}

// ps [GROUP] prints the group's containers, one a line: service, state, and the
// end of the name where it is not ready.
func ps(ts *testscript.TestScript, _ bool, args []string) {
	out := ts.Stdout() // an empty list replaces the last output too
	for _, c := range containersOf(ts, groupArg(ts, args)) {
		line := c.Labels.Service + " " + c.State
		if suffix := filepath.Ext(c.Name); suffix != "" {
			line += " " + suffix
		}
		_, _ = fmt.Fprintln(out, line)
	}
}

// networks [GROUP] prints the names of the networks that were made for it.
func networks(ts *testscript.TestScript, _ bool, args []string) {
	engine := engineOf(ts)
	defer func() { _ = engine.Close() }()
	list, err := engine.Networks(context.Background(), groupArg(ts, args))
	ts.Check(err)
	out := ts.Stdout()
	for _, n := range list {
		_, _ = fmt.Fprintln(out, n.Name)
	}
}

// volumes [GROUP] prints the names of the volumes that were made for it.
func volumes(ts *testscript.TestScript, _ bool, args []string) {
	engine := engineOf(ts)
	defer func() { _ = engine.Close() }()
	list, err := engine.Volumes(context.Background(), groupArg(ts, args))
	ts.Check(err)
	out := ts.Stdout()
	for _, v := range list {
		_, _ = fmt.Fprintln(out, v.Name)
	}
}

// images prints the tags of the images that the script built and that have the
// label miniboss.test=$GROUP; <none>:<none> is one without.
func images(ts *testscript.TestScript, _ bool, _ []string) {
	var list []struct{ RepoTags []string }
	filters, _ := json.Marshal(map[string][]string{"label": {enginetest.LabelTest + "=" + ts.Getenv("GROUP")}})
	ts.Check(enginetest.API(testOf(ts)).Do(context.Background(), http.MethodGet, "/images/json", url.Values{"filters": {string(filters)}}, nil, &list))
	var tags []string
	for _, image := range list {
		if len(image.RepoTags) == 0 {
			tags = append(tags, "<none>:<none>")
		}
		tags = append(tags, image.RepoTags...)
	}
	slices.Sort(tags)
	out := ts.Stdout()
	for _, tag := range tags {
		_, _ = fmt.Fprintln(out, tag)
	}
}

// id SERVICE VARIABLE sets a variable to the id of the service's container.
func id(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[1], idOf(ts, args[0]))
}

func idOf(ts *testscript.TestScript, service string) string {
	for _, c := range containersOf(ts, ts.Getenv("GROUP")) {
		if c.Labels.Service == service {
			return c.ID
		}
	}
	ts.Fatalf("service %s has no container", service)
	return ""
}

// same A B compares two texts.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if (args[0] == args[1]) == neg {
		ts.Fatalf("%q and %q", args[0], args[1])
	}
}

// get [-wait] URL prints what an HTTP server answers: at once, or with -wait, which
// is for what a command in the background starts, within 10 s.
func get(ts *testscript.TestScript, neg bool, args []string) {
	wait := args[0] == "-wait"
	if wait {
		args = args[1:]
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(args[0])
	for end := time.Now().Add(client.Timeout); err != nil && wait && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
		answer, err = client.Get(args[0])
	}
	if neg {
		if err == nil {
			ts.Fatalf("%s answers %s", args[0], answer.Status)
		}
		return
	}
	ts.Check(err)
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(ts.Stdout(), answer.Body)
	ts.Check(err)
}

// listen PORT accepts connections on a port of the host, to the script's end.
func listen(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", ":"+args[0])
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
}

// waitFor FILE REGEXP waits until a file that another process writes holds a
// text.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	deadline := time.Now().Add(60 * time.Second)
	for {
		content, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(content) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not come to hold %s:\n%s", args[0], args[1], content)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// waitForState SERVICE STATE waits until the service's container is in a state.
func waitForState(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(60 * time.Second)
	for {
		last := "none"
		for _, c := range containersOf(ts, ts.Getenv("GROUP")) {
			if c.Labels.Service == args[0] {
				last = c.State
			}
		}
		if last == args[1] {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not come to be %s: it is %s", args[0], args[1], last)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// byHand does to the engine what a user would do without miniboss: stop, kill,
// pause, unpause or rm SERVICE; network or rm-network NAME; second-network GROUP
// (another of the name of the group's own); connect SERVICE GROUP OTHER, a
// container to the newest network of another group; container NAME, one of
// Compose's; rmi IMAGE; finish-build IMAGE,
// what the engine does when it finishes a build that was cut off.
func byHand(ts *testscript.TestScript, _ bool, args []string) {
	api := enginetest.API(testOf(ts))
	action, what := args[0], args[1]
	var err error
	switch action {
	case "stop", "kill", "pause", "unpause":
		err = api.Do(context.Background(), http.MethodPost, "/containers/"+idOf(ts, what)+"/"+action, nil, nil, nil)
	case "rm":
		err = api.RemoveContainer(context.Background(), idOf(ts, what))
	case "network":
		var made struct{ ID string }
		err = api.Do(context.Background(), http.MethodPost, "/networks/create", nil, map[string]string{"Name": what}, &made)
		enginetest.RemoveNetwork(testOf(ts), made.ID) // the name may be another's too
	case "second-network":
		err = api.Do(context.Background(), http.MethodPost, "/networks/create", nil, map[string]any{
			"Name": "miniboss-" + what, "Labels": map[string]string{"miniboss.group": what}}, nil)
		if err != nil && strings.Contains(err.Error(), "already exists") {
			testOf(ts).Skip("this engine keeps the names of networks unique")
		}
	case "container":
		err = foreignContainer(ts, api, what)
	case "connect":
		err = connect(ts, what, args[2], args[3])
	case "rm-network":
		err = api.Do(context.Background(), http.MethodDelete, "/networks/"+what, nil, nil, nil)
	case "finish-build":
		err = finishBuild(ts, api, what)
	case "rmi":
		err = api.Do(context.Background(), http.MethodDelete, "/images/"+what, nil, nil, nil)
	default:
		ts.Fatalf("by-hand %s is not known", action)
	}
	ts.Check(err)
}

// foreignContainer makes a container as Compose would, until the script's end.
func foreignContainer(ts *testscript.TestScript, api *enginetest.Client, name string) error {
	var made struct{ ID string }
	err := api.Do(context.Background(), http.MethodPost, "/containers/create", url.Values{"name": {name}}, map[string]any{
		"Image": ts.Getenv("IMAGE"), "Labels": map[string]string{"com.docker.compose.project": "blog", "com.docker.compose.service": "db"}}, &made)
	testOf(ts).Cleanup(func() { _ = api.RemoveContainer(context.Background(), made.ID) })
	return err
}

// finishBuild gives an image the name that the journal has of a build.
func finishBuild(ts *testscript.TestScript, api *enginetest.Client, image string) error {
	journals, err := filepath.Glob(filepath.Join(ts.Getenv("HOME"), ".cache", "miniboss", "locks", "*.journal"))
	ts.Check(err)
	for _, journal := range journals {
		text, err := os.ReadFile(journal)
		ts.Check(err)
		if found := regexp.MustCompile(`(?m)^build (\S+):(\S+)$`).FindSubmatch(text); found != nil {
			query := url.Values{"repo": {string(found[1])}, "tag": {string(found[2])}}
			enginetest.RemoveImage(testOf(ts), string(found[1])+":"+string(found[2]))
			return api.Do(context.Background(), http.MethodPost, "/images/"+image+"/tag", query, nil, nil)
		}
	}
	return fmt.Errorf("no journal in %q knows of a build", journals)
}

func connect(ts *testscript.TestScript, service, group, other string) error {
	engine := engineOf(ts)
	defer func() { _ = engine.Close() }()
	list, err := engine.Networks(context.Background(), other)
	if err != nil {
		return err
	}
	for _, c := range containersOf(ts, group) {
		if c.Labels.Service == service {
			body := map[string]string{"Container": c.ID}
			return enginetest.API(testOf(ts)).Do(context.Background(), http.MethodPost, "/networks/"+list[len(list)-1].ID+"/connect", nil, body, nil)
		}
	}
	return fmt.Errorf("service %s has no container", service)
}

// registry REPOSITORY starts a registry on loopback that holds the test image,
// and sets $REGISTRY_IMAGE. Said again, it puts a newer image there. registry
// stalls makes it hold its layers back, and registry goes-on send them.
func registry(ts *testscript.TestScript, _ bool, args []string) {
	r := ts.Value(registryKey{}).(**enginetest.Registry)
	if *r == nil {
		*r = enginetest.NewRegistry(testOf(ts), "", "")
	}
	switch args[0] {
	case "stalls":
		(*r).Stall()
	case "goes-on":
		(*r).GoOn()
	default:
		ts.Setenv("REGISTRY", (*r).Host)
		ts.Setenv("REGISTRY_IMAGE", (*r).Add(testOf(ts), args[0]))
	}
}

// willRemove IMAGE… removes images that the script makes, at its end.
func willRemove(ts *testscript.TestScript, _ bool, args []string) {
	for _, image := range args {
		enginetest.RemoveImage(testOf(ts), image)
	}
}

// cleanUp GROUP… removes what has the label of another group, at the script's
// end.
func cleanUp(ts *testscript.TestScript, _ bool, args []string) {
	for _, group := range args {
		enginetest.CleanUp(testOf(ts), group)
	}
}

// testKey is where a script's test is kept, and registryKey its registry.
type (
	testKey     struct{}
	registryKey struct{}
)

func testOf(ts *testscript.TestScript) testing.TB { return ts.Value(testKey{}).(testing.TB) }
