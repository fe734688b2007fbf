package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// Error is something that went wrong on the network, as opposed to a mistake
// of the caller.
type Error struct {
	Op     string // what was being done: connect, look up, query
	Target string // with what: localhost:8080; may be empty
	Reason string // why it failed, in one line
	// Code is for programs: ECONNREFUSED and the like as Node names them, an
	// SQLSTATE for an error that a database server answered with; "" where
	// there is none.
	Code string
	Err  error // what the library below reported; may be nil
	// Waiting is what the error means to someone who waits for the server.
	Waiting Waiting
}

// Error returns "connect localhost:8080: connection refused".
func (e *Error) Error() string {
	var parts []string
	for _, part := range []string{strings.TrimSpace(e.Op + " " + e.Target), e.Reason} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns what the library below reported.
func (e *Error) Unwrap() error { return e.Err }

// errClosedByPeer is what an end of the connection in the middle means.
const errClosedByPeer = "connection closed by the other side"

// wrap turns an error of a library into an *Error. Op and target are used
// where the error itself does not say better. It returns nil for nil, and an
// *Error or a *Mistake as it is.
func wrap(ctx context.Context, op, target string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	var mistake *Mistake
	if errors.As(err, &known) || errors.As(err, &mistake) {
		return err
	}
	// A library that hands the context's deadline to its connection may be told
	// of it before the context is.
	var timeout net.Error
	if deadline, ok := ctx.Deadline(); ok && errors.As(err, &timeout) && timeout.Timeout() && time.Until(deadline) < 50*time.Millisecond {
		<-ctx.Done()
	}
	// The context ended: the reason for that is the reason, whatever the
	// library made of it.
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", strings.TrimSpace(op+" "+target), context.Cause(ctx))
	}
	e := &Error{Op: op, Target: target, Err: err}
	var opError *net.OpError
	if errors.As(err, &opError) && opError.Op == "dial" {
		e.Op = "connect"
	}
	e.Code, e.Reason = explain(err)
	e.Waiting = waitingForConnection(e)
	if e.Op == "connect" {
		e.Waiting.Address = target
	}
	if e.Code == "ENOTFOUND" {
		e.Op = "look up"
		if host, _, err := net.SplitHostPort(target); err == nil {
			e.Target = host
		}
	}
	return e
}

// explain finds the code and the reason of an error of the standard library.
func explain(err error) (code, reason string) {
	var errno syscall.Errno
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &errno):
		return errnoCode(errno), strings.ToLower(errno.Error())
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return "EAI_AGAIN", "no answer from the name server"
		}
		return "ENOTFOUND", "no such host"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "UND_ERR_SOCKET", errClosedByPeer
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "ETIMEDOUT", "no answer in time"
	}
	if code, reason := explainTLS(err); code != "" {
		return code, reason
	}
	return "", strings.TrimPrefix(err.Error(), "net/http: ")
}

// explainTLS does the same for errors of a TLS handshake, with OpenSSL's codes
// as Node has them.
func explainTLS(err error) (code, reason string) {
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		code = "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
		if authority.Cert != nil && authority.Cert.Issuer.String() == authority.Cert.Subject.String() {
			code = "DEPTH_ZERO_SELF_SIGNED_CERT"
		}
		return code, "certificate signed by an unknown authority"
	case errors.As(err, &hostname):
		return "ERR_TLS_CERT_ALTNAME_INVALID", strings.TrimPrefix(hostname.Error(), "x509: ")
	case errors.As(err, &invalid):
		code = "ERR_TLS_CERT_INVALID"
		if invalid.Reason == x509.Expired {
			code = "CERT_HAS_EXPIRED"
		}
		return code, strings.TrimPrefix(invalid.Error(), "x509: ")
	case errors.As(err, &header):
		return "ERR_SSL_WRONG_VERSION_NUMBER", "the other side does not speak TLS"
	}
	return "", ""
}

// errnoCode names an error number of the operating system. Windows has its own
// numbers for the network (10000 and up), which stand for nothing elsewhere.
func errnoCode(errno syscall.Errno) string {
	switch errno {
	case syscall.ECONNREFUSED, 10061:
		return "ECONNREFUSED"
	case syscall.ECONNRESET, 10054:
		return "ECONNRESET"
	case syscall.ECONNABORTED, 10053:
		return "ECONNABORTED"
	case syscall.ETIMEDOUT, 10060:
		return "ETIMEDOUT"
	case syscall.EHOSTUNREACH, 10065:
		return "EHOSTUNREACH"
	case syscall.ENETUNREACH, 10051:
		return "ENETUNREACH"
	case syscall.EADDRNOTAVAIL, 10049:
		return "EADDRNOTAVAIL"
	case syscall.EPIPE:
		return "EPIPE"
	case syscall.EACCES, 10013:
		return "EACCES"
	case syscall.ENOENT:
		return "ENOENT"
	}
	return fmt.Sprintf("errno %d", int(errno))
}

// Readiness is the answer of a probe.
type Readiness struct {
	Ready  bool
	Reason string // why not, in one line; "" where Ready
	// Lasting says that waiting seldom heals it (see Waiting).
	Lasting bool
	Address string // the host and port that were asked; "": none
}

// attemptTimeout ends one attempt of a probe. It is far longer than an answer
// takes, and far shorter than a ping's whole time, so that an attempt which was
// sent into the void (a packet dropped while the container's network came up)
// is given up and made anew.
const attemptTimeout = 5 * time.Second

// noAnswerError is the cause of a context that an attempt's timeout ended.
type noAnswerError struct{ after time.Duration }

func (e noAnswerError) Error() string { return fmt.Sprintf("no answer after %v", e.after) }

// attempt runs one attempt of a probe under its timeout and turns its error
// into an answer about an address. The error is that of a mistake, or the
// context's own where it was cancelled: a probe that nobody waits for any more
// has no answer.
func attempt(ctx context.Context, timeout time.Duration, address string, try func(ctx context.Context) error) (Readiness, error) {
	within, cancel := context.WithTimeoutCause(ctx, timeout, noAnswerError{timeout})
	defer cancel()
	err := try(within)
	var mistake *Mistake
	switch {
	case err == nil:
		return Readiness{Ready: true}, nil
	case errors.As(err, &mistake):
		return Readiness{}, err
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Readiness{}, context.Cause(ctx)
	}
	return Readiness{Reason: err.Error(), Lasting: WaitingOn(err).Lasting, Address: address}, nil
}

// Mistake is an error of the caller: an argument that no waiting will make
// right, such as a malformed URL.
type Mistake struct{ message string }

func (e *Mistake) Error() string { return e.message }

func mistakef(format string, args ...any) error {
	return &Mistake{message: fmt.Sprintf(format, args...)}
}
