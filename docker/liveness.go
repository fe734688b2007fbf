package docker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/docker/docker/client"
)

// How long an engine may take with an answer is not known: it pulls, builds,
// waits for a container to end, or is busy. But a ping it answers at once.
const (
	patience    = 10 * time.Second // before it is asked for the first time, and between
	silentLimit = 3 * time.Second  // for one that did not answer the last time
	// answerLimit is of requests that have nothing to wait for, to an engine that
	// answers pings: a part of it may hang.
	answerLimit = 5 * time.Minute
)

var (
	errSilent = errors.New("it does not even answer a ping")
	errLate   = errors.New("no answer within 5 minutes")
)

// unanswered returns which of the two an error is, or nil. Who gets one does not
// ask the engine why: that would not be answered either, and takes as long again.
func unanswered(err error) error {
	for _, cause := range []error{errSilent, errLate} {
		if errors.Is(err, cause) {
			return cause
		}
	}
	return nil
}

// liveness gives up the requests to an engine that does not answer any more.
type liveness struct {
	next   http.RoundTripper
	limit  time.Duration // of a ping
	silent atomic.Bool   // the last ping was not answered
}

// newClient is the SDK's, with a pulse: the engine may take so long for a ping.
func newClient(limit time.Duration, clock *clock, options ...client.Opt) (*client.Client, error) {
	// The SDK wants a transport that it knows. Whose client it is does not matter to
	// it. It wraps the transport to measure requests for OpenTelemetry, which nobody
	// collects here: that was a twentieth of the processor time of a start.
	var ours *http.Client
	var transport http.RoundTripper
	options = append(options, func(c *client.Client) error {
		ours = c.HTTPClient()
		transport = ours.Transport
		return client.WithHTTPClient(ours)(c)
	})
	api, err := client.NewClientWithOpts(options...)
	if err == nil {
		ours.Transport = &liveness{next: timed{transport, clock}, limit: limit}
	}
	return api, err
}

func (p *liveness) RoundTrip(request *http.Request) (*http.Response, error) {
	if strings.HasSuffix(request.URL.Path, "/_ping") {
		return p.next.RoundTrip(request) // that of connect
	}
	ctx, cancel := p.watched(request.Context(), waits(request.URL.Path), func(ctx context.Context) error { return p.ping(ctx, request) })
	answer, err := p.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		err = whyCancelled(ctx, err)
		cancel(nil)
		return nil, err
	}
	answer.Body = &watchedBody{ReadCloser: answer.Body, ctx: ctx, cancel: cancel}
	return answer, nil
}

// alive returns a context that also ends when the engine does not answer pings
// any more. It is for connections of our own, which RoundTrip does not see.
// waits is set where silence on one means nothing, as it was answered.
func (e *Engine) alive(ctx context.Context, waits bool) (context.Context, context.CancelFunc) {
	p, ok := e.api.HTTPClient().Transport.(*liveness)
	if !ok {
		return context.WithCancel(ctx)
	}
	ctx, cancel := p.watched(ctx, waits, func(ctx context.Context) error {
		_, err := e.api.Ping(ctx)
		if ctx.Err() != nil || client.IsErrConnectionFailed(err) {
			return err
		}
		return nil // whatever it says
	})
	return ctx, func() { cancel(nil) }
}

// watched derives a context that ends when the engine does not answer pings. It
// asks one that was silent before at once. The caller calls cancel when the
// request is done. A timer begins the watch: most requests are done before.
func (p *liveness) watched(ctx context.Context, waits bool, ping func(context.Context) error) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	wait, limit := patience, p.limit
	if p.silent.Load() {
		wait, limit = 0, silentLimit
	}
	begins := time.AfterFunc(wait, func() {
		var late <-chan time.Time
		if !waits {
			timer := time.NewTimer(answerLimit - wait)
			defer timer.Stop()
			late = timer.C
		}
		p.watch(ctx, cancel, late, limit, ping)
	})
	return ctx, func(cause error) {
		begins.Stop()
		cancel(cause)
	}
}

// watch pings, the first time within a limit, until the context ends. It ends it
// when no answer comes, or it is late.
func (p *liveness) watch(ctx context.Context, cancel context.CancelCauseFunc, late <-chan time.Time, limit time.Duration, ping func(context.Context) error) {
	for ctx.Err() == nil {
		limited, done := context.WithTimeout(ctx, limit)
		err := ping(limited)
		done()
		if ctx.Err() != nil {
			return
		}
		if p.silent.Store(err != nil); err != nil {
			cancel(errSilent)
			return
		}
		limit = p.limit
		select {
		case <-ctx.Done():
		case <-late:
			cancel(errLate)
		case <-time.After(patience):
		}
	}
}

func (p *liveness) ping(ctx context.Context, like *http.Request) error {
	request := &http.Request{Method: http.MethodGet, URL: like.URL.JoinPath(), Host: like.Host, Header: like.Header.Clone()}
	request.URL.Path, request.URL.RawPath, request.URL.RawQuery = "/_ping", "", ""
	answer, err := p.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return err
	}
	return answer.Body.Close() // whatever it says
}

// waits reports whether the answer to a request comes when something else ends.
func waits(path string) bool {
	for _, end := range []string{"/stop", "/wait", "/events", "/logs", "/attach", "/build", "/images/create", "/archive"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// whyCancelled returns why the watch ended a request where it did.
func whyCancelled(ctx context.Context, err error) error {
	if cause := unanswered(context.Cause(ctx)); cause != nil {
		return cause
	}
	return err
}

// watchedBody is watched until it is closed.
type watchedBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = whyCancelled(b.ctx, err)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
