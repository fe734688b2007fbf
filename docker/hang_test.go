package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/client"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// behind connects an Engine to a handler through pipes in memory, so that a
// test with synctest waits for minutes in no time.
func behind(t *testing.T, handler http.HandlerFunc) *Engine {
	t.Helper()
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	dial := func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case listener.conns <- theirs:
			return ours, nil
		case <-listener.closed:
			return nil, errors.New("closed")
		}
	}
	engineClock := &clock{}
	api, err := newClient(localAnswer, engineClock, client.WithHost("tcp://engine:1"), client.WithVersion("1.41"),
		client.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = api.Close()
		_ = server.Close()
	})
	return &Engine{api: api, host: "tcp://engine:1", os: "linux", auth: &credentials{dir: t.TempDir()}, clock: engineClock}
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// upgraded answers with a connection, as the engine does for what is attached.
func upgraded(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err) // it is the server's goroutine: the request fails, and the test with it
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
	return conn
}

// running answers a list, or an inspection, with a container that runs.
func running(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/containers/json") {
		_, _ = io.WriteString(w, `[{"Id":"abc","State":"running"}]`)
		return
	}

	_, _ = io.WriteString(w, `{"Id":"abc","State":{"Status":"running","Running":true},"Config":{},"HostConfig":{}}`)
}

func TestStopOfAnEngineThatHangs(t *testing.T) {
	for name, c := range map[string]struct {
		hangs []string // ends of the paths that are never answered
		want  string   // "": it is stopped
	}{
		"stop hangs, kill works": {[]string{"/stop"}, ""},
		"everything hangs":       {[]string{"/stop", "/kill", "/json", "/wait"}, "the engine did not stop it within 15s, and killing it failed"},
		"the end never comes":    {[]string{"/stop", "/wait"}, "the engine did not stop it within 15s, and "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var killed atomic.Bool
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					for _, path := range c.hangs {
						if strings.HasSuffix(r.URL.Path, path) {
							<-r.Context().Done()
							return
						}
					}
					switch {
					case strings.HasSuffix(r.URL.Path, "/json"):
						running(w, r)
					case strings.HasSuffix(r.URL.Path, "/kill"):
						killed.Store(true)
						w.WriteHeader(http.StatusNoContent)
					case strings.HasSuffix(r.URL.Path, "/wait"):
						_, _ = io.WriteString(w, `{"StatusCode":137}`)
					}
				})
				began := time.Now()
				err := e.Stop(t.Context(), "abc", 5*time.Second)
				if took := time.Since(began); took > 5*time.Second+stopMargin+killMargin {
					t.Errorf("took %s", took)
				}
				if c.want == "" && (err != nil || !killed.Load()) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%v, killed %t", err, killed.Load())
				}
			})
		})
	}
}

func TestStopOfAnEngineThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var killed atomic.Bool
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/json"):
				running(w, r)
			case strings.HasSuffix(r.URL.Path, "/stop"):
				http.Error(w, "cannot stop: tried to kill container, but did not receive an exit event", http.StatusInternalServerError)
			case strings.HasSuffix(r.URL.Path, "/kill"):
				killed.Store(true)
			case strings.HasSuffix(r.URL.Path, "/wait"):
				_, _ = io.WriteString(w, `{"StatusCode":137}`)
			}
		})
		if err := e.Stop(t.Context(), "abc", time.Second); err != nil || !killed.Load() {
			t.Errorf("%v, killed %t", err, killed.Load())
		}
	})
}

func TestRemoveDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				http.Error(w, "removal of container abc is already in progress", http.StatusConflict)
				return
			}
			<-r.Context().Done()
		})
		if err := e.Remove(t.Context(), "abc"); err == nil || !strings.Contains(err.Error(), "already in progress") {
			t.Error(err)
		}
	})
}

// calls are all that the engine is asked for.
var calls = map[string]func(context.Context, *Engine) error{
	"list": func(ctx context.Context, e *Engine) error {
		_, err := e.Containers(ctx, runtime.Selector{})
		return err
	},
	"state": func(ctx context.Context, e *Engine) error { _, err := e.State(ctx, "abc"); return err },
	"watch": func(ctx context.Context, e *Engine) error { _, err := e.Watch(ctx, "group"); return err },
	"create": func(ctx context.Context, e *Engine) error {
		_, err := e.Create(ctx, "x", []byte(`{}`), runtime.Labels{})
		return err
	},
	"start":   func(ctx context.Context, e *Engine) error { return e.Start(ctx, "abc") },
	"stop":    func(ctx context.Context, e *Engine) error { return e.Stop(ctx, "abc", time.Minute) },
	"remove":  func(ctx context.Context, e *Engine) error { return e.Remove(ctx, "abc") },
	"rename":  func(ctx context.Context, e *Engine) error { return e.Rename(ctx, "abc", "x") },
	"inspect": func(ctx context.Context, e *Engine) error { _, err := e.InspectContainer(ctx, "abc"); return err },
	"changes": func(ctx context.Context, e *Engine) error {
		_, err := e.Changes(ctx, "abc", []byte(`{"Config":{},"HostConfig":{},"NetworkingConfig":{}}`))
		return err
	},
	"exec": func(ctx context.Context, e *Engine) error {
		_, err := e.Exec(ctx, "abc", runtime.ExecOptions{})
		return err
	},
	"logs": func(ctx context.Context, e *Engine) error {
		_, err := e.Logs(ctx, "abc", runtime.LogOptions{})
		return err
	},
	"exec attached": func(ctx context.Context, e *Engine) error {
		_, err := e.ExecAttached(ctx, "abc", runtime.ExecOptions{}, runtime.Streams{Stdout: io.Discard, Stderr: io.Discard})
		return err
	},
	"start attached": func(ctx context.Context, e *Engine) error {
		_, err := e.StartAttached(ctx, "abc", runtime.Streams{Stdout: io.Discard, Stderr: io.Discard})
		return err
	},
	"image": func(ctx context.Context, e *Engine) error { _, err := e.Image(ctx, "x:1"); return err },
	"pull":  func(ctx context.Context, e *Engine) error { return e.Pull(ctx, "x:1", "", nil) },
	"build": func(ctx context.Context, e *Engine) error {
		_, err := e.Build(ctx, runtime.BuildOptions{Tag: "x:1", Build: spec.Build{Context: "../internal/chaos/testdata/collection/app"}}, func(runtime.Progress) {})
		return err
	},
	"remove image":   func(ctx context.Context, e *Engine) error { return e.RemoveImage(ctx, "abc") },
	"remove name":    func(ctx context.Context, e *Engine) error { return e.RemoveName(ctx, "x:1") },
	"look network":   func(ctx context.Context, e *Engine) error { _, err := e.Network(ctx, "x"); return err },
	"networks":       func(ctx context.Context, e *Engine) error { _, err := e.Networks(ctx, "x"); return err },
	"remove network": func(ctx context.Context, e *Engine) error { return e.RemoveNetwork(ctx, "abc") },
	"volumes":        func(ctx context.Context, e *Engine) error { _, err := e.Volumes(ctx, "x"); return err },
	"volume":         func(ctx context.Context, e *Engine) error { return e.CreateVolume(ctx, "x", runtime.Labels{}) },
	"look volume":    func(ctx context.Context, e *Engine) error { _, err := e.HasVolume(ctx, "x"); return err },
	"remove volume":  func(ctx context.Context, e *Engine) error { return e.RemoveVolume(ctx, "x") },
	"network": func(ctx context.Context, e *Engine) error {
		_, err := e.CreateNetwork(ctx, "x", runtime.Labels{})
		return err
	},
}

func TestCallsEndWithTheirContext(t *testing.T) {
	const limit = time.Second
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := behind(t, func(_ http.ResponseWriter, r *http.Request) {
					// A server sees that its client has gone only when it has read everything.
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				})
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				began := time.Now()
				if err := call(ctx, e); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > limit {
					t.Errorf("%v after %s", err, time.Since(began))
				}
			})
		})
	}
}

// An engine that answers nothing any more, also no ping, is given up soon.
func TestSilentEngine(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := behind(t, func(_ http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				})
				began := time.Now()
				err := call(t.Context(), e)
				if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "the engine at tcp://engine:1 does not answer: it does not even answer a ping") || took > time.Minute {
					t.Errorf("%v after %s", err, took)
				}
				// The next one does not wait as long again.
				began = time.Now()
				if _, err := e.State(t.Context(), "abc"); err == nil || time.Since(began) > silentLimit {
					t.Errorf("then %v after %s", err, time.Since(began))
				}
			})
		})
	}
}

// One that falls silent in the middle of an answer is given up too.
func TestSilentInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/images/create") {
				_, _ = io.WriteString(w, `{"status":"Downloading","id":"abc"}`)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		began := time.Now()
		if err := e.Pull(t.Context(), "x:1", "", nil); err == nil || !strings.Contains(err.Error(), "not even answer a ping") || time.Since(began) > time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

// A command whose connection says nothing goes on as long as pings are answered,
// and is given up when they are not.
func TestSilentWhileAttached(t *testing.T) {
	for _, name := range []string{"exec", "exec attached", "start attached"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				const quiet = time.Hour
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					switch {
					case time.Since(began) >= quiet:
						<-r.Context().Done()
					case strings.HasSuffix(r.URL.Path, "/wait"):
						w.WriteHeader(http.StatusOK) // and the end comes later
						_ = http.NewResponseController(w).Flush()
						<-r.Context().Done()
					case r.Header.Get("Upgrade") != "":
						conn := upgraded(w)
						_, _ = io.Copy(io.Discard, conn)
						_ = conn.Close()
					case strings.HasSuffix(r.URL.Path, "/json"):
						running(w, r)
					case strings.HasSuffix(r.URL.Path, "/containers/abc/start"):
						w.WriteHeader(http.StatusNoContent)
					default:
						_, _ = io.WriteString(w, `{"Id":"x"}`)
					}
				})
				err := calls[name](t.Context(), e)
				if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "the engine at tcp://engine:1 does not answer: it does not even answer a ping") || took < quiet || took > quiet+time.Minute {
					t.Errorf("%v after %s", err, took)
				}
			})
		})
	}
}

// The output of a container that has ended is waited for, also where it comes late
// or is read late, but not for ever.
func TestOutputWithoutAnEnd(t *testing.T) {
	for name, c := range map[string]struct {
		late   time.Duration // until the last output; 0: none comes
		blocks time.Duration // of the reader, at each write
		text   string
		after  time.Duration
	}{
		"nothing more comes": {0, 0, "one\n", 20 * time.Second},
		"more comes":         {5 * time.Second, 0, "one\ntwo\n", 30 * time.Second},
		"it is read late":    {time.Second, time.Minute, "one\ntwo\n", 2*time.Minute + 20*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/wait"):
						_, _ = io.WriteString(w, `{"StatusCode":7}`)
					case r.Header.Get("Upgrade") != "":
						conn := upgraded(w)
						_, _ = conn.Write(frame(1, "one\n"))
						if c.late > 0 {
							time.Sleep(c.late)
							_, _ = conn.Write(frame(1, "two\n"))
						}
						_, _ = io.Copy(io.Discard, conn)
						_ = conn.Close()
					case strings.HasSuffix(r.URL.Path, "/json"):
						running(w, r)
					default:
						w.WriteHeader(http.StatusNoContent)
					}
				})
				began := time.Now()
				out := &slowWriter{blocks: c.blocks}
				code, err := e.StartAttached(t.Context(), "abc", runtime.Streams{Stdout: out, Stderr: io.Discard})
				unended := errors.Is(err, runtime.ErrOutputUnended)
				if took := time.Since(began); !unended || code != 7 || out.String() != c.text || took > c.after {
					t.Errorf("%d, %v, %q after %v", code, err, out, took)
				}
			})
		})
	}
}

type slowWriter struct {
	strings.Builder
	blocks time.Duration
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.blocks)
	return w.Builder.Write(p)
}

// A connection that is cut while the command runs is no end of the command: half
// a dump of a database would be taken for a whole one.
func TestExecThatIsCut(t *testing.T) {
	for _, name := range []string{"exec", "exec attached"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					switch {
					case r.Header.Get("Upgrade") != "":
						_ = upgraded(w).Close()
					case strings.HasSuffix(r.URL.Path, "/json"):
						_, _ = io.WriteString(w, `{"Running":true}`)
					default:
						_, _ = io.WriteString(w, `{"Id":"x"}`)
					}
				})
				err := calls[name](t.Context(), e)
				if want := "exec in container abc: the connection to the command was lost while the command was still running"; err == nil || err.Error() != want {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// A log whose connection is cut, at the end of a frame or within one, is no whole
// log; one that the engine itself ends is, also within a frame.
func TestLogsThatAreCut(t *testing.T) {
	for name, c := range map[string]struct {
		tty  bool
		sent []byte
		text string
		cut  bool
	}{
		"between frames":        {false, frame(1, "one\n"), "one\n", true},
		"within a frame":        {false, slices.Concat(frame(1, "one\n"), frame(2, "two\n")[:10]), "one\ntw", true},
		"before any":            {false, nil, "", true},
		"of a terminal":         {true, []byte("one\r\n"), "one\r\n", true},
		"ended":                 {false, frame(1, "one\n"), "one\n", false},
		"ended, within a frame": {false, frame(1, "one\n")[:10], "on", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/json") {
						_, _ = fmt.Fprintf(w, `{"Id":"abc","State":{},"Config":{"Tty":%t},"HostConfig":{}}`, c.tty)
						return
					}
					_, _ = w.Write(c.sent)
					_ = http.NewResponseController(w).Flush()
					if c.cut {
						panic(http.ErrAbortHandler)
					}
				})
				reader, err := e.Logs(t.Context(), "abc", runtime.LogOptions{})
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(reader)
				want := "<nil>"
				if c.cut {
					want = "read the log of container abc: the connection to the engine at tcp://engine:1 was lost"
				}
				if string(text) != c.text || fmt.Sprint(err) != want {
					t.Errorf("%q, %v", text, err)
				}
				if err := reader.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// The engine refuses the log of a container that it is about to remove, which is
// then as good as gone; and that of one whose removal has failed.
func TestLogsOfARemovedContainer(t *testing.T) {
	for after, want := range map[string]string{
		`{"State":{"Status":"removing"},"Config":{},"HostConfig":{}}`: "read the log of container abc: it is being removed: not found",
		"": "read the log of container abc: it is being removed: not found",
		`{"State":{"Status":"dead"},"Config":{},"HostConfig":{}}`: "read the log of container abc: can not get logs from container which is dead or marked for removal",
	} {
		t.Run(after, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				state := `{"State":{"Status":"running"},"Config":{},"HostConfig":{}}`
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/logs"):
						state = after
						w.Header().Set("Content-Type", "application/json")
						w.WriteHeader(http.StatusConflict)
						_, _ = io.WriteString(w, `{"message":"can not get logs from container which is dead or marked for removal"}`)
					case state == "":
						w.WriteHeader(http.StatusNotFound)
					default:
						_, _ = io.WriteString(w, state)
					}
				})
				_, err := e.Logs(t.Context(), "abc", runtime.LogOptions{})
				if err == nil || err.Error() != want {
					t.Errorf("%v", err)
				}
				if gone := strings.HasSuffix(want, "not found"); errors.Is(err, runtime.ErrNotFound) != gone {
					t.Errorf("counts as gone: %t", !gone)
				}
			})
		})
	}
}

// What is cut in the middle of its answer says that it was.
func TestAnswersThatAreCut(t *testing.T) {
	for name, doing := range map[string]string{
		"pull": `pull "x:1" from docker.io`, "build": "build of ../internal/chaos/testdata/collection/app", "start attached": "run container abc", "list": "list containers",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := behind(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					switch {
					case r.Header.Get("Upgrade") != "":
						_ = upgraded(w).Close()
						return
					case strings.HasSuffix(r.URL.Path, "/abc/json"):
						running(w, r)
						return
					case strings.HasSuffix(r.URL.Path, "/abc/start"):
						return
					case strings.HasSuffix(r.URL.Path, "/version"):
						_, _ = io.WriteString(w, `{}`)
						return
					}
					_, _ = io.WriteString(w, `{"status":`)
					_ = http.NewResponseController(w).Flush()
					panic(http.ErrAbortHandler)
				})
				err := calls[name](t.Context(), e)
				if want := doing + ": the connection to the engine at tcp://engine:1 was lost"; err == nil || err.Error() != want {
					t.Error(err)
				}
			})
		})
	}
}

// An engine that falls silent in the middle of a log is named.
func TestSilentInTheMiddleOfALog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/json"):
				running(w, r)
				return
			case strings.HasSuffix(r.URL.Path, "/logs"):
				_, _ = w.Write(frame(1, "one\n"))
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		reader, err := e.Logs(t.Context(), "abc", runtime.LogOptions{})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		text, err := io.ReadAll(reader)
		const want = "read the log of container abc: the engine at tcp://engine:1 does not answer: it does not even answer a ping"
		if string(text) != "one\n" || fmt.Sprint(err) != want || time.Since(began) > time.Minute {
			t.Errorf("%q, %v after %s", text, err, time.Since(began))
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	})
}

// An engine that does not come back is told of after a minute, however its
// refusals and the stream's goroutines meet: hence some times.
func TestWatchIsLostInTime(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int32
			e := behind(t, func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) > 1 {
					panic(http.ErrAbortHandler)
				}
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Second)
			})
			ctx, cancel := context.WithCancel(t.Context())
			began := time.Now()
			events, err := e.Watch(ctx, "group")
			if err != nil {
				t.Fatal(err)
			}
			event := <-events
			if took := time.Since(began); event.Action != runtime.EventLost || took > time.Second+lostAfter+lastRetry {
				t.Errorf("%v after %s", event, took)
			}
			cancel()
			for range events { // it is closed when ctx ends
			}
		})
	}
}

// One that is slow but answers pings is waited for: minutes where there is
// nothing to wait for, and for ever where there is.
func TestSlowEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delay := 4 * time.Minute
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/_ping") {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			select {
			case <-time.After(delay):
			case <-r.Context().Done():
			}
		})
		if err := e.Start(t.Context(), "abc"); err != nil {
			t.Errorf("start: %v", err)
		}
		delay = time.Hour
		if err := e.Pull(t.Context(), "x:1", "", nil); err != nil {
			t.Errorf("pull: %v", err)
		}
		if err := e.Remove(t.Context(), "abc"); err == nil || err.Error() != "remove container abc: the engine at tcp://engine:1 does not answer: no answer within 5 minutes" {
			t.Errorf("remove: %v", err)
		}
	})
}

func TestErrorsAreSentences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"message":"No such container: abcdefabcdefabcdef"}`)
		})
		_, err := e.State(t.Context(), "abcdefabcdefabcdef")
		if !errors.Is(err, runtime.ErrNotFound) || err.Error() != "inspect container abcdefabcdef: No such container: abcdefabcdefabcdef" {
			t.Error(err)
		}
	})
}

func TestNetworkWhoseCountIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				http.Error(w, "error while removing network: network x id abc has active endpoints", http.StatusForbidden)
				return
			}
			_, _ = io.WriteString(w, `{"Name":"x","Id":"abc","Containers":{}}`)
		})
		err := e.RemoveNetwork(t.Context(), "abc")
		if err == nil || !strings.HasPrefix(err.Error(), `remove network "x": the engine counts containers on it, but there are none`) {
			t.Error(err)
		}
	})
}

func TestAddressRangesUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network", http.StatusInternalServerError)
		})
		if _, err := e.CreateNetwork(t.Context(), "x", runtime.Labels{}); err == nil || !strings.Contains(err.Error(), "docker network prune") {
			t.Error(err)
		}
	})
}

func TestPortTexts(t *testing.T) {
	req, err := decodeRequest([]byte(`{"HostConfig": {"PortBindings": {
		"80/tcp": [{"HostPort": "8080"}], "53/udp": [{"HostPort": "8080"}], "81/tcp": [{"HostPort": "80"}], "82/tcp": [{"HostPort": ""}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:8080 failed: port is already allocated":        "80/tcp 8080",
		"Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use":                                         "80/tcp 8080",
		"Error starting userland proxy: listen udp4 0.0.0.0:8080: bind: address already in use":                                         "53/udp 8080",
		"failed to bind host port for 0.0.0.0:80:172.17.0.2:81/tcp: address already in use":                                             "81/tcp 80",
		"Ports are not available: exposing port TCP 0.0.0.0:8080 -> 127.0.0.1:0: listen tcp 0.0.0.0:8080: bind: address already in use": "80/tcp 8080",
		"rootlessport listen tcp 0.0.0.0:80: bind: address already in use":                                                              "81/tcp 80",
		"listen tcp4 0.0.0.0:18080: bind: address already in use":                                                                       "",
		"listen tcp4 0.0.0.0:80801: bind: address already in use":                                                                       "",
	} {
		port, binding, ok := portInText(text, req.HostConfig.PortBindings)
		if !takenSigns.MatchString(text) {
			t.Errorf("%s: not seen", text)
		}
		if got := strings.TrimSpace(string(port) + " " + binding.HostPort); got != want || ok != (want != "") {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
