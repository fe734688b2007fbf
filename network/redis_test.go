package network

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/network/networktest"
)

func TestRedis(t *testing.T) {
	t.Parallel()
	server := networktest.Redis(t)
	r, err := OpenRedis(server.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	command := func(want any, name string, args ...any) {
		t.Helper()
		got, err := r.Command(t.Context(), name, args...)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s %v: got %#v %v, want %#v", name, args, got, err, want)
		}
	}
	command("PONG", "PING")
	command("OK", "SET", "k", "é")
	command("é", "GET", "k")
	command(nil, "GET", "none")
	command(int64(2), "INCRBY", "n", int64(2))
	command(int64(2), "HSET", "h", "a", int64(1), "b", 2.5)
	command([]any{"a", "1", "b", "2.5"}, "HGETALL", "h")
	command("OK", "MULTI") // the next command finds the same connection
	command("QUEUED", "PING")
	command([]any{"PONG"}, "EXEC")
	_, err = r.Command(t.Context(), "LPUSH", "k", "x")
	var e *Error
	if !errors.As(err, &e) || e.Code != "WRONGTYPE" || !strings.HasPrefix(err.Error(), "command: WRONGTYPE Operation against a key") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.Command(ctx, "BLPOP", "nothing", int64(0)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	command("PONG", "PING")

	probe := func(url, reason string) {
		t.Helper()
		got, err := ProbeRedis(t.Context(), url)
		if err != nil || strings.Contains(got.Reason, "p4ss") {
			t.Errorf("%v %v", got, err)
		}
		wantReadiness(t, got, reason)
	}
	wrong := strings.Replace(server.URL(""), server.Password, "wr0ng-p4ss", 1)
	probe(server.URL(""), "")
	probe(wrong, "connect "+server.Addr+": WRONGPASS invalid username-password pair or user is disabled.")
	probe("redis://"+server.Addr, "connect "+server.Addr+": NOAUTH Authentication required.")
	probe("redis://u:p4ss@"+networktest.RefusedAddr(t)+"/0", "connection refused")

	server.Kill()
	if _, err := r.Command(t.Context(), "PING"); err == nil {
		t.Error("no error after the server was killed")
	}
	probe(server.URL(""), "connection refused")
	server.Start()
	command("PONG", "PING")
	for url, want := range map[string]string{
		"redis://u:p4ss@h/x":         `invalid URL "redis://***@h/x": invalid database number: "x"`,
		"redis://u:p4ss@h?db=-1":     `invalid URL "redis://***@h?db=-1": invalid database number: "-1"`,
		"redis://u:p4ss@h?timeout=1": `invalid URL "redis://***@h?timeout=1": unknown parameter "timeout", use db`,
	} {
		if _, err := OpenRedis(url); !isMistake(err) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", url, err, want)
		}
	}
	other, err := OpenRedis(strings.TrimSuffix(server.URL(""), "/0") + "?db=3")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if got, err := other.Command(t.Context(), "GET", "k"); got != nil || err != nil {
		t.Errorf("database 3 has the key of database 0: %v %v", got, err)
	}
}
