package network

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// HTTP makes requests and keeps connections open between them: one for each
// loaded file. It keeps no cookies. Proxies are those of the environment
// (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), and never used for this machine.
type HTTP struct {
	transport *http.Transport
}

// NewHTTP returns a client without connections.
func NewHTTP() *HTTP {
	return &HTTP{transport: &http.Transport{
		Proxy:       proxy,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: -1}).DialContext,
		// Without TCP's keep-alive: no connection is idle for that long, and it
		// takes four calls of the system for each ping of a start.
		// Many services may run behind one host, this machine.
		MaxIdleConnsPerHost: 64,
		// As Node's fetch: shorter than the 5 s after which Node's servers
		// close, so that a request rarely meets a connection just closed.
		IdleConnTimeout:     4 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
		// Responses keep their Content-Encoding, as in Node: see decode.
		DisableCompression: true,
	}}
}

// Close closes the connections that no request uses. Requests that are under
// way end with their contexts.
func (c *HTTP) Close() { c.transport.CloseIdleConnections() }

func proxy(r *http.Request) (*url.URL, error) {
	host := r.URL.Hostname()
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		return nil, nil
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// Redirect says what to do with an answer that sends the client elsewhere.
type Redirect string

// The ways to treat a redirect, as fetch names them.
const (
	RedirectFollow Redirect = "follow" // at most 20 times, else an error
	RedirectManual Redirect = "manual" // return the answer as it is
	RedirectError  Redirect = "error"  // fail
)

// Request is an HTTP request.
type Request struct {
	Method string // as it is sent; "": GET
	URL    string // http or https
	Header http.Header
	// Body is sent as it is, with its length. It is not to be changed before
	// the response's body is closed. nil: none.
	Body     []byte
	Redirect Redirect // "": RedirectFollow
}

// Response is the answer to a Request, as soon as its header is there.
type Response struct {
	Status     int
	StatusText string // "Not Found"
	Header     http.Header
	URL        string // where it came from, after redirects
	Redirected bool
	Body       *Body // to be closed
}

// maxRedirects is the number that the fetch standard allows.
const maxRedirects = 20

// Do makes a request and follows redirects as the fetch standard says. The body
// can be read while ctx lives.
func (c *HTTP) Do(ctx context.Context, r Request) (*Response, error) {
	at, err := url.Parse(r.URL)
	if err != nil || at.Host == "" {
		return nil, mistakef("invalid URL %q", Redact(r.URL))
	}
	if at.Scheme != "http" && at.Scheme != "https" {
		return nil, mistakef("invalid URL %q: unknown scheme %q, use http:// or https://", Redact(r.URL), at.Scheme)
	}
	r.Header = r.Header.Clone()
	for count := 0; ; count++ {
		response, err := c.roundTrip(ctx, r, at)
		if err != nil {
			return nil, err
		}
		location := response.Header.Get("Location")
		if !isRedirect(response.StatusCode) || location == "" || r.Redirect == RedirectManual {
			return finish(ctx, r, response, at, count > 0), nil
		}
		discard(response.Body)
		if at, err = follow(&r, at, response.StatusCode, location, count); err != nil {
			return nil, err
		}
	}
}

func (c *HTTP) roundTrip(ctx context.Context, r Request, at *url.URL) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, at.String(), nil)
	if err != nil {
		return nil, mistakef("invalid request: %v", strings.TrimPrefix(err.Error(), "net/http: "))
	}
	if r.Header != nil {
		request.Header = r.Header.Clone()
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	if r.Body != nil {
		request.ContentLength = int64(len(r.Body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
		request.Body, _ = request.GetBody()
		if len(r.Body) == 0 {
			request.Body = http.NoBody
		}
	}
	setDefault(request.Header, "Accept", "*/*")
	setDefault(request.Header, "User-Agent", "miniboss")
	encodings := "gzip, deflate"
	if request.Header.Get("Range") != "" {
		encodings = "identity" // a piece of a gzip stream is of no use
	}
	setDefault(request.Header, "Accept-Encoding", encodings)
	if u := at.User; u != nil && request.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		request.SetBasicAuth(u.Username(), password)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, wrapHTTP(ctx, request, err)
	}
	return response, nil
}

func setDefault(h http.Header, key, value string) {
	if _, ok := h[key]; !ok {
		h.Set(key, value)
	}
}

// wrapHTTP names the other side as the user wrote it.
func wrapHTTP(ctx context.Context, request *http.Request, err error) error {
	wrapped := wrap(ctx, request.Method, Redact(request.URL.String()), err)
	var e *Error
	if !errors.As(wrapped, &e) {
		return wrapped
	}
	e.Waiting.NotYet, e.Waiting.Address = true, hostPort(request.URL)
	switch {
	case e.Op == "connect":
		e.Target = hostPort(request.URL)
	case e.Op == "look up":
		e.Target = request.URL.Hostname()
	case e.Code == "":
		// net/http has no types for these.
		if text := err.Error(); strings.Contains(text, "malformed HTTP") || strings.Contains(text, "malformed MIME") {
			e.Code, e.Reason = "HPE_INVALID_CONSTANT", "the other side does not speak HTTP"
			e.Waiting.Lasting = true
		} else if strings.Contains(text, "server closed idle connection") || strings.Contains(text, "readLoopPeekFailLocked") {
			e.Code, e.Reason = "UND_ERR_SOCKET", errClosedByPeer
		}
	}
	return wrapped
}

// hostPort returns host:port with the scheme's port where none is given.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow prepares r for where a redirect leads.
func follow(r *Request, at *url.URL, status int, location string, count int) (*url.URL, error) {
	fail := func(reason string) (*url.URL, error) {
		return nil, &Error{Op: r.Method, Target: Redact(at.String()), Reason: reason}
	}
	if r.Redirect == RedirectError {
		return fail("unexpected redirect")
	}
	next, err := at.Parse(location)
	if err != nil {
		return fail("redirect to an invalid URL")
	}
	if next.Scheme != "http" && next.Scheme != "https" {
		return fail("redirect to a URL that is neither http nor https")
	}
	if count >= maxRedirects {
		return fail("redirect count exceeded")
	}
	toGet := (status == http.StatusMovedPermanently || status == http.StatusFound) && r.Method == http.MethodPost ||
		status == http.StatusSeeOther && r.Method != http.MethodGet && r.Method != http.MethodHead
	if toGet {
		r.Method, r.Body = http.MethodGet, nil
		for _, key := range []string{"Content-Encoding", "Content-Language", "Content-Location", "Content-Type", "Content-Length"} {
			r.Header.Del(key)
		}
	}
	if next.Scheme != at.Scheme || hostPort(next) != hostPort(at) {
		for _, key := range []string{"Authorization", "Proxy-Authorization", "Cookie", "Host"} {
			r.Header.Del(key)
		}
	}
	return next, nil
}

func finish(ctx context.Context, r Request, response *http.Response, at *url.URL, redirected bool) *Response {
	shown := *at
	shown.Fragment, shown.RawFragment = "", ""
	_, text, _ := strings.Cut(response.Status, " ")
	return &Response{
		Status:     response.StatusCode,
		StatusText: text,
		Header:     response.Header,
		URL:        shown.String(),
		Redirected: redirected,
		Body:       newBody(ctx, decode(r.Method, response), Redact(shown.String())),
	}
}

// discard reads what is left of a body where that is little, so that the
// connection can be used again, and closes it.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}
