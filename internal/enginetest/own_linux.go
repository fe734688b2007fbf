package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// OwnEngine is a Docker engine of a test's own, which it may stop and kill. It
// has a network namespace of its own: a dockerd takes the bridge docker0 and the
// firewall for its own, and would take them from the machine's engine.
type OwnEngine struct {
	t       testing.TB
	dir     string
	api     *Client
	command *exec.Cmd
	ended   chan struct{} // closed when command has ended
	holder  *exec.Cmd     // holds the namespace
}

// Limits of what an engine of a test's own may take.
const (
	ownStart = 60 * time.Second
	ownStop  = 60 * time.Second
)

// StartOwn starts an engine that has the test server's image, until the test is
// done. It wants root, Linux and dockerd.
func StartOwn(t testing.TB) *OwnEngine {
	t.Helper()
	needed(t)
	for _, program := range []string{"dockerd", "nsenter", "ip"} {
		if _, err := exec.LookPath(program); err != nil || os.Getuid() != 0 {
			t.Skipf("it wants root and %s, to start an engine of its own", program)
		}
	}
	dir, err := os.MkdirTemp("", "engine") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	e := &OwnEngine{t: t, dir: dir}
	e.api = clientFor("unix", e.socket())
	e.hold()
	t.Cleanup(e.end)
	e.Start()
	e.load()
	return e
}

func (e *OwnEngine) socket() string { return filepath.Join(e.dir, "docker.sock") }

// Host is its address, as in DOCKER_HOST.
func (e *OwnEngine) Host() string { return "unix://" + e.socket() }

// API returns a client for it.
func (e *OwnEngine) API() *Client { return e.api }

// Inside is what a command begins with that runs where the engine publishes its
// containers' ports.
func (e *OwnEngine) Inside() []string {
	return []string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", e.holder.Process.Pid), "--"}
}

// hold makes the network namespace.
func (e *OwnEngine) hold() {
	e.t.Helper()
	e.holder = exec.Command("sleep", "infinity")
	e.holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Setpgid: true}
	if err := e.holder.Start(); err != nil {
		e.t.Skipf("it wants a network namespace, to start an engine of its own: %v", err)
	}
	// Without that of its own, dockerd would take what is the machine's.
	machine, err := os.Readlink("/proc/self/ns/net")
	own, ownErr := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", e.holder.Process.Pid))
	if err != nil || ownErr != nil || machine == own {
		e.release()
		e.t.Fatalf("the namespace %q of the test's engine is not its own: %v, %v", own, err, ownErr)
	}
	if output, err := e.inside("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		e.release()
		e.t.Fatalf("%v: %s", err, output)
	}
}

func (e *OwnEngine) release() {
	_ = e.holder.Process.Kill()
	_ = e.holder.Wait() // killed
}

func (e *OwnEngine) inside(command ...string) *exec.Cmd {
	all := append(e.Inside(), command...)
	return exec.Command(all[0], all[1:]...)
}

// Start starts it, and waits until it answers.
func (e *OwnEngine) Start() {
	e.t.Helper()
	in := func(file string) string { return filepath.Join(e.dir, file) }
	if err := errors.Join(os.WriteFile(in("daemon.json"), []byte("{}"), 0o600), os.RemoveAll(in("pid"))); err != nil {
		e.t.Fatal(err)
	}
	log, err := os.OpenFile(in("log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	e.command = e.inside("dockerd", "--config-file", in("daemon.json"), "--host", e.Host(), "--pidfile", in("pid"),
		"--data-root", in("data"), "--exec-root", in("exec"), "--log-level", "warn", "--iptables=false", "--ip-masq=false")
	e.command.Stdout, e.command.Stderr = log, log
	e.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is not for it
	if err := e.command.Start(); err != nil {
		e.t.Fatal(err)
	}
	ended := make(chan struct{})
	e.ended = ended
	go func(command *exec.Cmd) {
		defer close(ended)
		_ = command.Wait() // how it ended is in its log
	}(e.command)
	for deadline := time.Now().Add(ownStart); ; {
		if e.api.Do(context.Background(), http.MethodGet, "/info", nil, nil, nil) == nil {
			return
		}
		select {
		case <-ended:
		case <-time.After(20 * time.Millisecond):
			if time.Now().Before(deadline) {
				continue
			}
		}
		text, _ := os.ReadFile(in("log"))
		e.t.Fatalf("dockerd does not come up:\n%s", text)
	}
}

// Stop ends it in order: it stops its containers first.
func (e *OwnEngine) Stop() { e.signal(syscall.SIGTERM) }

// Kill ends it at once. Its containers go on until it is started again, which
// kills them.
func (e *OwnEngine) Kill() {
	e.t.Helper()
	e.signal(syscall.SIGKILL)
	// Its containerd may live a moment longer, and the next would take it for its
	// own.
	file := filepath.Join(e.dir, "exec", "containerd", "containerd.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		e.t.Fatal(err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for deadline := time.Now().Add(ownStop); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err != nil {
			break // it has ended
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("containerd did not end within %s", ownStop)
		}
	}
	_ = os.Remove(file)
}

// killProxies ends the proxies of ports that the engine was just starting when it
// ended: they do not end with it, and keep their ports, which nobody but the
// engine can help.
func (e *OwnEngine) killProxies() {
	e.t.Helper()
	own, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", e.holder.Process.Pid))
	if err != nil {
		e.t.Fatal(err)
	}
	for found := true; found; time.Sleep(5 * time.Millisecond) {
		found = false
		all, _ := filepath.Glob("/proc/[0-9]*")
		for _, process := range all {
			// One that has just begun still has the name of the engine.
			program, _ := os.Readlink(process + "/exe")
			namespace, _ := os.Readlink(process + "/ns/net")
			if name := filepath.Base(program); namespace != own || name != "docker-proxy" && name != "dockerd" {
				continue
			}
			if pid, err := strconv.Atoi(filepath.Base(process)); err == nil {
				found = true
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
			}
		}
	}
}

// killShims ends what an engine leaves that ends while it starts a container: the
// container, and what stands between the two.
func (e *OwnEngine) killShims() {
	all, _ := filepath.Glob("/proc/[0-9]*")
	shims := map[string]bool{}
	for _, process := range all {
		arguments, _ := os.ReadFile(process + "/cmdline")
		if bytes.Contains(arguments, []byte("containerd-shim")) && bytes.Contains(arguments, []byte("\x00"+e.dir+"/")) {
			shims[filepath.Base(process)] = true
		}
	}
	for _, process := range all {
		pid, err := strconv.Atoi(filepath.Base(process))
		if err == nil && (shims[filepath.Base(process)] || shims[parentOf(process)]) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
	}
}

// parentOf returns the id of a process's parent, or "".
func parentOf(process string) string {
	stat, _ := os.ReadFile(process + "/stat")
	// The name before may hold anything: 4711 (a name) S 4242 …
	_, after, _ := strings.Cut(string(stat), ") ")
	if fields := strings.Fields(after); len(fields) > 1 {
		return fields[1]
	}
	return ""
}

func (e *OwnEngine) signal(signal syscall.Signal) {
	e.t.Helper()
	_ = e.command.Process.Signal(signal) // it may have ended
	select {
	case <-e.ended:
	case <-time.After(ownStop):
		_ = e.command.Process.Kill()
		<-e.ended
		e.t.Errorf("dockerd did not end within %s", ownStop)
	}
	e.killProxies()
	e.api.http.CloseIdleConnections()
}

// load gives it the image.
func (e *OwnEngine) load() {
	e.t.Helper()
	tag, err := name.NewTag(Image(e.t))
	if err != nil {
		e.t.Fatal(err)
	}
	process.image.mutex.Lock()
	image, _, err := process.image.content()
	process.image.mutex.Unlock()
	var archive bytes.Buffer
	if err == nil {
		err = tarball.Write(tag, image, &archive)
	}
	if err == nil {
		err = e.api.Do(context.Background(), http.MethodPost, "/images/load", url.Values{"quiet": {"1"}}, &archive, nil)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// end removes what would outlive it, and then itself.
func (e *OwnEngine) end() {
	select {
	case <-e.ended:
		e.Start()
	default:
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := e.api.removeGroup(ctx, ""); err != nil {
		e.t.Error(err)
	}
	e.Stop()
	e.killShims()
	e.release()
	mounts, _ := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], e.dir+"/") {
			_ = syscall.Unmount(fields[1], syscall.MNT_DETACH)
		}
	}
	if err := os.RemoveAll(e.dir); err != nil {
		e.t.Error(err)
	}
}
