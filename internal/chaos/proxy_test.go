package chaos

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// proxy stands between miniboss and the engine, and does what goes wrong there.
type proxy struct {
	listener net.Listener
	server   *http.Server

	mu     sync.Mutex
	fault  fault
	conns  map[net.Conn]bool
	events map[context.Context]context.CancelFunc // of the streams of events
}

// fault is what the proxy does from now on. The zero value passes all on.
type fault struct {
	gone   bool          // the engine is not there
	answer int           // to each request, instead of the engine's
	delay  time.Duration // of each answer
	silent bool          // no answer ever comes
	// noEvents is set where there are no streams of events.
	noEvents bool
	// refuse says which requests are answered by 403, with what.
	refuse func(*http.Request) string
}

// newProxy returns a proxy in front of the tests' engine. w is connected to it.
func newProxy(t *testing.T, w *world) *proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "chaos") // a socket's path must be short
	w.must(err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	address := filepath.Join(dir, "engine.sock")
	p := &proxy{conns: map[net.Conn]bool{}, events: map[context.Context]context.CancelFunc{}}
	p.listener, err = net.Listen("unix", address)
	w.must(err)
	scheme, engine, _ := strings.Cut(w.engineHost, "://")
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, scheme, engine)
	}}
	forward := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "engine"}) },
		Transport:     transport,
		FlushInterval: -1,
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	p.server = &http.Server{
		ConnState: func(conn net.Conn, state http.ConnState) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if state == http.StateClosed {
				delete(p.conns, conn)
				return
			}
			p.conns[conn] = true
			if p.fault.gone {
				_ = conn.Close()
			}
		},
		Handler: http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) { p.serve(forward, answer, r) }),
	}
	go func() { _ = p.server.Serve(p.listener) }()
	t.Cleanup(func() {
		_ = p.server.Close()
		p.cut()
		transport.CloseIdleConnections()
	})
	w.host = "unix://" + address
	return p
}

func (p *proxy) serve(forward http.Handler, answer http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	p.mu.Lock()
	f := p.fault
	if strings.HasSuffix(r.URL.Path, "/events") {
		p.events[ctx] = cancel
		defer func() {
			p.mu.Lock()
			delete(p.events, ctx)
			p.mu.Unlock()
		}()
	}
	p.mu.Unlock()
	if f.delay > 0 {
		select {
		case <-time.After(f.delay):
		case <-ctx.Done():
			return
		}
	}
	if f.silent {
		// A server sees that its client has gone when it has read everything.
		_, _ = io.Copy(io.Discard, r.Body)
		<-ctx.Done()
		return
	}
	if f.refuse != nil {
		if text := f.refuse(r); text != "" {
			answer.Header().Set("Content-Type", "application/json")
			answer.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(answer).Encode(map[string]string{"message": text})
			return
		}
	}
	if f.noEvents && strings.HasSuffix(r.URL.Path, "/events") {
		panic(http.ErrAbortHandler)
	}
	if f.answer != 0 {
		http.Error(answer, `{"message":"the test says no"}`, f.answer)
		return
	}
	forward.ServeHTTP(answer, r.WithContext(ctx))
}

func (p *proxy) set(f fault) {
	p.mu.Lock()
	p.fault = f
	p.mu.Unlock()
	if f.gone {
		p.cut()
	}
}

// cut ends all connections that there are.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// dropEvents ends the streams of events.
func (p *proxy) dropEvents() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.events {
		cancel()
	}
}
