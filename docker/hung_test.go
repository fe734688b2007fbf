package docker

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/client"
)

// An engine that answers pings and nothing else, as one whose locks are stuck, is
// given up after minutes: each call says what was asked, and none asks on and
// waits as long again.
func TestHungEngine(t *testing.T) {
	const says = ": the engine at tcp://engine:1 does not answer: no answer within 5 minutes"
	doing := map[string]string{
		"list": "list containers", "state": "inspect container abc", "inspect": "inspect container abc", "changes": "inspect container abc",
		"create": `create container "x"`, "start": "start container abc", "remove": "remove container abc", "rename": `rename container abc to "x"`,
		"exec": "exec in container abc", "exec attached": "exec in container abc", "start attached": "run container abc",
		"logs": "read the log of container abc", "image": `look for image "x:1"`, "build": "build of ../internal/chaos/testdata/collection/app",
		"remove image": "remove image abc", "remove name": `remove the name "x:1" of an image`,
		"look network": `look for network "x"`, "networks": "list networks", "network": `create network "x"`, "remove network": "remove network abc",
		"volumes": "list volumes", "look volume": `look for volume "x"`, "volume": `create volume "x"`, "remove volume": `remove volume "x"`,
	}
	for name, call := range calls {
		want, after := doing[name]+says, answerLimit
		switch name {
		case "stop": // of a container that has a minute
			want = "stop container abc: the engine did not stop it within 1m10s, and killing it failed: no answer within 10s"
			after = time.Minute + stopMargin + killMargin
		case "pull", "watch": // which wait themselves
			want, after = "", time.Hour
		}
		t.Run(name, func(t *testing.T) { giveUp(t, nil, call, want, after) })
	}
	// A command in a container is made first, and then started.
	for _, name := range []string{"exec", "exec attached"} {
		t.Run(name+", start", func(t *testing.T) { giveUp(t, []string{"/exec"}, calls[name], doing[name]+says, answerLimit) })
	}
}

// A connection that is closed before the answer, and one that cannot be made, are
// told of in words.
func TestConnectionsThatAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		const want = "start container abc: the engine at tcp://engine:1 does not answer: it closed the connection"
		if err := e.Start(t.Context(), "abc"); err == nil || err.Error() != want {
			t.Error(err)
		}
	})
	socket := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	api, err := client.NewClientWithOpts(client.WithHost(socket), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{api: api, host: socket, clock: &clock{}}
	want := "start container abc: the engine at " + socket + " does not answer: cannot connect to it"
	if err := e.Start(t.Context(), "abc"); err == nil || err.Error() != want {
		t.Error(err)
	}
}

// giveUp makes a call to an engine that answers pings and requests whose paths end
// so, and compares what it says, and when.
func giveUp(t *testing.T, answered []string, call func(context.Context, *Engine) error, want string, after time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		e := behind(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for _, path := range append(answered, "/_ping") {
				if strings.HasSuffix(r.URL.Path, path) {
					_, _ = io.WriteString(w, `{"Id":"x"}`)
					return
				}
			}
			<-r.Context().Done()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		err := call(ctx, e)
		if took := time.Since(began); took != after || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%v after %s", err, took)
		}
	})
}
