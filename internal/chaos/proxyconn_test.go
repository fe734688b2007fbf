package chaos

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// proxyListener takes the connections of miniboss with the proxy.
type proxyListener struct {
	*net.UnixListener
	proxy *proxy
}

func (l proxyListener) Accept() (net.Conn, error) {
	conn, err := l.AcceptUnix()
	if err != nil {
		return nil, err
	}
	c := &proxyConn{UnixConn: conn, proxy: l.proxy, closed: make(chan struct{})}
	l.proxy.mu.Lock()
	gone := l.proxy.fault.gone
	if gone {
		l.proxy.disturbed++
	} else {
		l.proxy.conns[c] = http.StateNew
	}
	l.proxy.mu.Unlock()
	if gone {
		_ = c.Close() // who serves it sees that
	}
	return c, nil
}

// proxyConn is one of them. A silent engine says nothing more on those that there
// are, as one that is frozen does: also a stream that has begun stands still.
type proxyConn struct {
	*net.UnixConn
	proxy  *proxy
	once   sync.Once
	closed chan struct{}
}

func (c *proxyConn) Write(data []byte) (int, error) {
	for first := true; ; first = false {
		c.proxy.mu.Lock()
		silent, changed := c.proxy.fault.silent, c.proxy.changed
		if silent && first {
			c.proxy.disturbed++
		}
		c.proxy.mu.Unlock()
		if !silent {
			return c.UnixConn.Write(data)
		}
		select {
		case <-changed:
		case <-c.closed:
			return 0, net.ErrClosed
		}
	}
}

func (c *proxyConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.proxy.mu.Lock()
	delete(c.proxy.conns, c)
	c.proxy.mu.Unlock()
	return c.UnixConn.Close()
}

// state notes what a connection is used for.
func (p *proxy) state(conn net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := conn.(*proxyConn)
	if _, open := p.conns[c]; open {
		p.conns[c] = state
	}
}

// cut ends all connections that there are.
func (p *proxy) cut() {
	p.mu.Lock()
	var all []*proxyConn
	for conn, state := range p.conns {
		all = append(all, conn)
		// One that no request is on is not missed.
		if slices.Contains([]http.ConnState{http.StateActive, http.StateHijacked}, state) {
			p.disturbed++
		}
	}
	p.mu.Unlock()
	for _, conn := range all {
		_ = conn.Close()
	}
}
