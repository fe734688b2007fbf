package networktest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// Tests that run at once take ports from the same machine, and so does every
// connection that a program makes. Hence no port here is of those that the system
// gives away by itself (Linux from 32768), nor of those that miniboss chooses from
// for a port 0 (from 20000).
const (
	firstPort = 10000
	ports     = 10000
)

// given are the ports that tests of this process have.
var given sync.Map

// FreePort returns a port on which nothing listens, each time another one.
func FreePort(t testing.TB) int {
	t.Helper()
	for range ports {
		port := firstPort + rand.IntN(ports)
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			continue
		}
		_ = listener.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// RefusedAddr returns an address of this machine that refuses connections until
// the end of the test: its port is the near end of a connection, so that nobody
// else can listen there.
func RefusedAddr(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}
