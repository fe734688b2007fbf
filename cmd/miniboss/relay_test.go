package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// relay stands between miniboss and the engine. While it is mute, the engine
// does what it is asked for, and never answers.
type relay struct {
	host string
	mute sync.RWMutex // locked while it is
}

func newRelay(t testing.TB) *relay {
	t.Helper()
	dir, err := os.MkdirTemp("", "relay") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "engine.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	r := &relay{host: "unix://" + path}
	scheme, address, _ := strings.Cut(enginetest.Engine(t).Host(), "://")
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // it is closed
			}
			go func() {
				defer func() { _ = client.Close() }()
				engine, err := net.Dial(scheme, address)
				if err != nil {
					return
				}
				go func() {
					_, _ = io.Copy(engine, client)
					_ = engine.Close()
				}()
				_, _ = io.Copy(answers{r, client}, engine)
			}()
		}
	}()
	return r
}

// answers is what the engine says to a client.
type answers struct {
	relay  *relay
	client net.Conn
}

func (a answers) Write(data []byte) (int, error) {
	a.relay.mute.RLock()
	defer a.relay.mute.RUnlock()
	return a.client.Write(data)
}

// relayEngine puts a relay before the script's engine: "through" from now on,
// "mute" makes it mute, and "answers" lets it answer again.
func relayEngine(ts *testscript.TestScript, _ bool, args []string) {
	r := ts.Value(relayKey{}).(**relay)
	switch args[0] {
	case "through":
		*r = newRelay(testOf(ts))
		ts.Setenv("DOCKER_HOST", (*r).host)
	case "mute":
		(*r).mute.Lock()
	case "answers":
		(*r).mute.Unlock()
	}
}

type relayKey struct{}
