package js

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/network/networktest"
	"github.com/miniboss/miniboss/runtime/spec"
)

// answering is a server that answers each connection's first bytes with some
// bytes, and closes it; one that speaks as Redis answers each request so.
func answering(t *testing.T, answer string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for request := make([]byte, 4096); ; {
					if _, err := conn.Read(request); err != nil {
						return
					}
					if _, _ = io.WriteString(conn, answer); !strings.HasPrefix(answer, "-") {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// postgresRefusal is how a PostgreSQL server refuses a connection.
func postgresRefusal(code, message string) string {
	fields := "SFATAL\x00VFATAL\x00C" + code + "\x00M" + message + "\x00\x00"
	return "E" + string(binary.BigEndian.AppendUint32(nil, uint32(len(fields)+4))) + fields
}

// What a ping throws because of a connection means "not yet", as it would in a
// probe; anything else fails the service.
func TestPingThatThrows(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/never":
			<-r.Context().Done()
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case "/wrong":
			w.WriteHeader(404)
		default:
			w.WriteHeader(503)
		}
	}))
	t.Cleanup(server.Close)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	t.Cleanup(secure.Close)
	fill := strings.NewReplacer(
		"@REFUSED", networktest.RefusedAddr(t), "@HTTPS", secure.URL, "@HTTP", server.URL, "@EMPTY", answering(t, ""), "@NONSENSE", answering(t, "220 mail\r\n"),
		"@STARTING", answering(t, postgresRefusal("57P03", "the database system is starting up")),
		"@WRONGPW", answering(t, postgresRefusal("28P01", `password authentication failed for user "u"`)),
		"@NODB", answering(t, postgresRefusal("3D000", `database "x" does not exist`)),
		"@LOADING", answering(t, "-LOADING Redis is loading the dataset in memory\r\n"),
		"@NOAUTH", answering(t, "-NOAUTH Authentication required.\r\n"),
	)
	for _, test := range []struct {
		body, reason string
		lasting      bool
	}{
		{`return fetch("http://@REFUSED/").then((r) => r.ok)`, "connect @REFUSED: connection refused", false},
		{`return (await fetch("http://@EMPTY/")).ok`, "GET http://@EMPTY/: connection closed by the other side", false},
		{`return (await fetch("http://@NONSENSE/")).ok`, "GET http://@NONSENSE/: the other side does not speak HTTP", true},
		{`return (await fetch("http://no-such-host.invalid/")).ok`, "look up no-such-host.invalid: no such host", false},
		{`return (await fetch("@HTTP/cut")).text().then((s) => s === "up")`, "read @HTTP/cut: connection closed by the other side", false},
		{`return (await fetch("@HTTPS/")).ok`, "GET @HTTPS/: certificate signed by an unknown authority", true},
		{`return (await fetch("@HTTP/never", { signal: AbortSignal.timeout(20) })).ok`, "TimeoutError: The operation was aborted due to timeout", false},
		{`const c = new AbortController(); setTimeout(() => c.abort(), 20); return (await fetch("@HTTP/never", { signal: c.signal })).ok`,
			"AbortError: This operation was aborted", false},
		{`return (await sql("postgres://u:p@@REFUSED/x").query("SELECT 1")).length === 1`, "connect @REFUSED: connection refused", false},
		{`return (await sql("postgres://u:p@@STARTING/x").query("SELECT 1")).length === 1`, "connect @STARTING: the database system is starting up", false},
		{`return (await sql("postgres://u:p@@WRONGPW/x").query("SELECT 1")).length === 1`, `connect @WRONGPW: password authentication failed for user "u"`, true},
		{`return (await sql("postgres://u:p@@NODB/x").query("SELECT 1")).length === 1`, `connect @NODB: database "x" does not exist`, true},
		{`return (await redis("redis://@REFUSED/").command("PING")) === "PONG"`, "connect @REFUSED: connection refused", false},
		{`return (await redis("redis://@LOADING/").command("PING")) === "PONG"`, "connect @LOADING: LOADING Redis is loading the dataset in memory", false},
		{`return (await redis("redis://@NOAUTH/").command("PING")) === "PONG"`, "connect @NOAUTH: NOAUTH Authentication required.", true},
		// Wrapped by the user.
		{`try { await fetch("http://@REFUSED/") } catch (e) { throw new Error("no API", { cause: e }) }`, "Error: no API: connect @REFUSED: connection refused", false},
		{`try { await fetch("http://@REFUSED/") } catch (e) { throw e.cause }`, "connect @REFUSED: connection refused", false},
		{`return Promise.any([fetch("http://@REFUSED/"), fetch("http://@EMPTY/")]).then((r) => r.ok)`,
			"AggregateError: connect @REFUSED: connection refused; GET http://@EMPTY/: connection closed by the other side", false},
		// Caught by the user, or answered.
		{`try { return (await fetch("http://@REFUSED/")).ok } catch { return false }`, "connect @REFUSED: connection refused", false},
		{`return (await fetch("@HTTP/")).ok`, "GET @HTTP/: status 503", false},
		{`return (await fetch("@HTTP/wrong")).ok`, "GET @HTTP/wrong: status 404", true},
		{`return probe.http("@HTTP/wrong")`, "GET @HTTP/wrong: status 404", true},
		{`return probe.sql("postgres://u:p@@WRONGPW/x")`, `connect @WRONGPW: password authentication failed for user "u"`, true},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			f, _ := loadHook(t, "async ping() {\n  "+fill.Replace(test.body)+";\n}")
			ready, reason, err := f.Services[0].Hooks.Ping(t.Context())
			notYet, _ := errors.AsType[*spec.NotYetError](err)
			if err != nil && notYet == nil || ready {
				t.Fatalf("got %v, %v", ready, describeError(err))
			}
			want := strings.TrimPrefix(fill.Replace(test.reason), "Error: ")
			if lasting := notYet != nil && notYet.Lasting; reason != want || lasting != test.lasting {
				t.Errorf("got %q, lasting %v, want %q", reason, lasting, want)
			}
		})
	}
	for _, test := range []struct{ body, message string }{
		{`return (await fetch("http://@REFUSED:x/")).ok`, "TypeError: Failed to parse URL"},
		{`return (await fetch("ftp://@REFUSED/")).ok`, "unknown scheme"},
		{`return undefined.ok`, "TypeError: Cannot read property 'ok' of undefined"},
		{`return JSON.parse("<html>")`, "SyntaxError"},
		{`try { await fetch("http://@REFUSED/") } catch (e) { throw new Error("no API") }`, "no API"},
		{`return Promise.any([fetch("http://@REFUSED/"), Promise.reject(new Error("mine"))])`, "AggregateError"},
		{`throw new AggregateError([], "none")`, "AggregateError: none"},
		{`const e = new Error("own"); e.name = "TimeoutError"; throw e`, "TimeoutError: own"},
		{`const e = new Error("a circle"); e.cause = e; throw e`, "a circle"},
		{`throw "text"`, "text"},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			f, _ := loadHook(t, "async ping() {\n  "+fill.Replace(test.body)+";\n}")
			_, _, err := f.Services[0].Hooks.Ping(t.Context())
			if notYet, _ := errors.AsType[*spec.NotYetError](err); err == nil || notYet != nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %s", fmt.Sprint(err))
			}
		})
	}
}
