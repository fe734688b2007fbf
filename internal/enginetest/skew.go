package enginetest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Skewed returns the address of an engine whose clock is ahead by a time, or
// behind by a negative one: the tests' engine, behind a proxy that shifts the
// times in its answers, and the other way those in requests.
func Skewed(t testing.TB, by time.Duration) (host string) {
	t.Helper()
	scheme, engine, _ := strings.Cut(Engine(t).Host(), "://")
	dir, err := os.MkdirTemp("", "skew") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "engine.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, scheme, strings.TrimSuffix(engine, "/"))
	}}
	s := skew(by)
	server := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "engine"})
			r.Out.URL.RawQuery = s.query(r.In.URL.Query()).Encode()
		},
		Transport:      transport,
		FlushInterval:  -1,
		ModifyResponse: s.answer,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	})
	return "unix://" + socket
}

// skew is how far the clock is ahead.
type skew time.Duration

func (s skew) query(q url.Values) url.Values {
	for _, key := range []string{"since", "until"} {
		seconds, fraction, _ := strings.Cut(q.Get(key), ".")
		if n, err := strconv.ParseInt(seconds, 10, 64); err == nil {
			nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
			at := time.Unix(n, nanos).Add(-time.Duration(s))
			q.Set(key, strconv.FormatInt(at.Unix(), 10)+"."+at.Format("000000000"))
		}
	}
	return q
}

func (s skew) answer(r *http.Response) error {
	// Whole seconds are all that the header has, so the time is ours.
	r.Header.Set("Date", time.Now().Add(time.Duration(s)).UTC().Format(http.TimeFormat))
	if r.StatusCode != http.StatusSwitchingProtocols {
		r.Body = &skewedBody{ReadCloser: r.Body, skew: s}
	}
	return nil
}

// The times in answers. What they become is as long as they are.
var (
	skewedTimes = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|"(?:time|Created)":\d{10}\b|"timeNano":\d{19}\b`)
	// unfinished is the end of a text that may be the beginning of one.
	unfinished = regexp.MustCompile(`(?:\d{1,4}|\d{4}-[\d:T.-]*|"|"[A-Za-z]{1,8}|"(?:time|Created|timeNano)":?\d*)$`)
)

func (s skew) text(text []byte) []byte {
	return skewedTimes.ReplaceAllFunc(text, func(found []byte) []byte {
		name, number, isNumber := strings.Cut(string(found), `":`)
		if n, err := strconv.ParseInt(number, 10, 64); isNumber && err == nil {
			unit := time.Second
			if name == `"timeNano` {
				unit = time.Nanosecond
			}
			return []byte(name + `":` + strconv.FormatInt(n+int64(time.Duration(s)/unit), 10))
		}
		at, err := time.Parse(time.RFC3339Nano, string(found))
		if err != nil || at.Year() < 2000 { // never
			return found
		}
		layout := "2006-01-02T15:04:05Z"
		if digits := len(found) - len(layout); digits > 0 {
			layout = "2006-01-02T15:04:05." + strings.Repeat("0", digits-1) + "Z"
		}
		return []byte(at.Add(time.Duration(s)).Format(layout))
	})
}

// skewedBody holds back the beginning of a time until the rest comes.
type skewedBody struct {
	io.ReadCloser
	skew  skew
	ready []byte
	rest  []byte
	err   error
}

func (b *skewedBody) Read(p []byte) (int, error) {
	for len(b.ready) == 0 && b.err == nil {
		buffer := make([]byte, 32<<10)
		n, err := b.ReadCloser.Read(buffer)
		text := append(b.rest, buffer[:n]...)
		b.err, b.rest = err, nil
		if cut := unfinished.FindIndex(text); cut != nil && err == nil {
			text, b.rest = text[:cut[0]], append([]byte(nil), text[cut[0]:]...)
		}
		b.ready = b.skew.text(text)
	}
	if len(b.ready) == 0 {
		return 0, b.err
	}
	n := copy(p, b.ready)
	b.ready = b.ready[n:]
	return n, nil
}
