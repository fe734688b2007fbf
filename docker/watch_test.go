package docker_test

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func TestWatch(t *testing.T) {
	b := newBench(t)
	other := b.group + "-2"
	enginetest.CleanUp(t, other)
	id := b.create(spec.Definition{Name: "web", Cmd: []string{"-http", ":80"}})
	labels := b.labels("web")
	labels.Group = other
	theirs, err := b.Create(t.Context(), other+"-web", b.request(spec.Definition{Name: "web"}), labels)
	must(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	events, err := b.Watch(ctx, b.group)
	must(t, err)
	must(t, b.Start(ctx, theirs))
	must(t, b.Start(ctx, id))
	api := enginetest.API(t)
	for _, action := range []string{"pause", "unpause"} {
		must(t, api.Do(ctx, "POST", "/containers/"+id+"/"+action, nil, nil, nil))
	}
	must(t, b.Stop(ctx, id, 10*time.Second))
	must(t, b.Remove(ctx, id))
	var actions []string
	for event := range events {
		if event.ID != id {
			t.Errorf("an event of another group: %+v", event)
		}
		actions = append(actions, event.Action)
		if event.Action == "destroy" {
			break
		}
	}
	// Docker 20.10 sometimes tells a pause and its end twice.
	told := strings.ReplaceAll(strings.Join(actions, " "), "pause unpause pause unpause", "pause unpause")
	if told != "start pause unpause die destroy" {
		t.Errorf("%v", actions)
	}
	cancel()
	for range events { // it is closed when ctx ends
	}
}

// TestWatchMissesNothing: a container that ends at once, started right after
// Watch has returned, again and again.
func TestWatchMissesNothing(t *testing.T) {
	b := newBench(t)
	b.network()
	for n := range 10 {
		id := b.create(spec.Definition{Name: "web" + strings.Repeat("x", n), Cmd: []string{"-exit", "3"}})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		events, err := b.Watch(ctx, b.group)
		must(t, err)
		must(t, b.Start(ctx, id))
		died := false
		for event := range events {
			if event.ID == id && event.Action == "die" {
				died = true
				if event.ExitCode != 3 {
					t.Errorf("%+v", event)
				}
				break
			}
		}
		cancel()
		if !died {
			t.Fatal("its end was missed")
		}
	}
}

func TestWatchTakesUpALostConnection(t *testing.T) {
	b := newBench(t)
	proxy := newProxy(t, b.Host())
	engine, err := docker.Connect(t.Context(), docker.Settings{Getenv: func(name string) string {
		if name == "DOCKER_HOST" {
			return proxy.address
		}
		return ""
	}})
	must(t, err)
	defer func() { _ = engine.Close() }()
	short, long := b.create(spec.Definition{Name: "short", Cmd: []string{"-exit", "4"}}), b.create(spec.Definition{Name: "long"})

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	events, err := engine.Watch(ctx, b.group)
	must(t, err)
	next := func(id, action string) runtime.ContainerEvent {
		t.Helper()
		for event := range events {
			if event.ID == id && event.Action == action {
				return event
			}
		}
		t.Fatalf("no %s of %s", action, id)
		return runtime.ContainerEvent{}
	}
	must(t, b.Start(ctx, long))
	next(long, "start")
	for range 3 {
		proxy.cut(false)
		must(t, b.Start(ctx, short)) // while we are away
		b.ended(short)
		proxy.cut(true)
		if event := next(short, "die"); event.ExitCode != 4 {
			t.Errorf("%+v", event)
		}
	}
	must(t, b.Stop(ctx, long, 0))
	next(long, "die")
}

// proxy is a socket before the engine's, to cut connections.
type proxy struct {
	address, target string
	mutex           sync.Mutex
	open            bool
	conns           []net.Conn
}

func newProxy(t *testing.T, host string) *proxy {
	t.Helper()
	scheme, target, _ := strings.Cut(host, "://")
	if scheme != "unix" {
		t.Skipf("the engine is not on a unix socket but on %s", host)
	}
	path := filepath.Join(t.TempDir(), "engine.sock")
	listener, err := net.Listen("unix", path)
	must(t, err)
	p := &proxy{address: "unix://" + path, target: target, open: true}
	var done sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut(false)
		done.Wait()
	})
	done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			done.Go(func() { p.serve(conn) })
		}
	})
	return p
}

func (p *proxy) serve(conn net.Conn) {
	engine, err := net.Dial("unix", p.target)
	if err != nil {
		_ = conn.Close()
		return
	}
	p.mutex.Lock()
	if !p.open {
		_, _ = conn.Close(), engine.Close()
	}
	p.conns = append(p.conns, conn, engine)
	p.mutex.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{conn, engine}, {engine, conn}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			if half, ok := way[0].(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			}
		})
	}
	both.Wait()
	_, _ = conn.Close(), engine.Close()
}

// cut ends all connections; with open, new ones are served again.
func (p *proxy) cut(open bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.open = open
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}
