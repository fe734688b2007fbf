package network

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"time"
)

// quietTime is how long a connection must stay open for ProbeTCP to believe
// that somebody is at its other end.
//
// The engine's port proxy accepts a connection on a published port although
// nothing listens in the container. It then dials the container, is refused,
// and closes the connection: on Linux within 4 ms, and within 31 ms on a
// machine with four busy processes per core (2,000 connections each).
// Docker Desktop has a virtual machine in between, which takes a little longer.
// A tenth of a second leaves room for all that. It is paid once per service:
// a connection that is closed ends the wait at once, and so does one on which
// the server speaks first; only where the server is ready and waits for its
// client to speak does the wait last to its end.
const quietTime = 100 * time.Millisecond

// A machine that is so busy that it wakes us late wakes the proxy late too: at a
// load of 15 on two cores it closed one connection in 40 after 62 ms, and once
// one after more than quietTime. Then we wait for the busyFactor of what we were
// late, up to busyQuietTime. A tenth of quietTime between two looks is enough to
// see it.
const (
	lookEvery     = quietTime / 10
	lastLook      = time.Millisecond
	busyFactor    = 20
	busyQuietTime = time.Second
)

// ProbeTCP tells whether something listens on an address, "host:port". A
// connection that is refused, or is accepted and closed at once, means no. An
// attempt ends after 5 s. The error is a *Mistake for an address that is none.
func ProbeTCP(ctx context.Context, address string) (Readiness, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return Readiness{}, mistakef("invalid address %q: it must be \"host:port\"", Redact(address))
	}
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return Readiness{}, mistakef("invalid address %q: the port must be a number from 1 to 65535", Redact(address))
	}
	return attempt(ctx, attemptTimeout, address, func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return wrap(ctx, "connect", address, err)
		}
		defer conn.Close()
		return wrap(ctx, "connect", address, staysOpen(ctx, conn))
	})
}

// staysOpen reads from a new connection until something arrives or it was quiet
// for long enough. It returns an error where the connection is closed before.
func staysOpen(ctx context.Context, conn net.Conn) error {
	// Ends the read where the context ends first.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	// look reads for a while. It is done where something came, or the end.
	one := make([]byte, 1)
	look := func(wait time.Duration) (done bool, err error) {
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return true, err
		}
		_, err = conn.Read(one)
		return !errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil, err
	}
	began, enough := time.Now(), quietTime
	for now := began; now.Sub(began) < enough; {
		before := now
		if done, err := look(lookEvery); done {
			return err
		}
		now = time.Now()
		enough = max(enough, min(busyFactor*(now.Sub(before)-lookEvery), busyQuietTime))
	}
	// A deadline may be noticed before an end that was there earlier.
	if done, err := look(lastLook); done {
		return err
	}
	return nil
}
