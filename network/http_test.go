package network

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miniboss/miniboss/network/networktest"
)

// newHTTP returns a client and the URL of a server with these handlers.
func newHTTP(t *testing.T, handlers map[string]http.HandlerFunc) (*HTTP, string) {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handler := range handlers {
		mux.HandleFunc(pattern, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	client := NewHTTP()
	t.Cleanup(client.Close)
	return client, server.URL
}

// echo answers with what it was asked, but not with what every request has.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	for _, key := range []string{"Accept", "User-Agent", "Accept-Encoding"} {
		r.Header.Del(key)
	}
	fmt.Fprintf(w, "%s %s %v %s", r.Method, r.URL.Path, r.Header, body)
}

func do(t *testing.T, client *HTTP, r Request) (*Response, string) {
	t.Helper()
	response, err := client.Do(t.Context(), r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer response.Body.Close()
	body, err := response.Body.All()
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	return response, string(body)
}

func TestHTTPRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(other.Close)
	to := func(status int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(status)
			fmt.Fprint(w, "moved")
		}
	}
	client, url := newHTTP(t, map[string]http.HandlerFunc{
		"/301": to(301, "/echo"), "/302": to(302, "/echo"), "/303": to(303, "/echo"), "/307": to(307, "/echo"), "/308": to(308, "/echo"),
		"/loop": to(302, "/loop"), "/ftp": to(302, "ftp://h/"), "/bad": to(302, "http://[::1"), "/300": to(300, "/echo"),
		"/other": to(307, other.URL+"/o"), "/none": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) },
		"/echo": echo,
	})
	for _, test := range []struct{ method, path, want string }{
		{"POST", "/301", "GET /echo map[X:[1]] "},
		{"POST", "/302", "GET /echo map[X:[1]] "},
		{"POST", "/303", "GET /echo map[X:[1]] "},
		{"PUT", "/303", "GET /echo map[X:[1]] "},
		{"PUT", "/301", "PUT /echo map[Authorization:[a] Content-Length:[4] Content-Type:[text/x] X:[1]] body"},
		{"POST", "/307", "POST /echo map[Authorization:[a] Content-Length:[4] Content-Type:[text/x] X:[1]] body"},
		{"POST", "/308", "POST /echo map[Authorization:[a] Content-Length:[4] Content-Type:[text/x] X:[1]] body"},
		{"POST", "/other", "POST /o map[Content-Length:[4] Content-Type:[text/x] X:[1]] body"},
		{"POST", "/300", "moved"},
		{"POST", "/none", ""},
	} {
		header := http.Header{"X": {"1"}, "Content-Type": {"text/x"}, "Authorization": {"a"}}
		response, body := do(t, client, Request{Method: test.method, URL: url + test.path, Header: header, Body: []byte("body")})
		want := strings.Replace(test.want, "map[X:", "map[Authorization:[a] X:", 1)
		if body != want && body != test.want {
			t.Errorf("%s %s: got %s, want %s", test.method, test.path, body, want)
		}
		if wantRedirected := strings.Contains(want, "map["); response.Redirected != wantRedirected {
			t.Errorf("%s %s: redirected %v", test.method, test.path, response.Redirected)
		}
		if len(header) != 3 {
			t.Errorf("%s %s changed the header it was given: %v", test.method, test.path, header)
		}
	}
	for path, want := range map[string]string{
		"/loop": "redirect count exceeded", "/ftp": "redirect to a URL that is neither http nor https", "/bad": "redirect to an invalid URL",
	} {
		if _, err := client.Do(t.Context(), Request{Method: "GET", URL: url + path}); err == nil || err.Error() != "GET "+url+path+": "+want {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if _, err := client.Do(t.Context(), Request{Method: "GET", URL: url + "/301", Redirect: RedirectError}); err == nil || !strings.HasSuffix(err.Error(), "unexpected redirect") {
		t.Errorf("error: got %v", err)
	}
	response, body := do(t, client, Request{Method: "GET", URL: url + "/301#f", Redirect: RedirectManual})
	if response.Status != 301 || response.StatusText != "Moved Permanently" || body != "moved" || response.Redirected || response.URL != url+"/301" {
		t.Errorf("manual: got %+v %s", response, body)
	}
}

func TestHTTPEncodings(t *testing.T) {
	t.Parallel()
	encoded := func(name string, encode func(io.Writer) io.WriteCloser) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", name)
			if r.Method == http.MethodHead {
				return
			}
			e := encode(w)
			fmt.Fprint(e, strings.Repeat("héllo ", 10_000))
			e.Close()
		}
	}
	raw := func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f }
	client, url := newHTTP(t, map[string]http.HandlerFunc{
		"/gzip":    encoded("GZIP", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"/deflate": encoded("deflate", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"/raw":     encoded("deflate", raw),
		"/both": func(w http.ResponseWriter, r *http.Request) {
			encoded("deflate, gzip", func(w io.Writer) io.WriteCloser { return doubly{gzip.NewWriter(w)} })(w, r)
		},
		"/unknown": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, "bytes")
		},
		"/empty": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip") },
		"/lie": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "this is not gzip")
		},
	})
	want := strings.Repeat("héllo ", 10_000)
	for _, path := range []string{"/gzip", "/deflate", "/raw"} {
		response, body := do(t, client, Request{Method: "GET", URL: url + path})
		if body != want || response.Header.Get("Content-Encoding") == "" {
			t.Errorf("%s: %d bytes, header %v", path, len(body), response.Header)
		}
	}
	if _, body := do(t, client, Request{Method: "GET", URL: url + "/both"}); body != want {
		t.Errorf("/both: %d bytes", len(body))
	}
	for path, want := range map[string]string{"/unknown": "bytes", "/empty": ""} {
		if _, body := do(t, client, Request{Method: "GET", URL: url + path}); body != want {
			t.Errorf("%s: %q", path, body)
		}
	}
	do(t, client, Request{Method: "HEAD", URL: url + "/gzip"})
	response, err := client.Do(t.Context(), Request{Method: "GET", URL: url + "/lie"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := response.Body.All(); err == nil || err.Error() != "read "+url+"/lie: gzip: invalid header" {
		t.Errorf("/lie: %v", err)
	}
}

// doubly writes zlib into gzip.
type doubly struct{ outer *gzip.Writer }

func (d doubly) Write(p []byte) (int, error) {
	z := zlib.NewWriter(d.outer)
	n, err := z.Write(p)
	z.Close()
	return n, err
}

func (d doubly) Close() error { return d.outer.Close() }

func TestHTTPErrors(t *testing.T) {
	t.Parallel()
	client, _ := newHTTP(t, nil)
	refused := networktest.RefusedAddr(t)
	closes := serve(t, func(conn net.Conn) { conn.Close() })
	talks := serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		fmt.Fprint(conn, "220 mail\r\n")
		conn.Close()
	})
	for _, test := range []struct{ url, want, code string }{
		{"http://" + refused + "/x", "connect " + refused + ": connection refused", "ECONNREFUSED"},
		{"http://nowhere.invalid/x", "look up nowhere.invalid: no such host", "ENOTFOUND"},
		{"http://" + closes, "GET http://" + closes + ": connection ", ""},
		{"http://" + talks, "GET http://" + talks + ": the other side does not speak HTTP", "HPE_INVALID_CONSTANT"},
		{"https://" + talks, "GET https://" + talks + ": the other side does not speak TLS", "ERR_SSL_WRONG_VERSION_NUMBER"},
		{"ftp://u:pw@h/", `invalid URL "ftp://***@h/": unknown scheme "ftp", use http:// or https://`, ""},
		{"/path", `invalid URL "/path"`, ""},
	} {
		_, err := client.Do(t.Context(), Request{Method: "GET", URL: test.url})
		var e *Error
		_ = errors.As(err, &e)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || test.code != "" && e.Code != test.code {
			t.Errorf("%s: got %v %#v", test.url, err, e)
		}
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := client.Do(t.Context(), Request{Method: "GET", URL: server.URL})
	var e *Error
	if !errors.As(err, &e) || e.Code != "UNABLE_TO_VERIFY_LEAF_SIGNATURE" && e.Code != "DEPTH_ZERO_SELF_SIGNED_CERT" {
		t.Errorf("got %#v", err)
	}
}

// TestHTTPStreams shows that a body is handed out as it comes, is not read far
// ahead, and ends with its context or Close.
func TestHTTPStreams(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	var written atomic.Int64
	gone := make(chan struct{}, 2)
	client, url := newHTTP(t, map[string]http.HandlerFunc{
		"/slow": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "one")
			w.(http.Flusher).Flush()
			select {
			case <-more:
				fmt.Fprint(w, "two")
			case <-r.Context().Done():
			}
		},
		"/endless": func(w http.ResponseWriter, _ *http.Request) {
			defer func() { gone <- struct{}{} }()
			for block := make([]byte, 64<<10); ; {
				n, err := w.Write(block)
				written.Add(int64(n))
				if err != nil {
					return
				}
			}
		},
	})
	response, err := client.Do(t.Context(), Request{Method: "GET", URL: url + "/slow"})
	if err != nil {
		t.Fatal(err)
	}
	if piece, err := response.Body.Next(); string(piece) != "one" || err != nil {
		t.Errorf("got %q %v", piece, err)
	}
	close(more)
	if rest, err := io.ReadAll(response.Body); string(rest) != "two" || err != nil {
		t.Errorf("got %q %v", rest, err)
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	response, err = client.Do(ctx, Request{Method: "GET", URL: url + "/endless"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, response.Body, 50<<20); err != nil {
		t.Error(err)
	}
	// What the kernel's buffers hold is not known; it is far below this.
	if ahead := written.Load() - 50<<20; ahead > 32<<20 {
		t.Errorf("%d bytes ahead", ahead)
	}
	cancel(errors.New("time is up"))
	for err = nil; err == nil; {
		_, err = response.Body.Next()
	}
	if !strings.HasSuffix(err.Error(), "/endless: time is up") {
		t.Errorf("got %v", err)
	}
	<-gone

	response, err = client.Do(t.Context(), Request{Method: "GET", URL: url + "/endless"})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if _, err := response.Body.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after Close: %v", err)
	}
	<-gone
}

// TestHTTPReuses shows that connections are used again, also where nobody
// reads the body.
func TestHTTPReuses(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 50_000))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := NewHTTP()
	t.Cleanup(client.Close)
	for range 20 {
		response, err := client.Do(t.Context(), Request{Method: "GET", URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.arrive(time.Minute) // as long as its user does something else
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for 20 requests", n)
	}
}

func TestHTTPProbe(t *testing.T) {
	t.Parallel()
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				b, _ := io.ReadAll(r.Body)
				body = string(b) + r.Header.Get("X")
			}
			w.Header().Set("Location", "/login?token=t0ken")
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	never := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	client, url := newHTTP(t, map[string]http.HandlerFunc{
		"/204": status(204, ""), "/302": status(302, ""), "/404": status(404, "<html>"), "/503": status(503, "migrating\nmore"),
		"/400": status(400, "\xff\x00"), "/long": status(500, strings.Repeat("é", 300)), "/never": never,
		"/open": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "data: 1\n\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	})
	refused := networktest.RefusedAddr(t)
	for _, test := range []struct {
		probe  HTTPProbe
		reason string
	}{
		{HTTPProbe{URL: "/204"}, ""},
		{HTTPProbe{URL: "/302"}, ""},
		{HTTPProbe{URL: "/open"}, ""},
		{HTTPProbe{URL: "/404", Status: []int{401, 404}}, ""},
		{HTTPProbe{URL: "/404"}, "GET URL/404: status 404"},
		{HTTPProbe{URL: "/503"}, "GET URL/503: status 503: migrating"},
		{HTTPProbe{URL: "/400"}, "GET URL/400: status 400"},
		{HTTPProbe{URL: "/long"}, "GET URL/long: status 500: " + strings.Repeat("é", 200) + "…"},
		{HTTPProbe{URL: "/204", Status: []int{200}}, "GET URL/204: status 204, not 200"},
		{HTTPProbe{URL: "/302", Status: []int{200, 201}}, "GET URL/302: status 302, not 200 or 201 (a redirect to /login?token=***, which a probe does not follow)"},
		{HTTPProbe{URL: "/503", Method: "POST", Body: []byte("b"), Header: http.Header{"X": {"h"}}}, "POST URL/503: status 503: bh"},
		{HTTPProbe{URL: "/never", Timeout: 30 * time.Millisecond}, "GET URL/never: no answer after 30ms"},
	} {
		test.probe.URL = url + test.probe.URL
		r, err := client.Probe(t.Context(), test.probe)
		want := strings.ReplaceAll(test.reason, "URL", url)
		if err != nil || r.Ready != (want == "") || r.Reason != want {
			t.Errorf("%+v:\n got %+v %v\nwant %s", test.probe, r, err, want)
		}
	}
	r, err := client.Probe(t.Context(), HTTPProbe{URL: "http://u:p4ss@" + refused})
	if err != nil || r.Reason != "connect "+refused+": connection refused" {
		t.Errorf("got %v %v", r, err)
	}
	for _, url := range []string{"localhost:8080", "/", "ftp://h/", "http://"} {
		if _, err := client.Probe(t.Context(), HTTPProbe{URL: url}); !isMistake(err) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestProxyIsNotForThisMachine(t *testing.T) {
	// Not parallel: it sets the environment, and the standard library reads
	// the proxies from it once, at the first request that is not local.
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	for host, want := range map[string]bool{
		"localhost:1": false, "app.localhost": false, "127.0.0.1": false, "127.8.0.1:80": false, "[::1]:80": false, "0.0.0.0:80": false,
	} {
		request := httptest.NewRequest("GET", "http://"+host, nil)
		if u, err := proxy(request); (u != nil) != want || err != nil {
			t.Errorf("%s: %v %v", host, u, err)
		}
	}
}
