package network

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// publish runs the test server in a container and returns the address of the
// host on which its port 8080 is published.
func publish(t *testing.T, args ...string) string {
	t.Helper()
	api, group := enginetest.API(t), enginetest.Group(t)
	call := func(method, path string, query url.Values, body, into any) {
		t.Helper()
		if err := api.Do(t.Context(), method, path, query, body, into); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	var made struct{ ID string }
	call(http.MethodPost, "/containers/create", url.Values{"name": {group}}, map[string]any{
		"Image": enginetest.Image(t), "Cmd": args,
		"Labels":       map[string]string{"miniboss.group": group},
		"ExposedPorts": map[string]any{"8080/tcp": struct{}{}},
		"HostConfig": map[string]any{
			"PortBindings": map[string]any{"8080/tcp": []map[string]string{{"HostIp": "127.0.0.1", "HostPort": "0"}}},
		},
	}, &made)
	call(http.MethodPost, "/containers/"+made.ID+"/start", nil, nil, nil)
	var container struct {
		NetworkSettings struct {
			Ports map[string][]struct{ HostPort string }
		}
	}
	call(http.MethodGet, "/containers/"+made.ID+"/json", nil, nil, &container)
	return net.JoinHostPort("127.0.0.1", container.NetworkSettings.Ports["8080/tcp"][0].HostPort)
}

// TestProbeTCPIsNotFooledByThePortProxy asks a published port behind which
// nothing listens. A bare connect succeeds there where the engine's proxy takes
// it.
func TestProbeTCPIsNotFooledByThePortProxy(t *testing.T) {
	t.Parallel()
	address := publish(t)
	fooled := 0
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			fooled++
			conn.Close()
		}
		r, err := ProbeTCP(t.Context(), address)
		if err != nil || r.Ready {
			t.Fatalf("ready although nothing listens: %+v %v", r, err)
		}
	}
	t.Logf("%d of 200 bare connects succeeded", fooled)
}

// TestProbeTCPThroughThePortProxy shows that the first yes means that the
// server in the container answers.
func TestProbeTCPThroughThePortProxy(t *testing.T) {
	t.Parallel()
	address := publish(t, "-tcp", ":8080", "-delay", "700ms")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for attempts := 1; ; attempts++ {
		r, err := ProbeTCP(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		if r.Ready {
			if attempts == 1 {
				t.Error("ready at the first attempt, before the server listened")
			}
			break
		}
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer := make([]byte, 5)
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(answer); err != nil || string(answer[:n]) != "hello" {
		t.Errorf("got %q %v", answer[:n], err)
	}
}
