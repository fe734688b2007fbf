package network

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miniboss/miniboss/network/networktest"
)

// serve accepts connections until the test ends and gives each to handle.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handle(conn)
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

func TestProbeTCP(t *testing.T) {
	t.Parallel()
	closed := func(conn net.Conn) { conn.Close() }
	reset := func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0); conn.Close() }
	speaks := func(conn net.Conn) { _, _ = conn.Write([]byte("220 hello\r\n")); conn.Close() }
	waits := func(conn net.Conn) { t.Cleanup(func() { conn.Close() }) }
	refused := networktest.RefusedAddr(t)
	for _, test := range []struct {
		name, address, reason string
		atLeast, atMost       time.Duration
	}{
		{"refused", refused, "connect " + refused + ": connection refused", 0, quietTime},
		{"closed", serve(t, closed), "connection closed by the other side", 0, quietTime},
		{"reset", serve(t, reset), "connection reset by peer", 0, quietTime},
		{"speaks first", serve(t, speaks), "", 0, quietTime},
		{"waits", serve(t, waits), "", quietTime, time.Minute},
		{"no such host", "nowhere.invalid:80", "look up nowhere.invalid: no such host", 0, time.Minute},
	} {
		began := time.Now()
		r, err := ProbeTCP(t.Context(), test.address)
		took := time.Since(began)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		wantReadiness(t, r, test.reason)
		if took < test.atLeast || took > test.atMost {
			t.Errorf("%s: took %v, want %v to %v", test.name, took, test.atLeast, test.atMost)
		}
	}
}

func TestProbeTCPMistakes(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"localhost":                  `invalid address "localhost": it must be "host:port"`,
		":80":                        `invalid address ":80": it must be "host:port"`,
		"":                           `invalid address "": it must be "host:port"`,
		"localhost:http":             `invalid address "localhost:http": the port must be a number from 1 to 65535`,
		"localhost:0":                `invalid address "localhost:0": the port must be a number from 1 to 65535`,
		"localhost:65536":            `invalid address "localhost:65536": the port must be a number from 1 to 65535`,
		"postgres://u:pw@localhost:": `invalid address "postgres://***@localhost:": it must be "host:port"`,
	} {
		r, err := ProbeTCP(t.Context(), address)
		if !isMistake(err) || err.Error() != want || r != (Readiness{}) {
			t.Errorf("%q: got %v %v", address, r, err)
		}
	}
}

func TestProbeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	accepted := make(chan struct{})
	address := serve(t, func(conn net.Conn) { t.Cleanup(func() { conn.Close() }); close(accepted) })
	gone := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-accepted; cancel(gone) }()
	if r, err := ProbeTCP(ctx, address); !errors.Is(err, gone) || r.Ready {
		t.Errorf("got %v %v", r, err)
	}
}

// lateConn is a connection on a busy machine, that its other side closes after a
// while: each deadline is noticed late.
type lateConn struct {
	net.Conn
	late     time.Duration
	closes   time.Time
	deadline time.Time
}

func (c *lateConn) SetReadDeadline(deadline time.Time) error {
	c.deadline = deadline
	return nil
}

func (c *lateConn) Read([]byte) (int, error) {
	woken := c.deadline.Add(c.late)
	if c.closes.Before(woken) {
		time.Sleep(time.Until(c.closes))
		return 0, io.EOF
	}
	time.Sleep(time.Until(woken))
	return 0, os.ErrDeadlineExceeded
}

// On a busy machine a connection must stay open for longer, and not for ever.
func TestStaysOpenWaitsForABusyMachine(t *testing.T) {
	for _, test := range []struct {
		late, closes time.Duration
		want         error
		after        time.Duration
	}{
		{0, 90 * time.Millisecond, io.EOF, 90 * time.Millisecond},
		{0, 150 * time.Millisecond, nil, 101 * time.Millisecond},
		{time.Millisecond, 111 * time.Millisecond, io.EOF, 111 * time.Millisecond}, // seen by the last look
		{10 * time.Millisecond, 150 * time.Millisecond, io.EOF, 150 * time.Millisecond},
		{10 * time.Millisecond, 250 * time.Millisecond, nil, 211 * time.Millisecond},
		{90 * time.Millisecond, 950 * time.Millisecond, io.EOF, 950 * time.Millisecond},
		{90 * time.Millisecond, time.Hour, nil, 1091 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			err := staysOpen(t.Context(), &lateConn{late: test.late, closes: began.Add(test.closes)})
			if after := time.Since(began); !errors.Is(err, test.want) || after != test.after {
				t.Errorf("late by %v, closed after %v: %v after %v", test.late, test.closes, err, after)
			}
		})
	}
}
