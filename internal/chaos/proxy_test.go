package chaos

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
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
	server *http.Server

	mu        sync.Mutex
	fault     fault
	changed   chan struct{} // closed when the fault becomes another one
	disturbed int           // requests, connections and streams that faults have come to
	conns     map[*proxyConn]http.ConnState
	events    map[context.Context]context.CancelFunc // of the streams of events
	// asked is done, once, before a request to a path that ends so is passed on.
	asked map[string]func()
}

// fault is what the proxy does from now on. The zero value passes all on.
type fault struct {
	gone   bool          // the engine is not there
	answer int           // to each request, instead of the engine's
	delay  time.Duration // of each answer
	more   time.Duration // of some answers, at most, beside delay
	silent bool          // no answer ever comes, and nothing more of those that have begun
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
	p := &proxy{changed: make(chan struct{}), conns: map[*proxyConn]http.ConnState{},
		events: map[context.Context]context.CancelFunc{}, asked: map[string]func(){}}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: address})
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
		ConnState: p.state,
		Handler:   http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) { p.serve(forward, answer, r) }),
	}
	go func() { _ = p.server.Serve(proxyListener{listener, p}) }()
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
	p.beAsked(r.URL.Path)
	p.mu.Lock()
	f := p.fault
	if f.delay > 0 || f.silent || f.answer != 0 || f.gone {
		p.disturbed++
	}
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
		case <-time.After(f.delay + rand.N(f.more+1)):
		case <-ctx.Done():
			return
		}
	}
	if f.gone {
		panic(http.ErrAbortHandler)
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
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	if f.gone {
		p.cut()
	}
}

// before has something done, once, before the next request to a path that ends
// so is passed on.
func (p *proxy) before(path string, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[path] = do
}

func (p *proxy) beAsked(path string) {
	p.mu.Lock()
	var all []func()
	for end, do := range p.asked {
		if strings.HasSuffix(path, end) {
			all = append(all, do)
			delete(p.asked, end)
		}
	}
	p.mu.Unlock()
	for _, do := range all {
		do()
	}
}

// disturbances returns how much faults have come to since it was called last.
func (p *proxy) disturbances() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.disturbed
	p.disturbed = 0
	return n
}

// dropEvents ends the streams of events.
func (p *proxy) dropEvents() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.events {
		p.disturbed++
		cancel()
	}
}
