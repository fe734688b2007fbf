package main

import (
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

func TestStatusTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	status := runtime.Status{Group: "shop", File: "/shop/miniboss.js", Services: []runtime.ServiceStatus{
		{Service: "appdb", State: runtime.StateRunning, Ready: true, Health: "healthy", StartedAt: now.Add(-90 * time.Minute),
			Container: runtime.Container{ID: "1", State: "running", Health: "healthy", Image: "postgres:17", ExitCode: -1,
				Ports: []spec.Port{{Container: 5432, Protocol: "tcp", Host: 5433}, {Container: 53, Protocol: "udp", HostIP: "127.0.0.1", Host: 5300}}}},
		{Service: "todo", State: runtime.StateNotReady, Container: runtime.Container{ID: "2", State: "exited", ExitCode: 3, Image: "sha256:5de6c3ad5f8c0a3b57d0d7d8a2a0c8c1f2f3f4f5f6f7f8f9fafbfcfdfeff0001"},
			Reasons: []string{"env.A changed", "image todo:dev was rebuilt"}, Changes: []spec.Change{{Field: "env.A", Old: "1", New: "2"}}},
		{Service: "web", State: runtime.StateAbsent, LastEnd: &state.LastEnd{At: time.Now().Add(-150 * time.Second), Outcome: "failed", Reason: "no luck"}, Container: runtime.Container{Image: "web:1"}},
		{Service: "late", State: runtime.StateStarting, Unknown: "env.ID is not known before", StartedAt: now.Add(time.Second), Container: runtime.Container{ID: "3", State: "running"}},
		{Service: "old", State: "paused", Orphan: true, StartedAt: now.Add(-50 * time.Hour), Container: runtime.Container{ID: "4", State: "paused", Image: "old:1"}},
	}}
	var b strings.Builder
	if err := writeStatus(&b, status, now, false); err != nil {
		t.Fatal(err)
	}
	const want = `group shop, /shop/miniboss.js

SERVICE  STATE           HEALTH   IMAGE        URLS                                UPTIME  CHANGED
appdb    running         healthy  postgres:17  localhost:5433, localhost:5300/udp  1h 30m  -
todo     not ready (3)   -        5de6c3ad5f8c  -                                   -       env.A changed and 1 more
web      absent          -        web:1        -                                    -       -
late     starting        -        -            -                                    0s      ?
old      orphan, paused  -        old:1        -                                    2d 2h   -

todo: the next start creates a new container:
  env.A: 1 → 2
  image todo:dev was rebuilt

web: its last start failed 2 min ago: no luck

late: cannot tell yet whether it changed: env.ID is not known before
`
	if got := b.String(); squeezed(got) != squeezed(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	b.Reset()
	if err := writeStatus(&b, status, now, true); err != nil || !strings.Contains(b.String(), "\x1b[32mrunning\x1b[m       ") {
		t.Errorf("%v: %q", err, b.String())
	}
}

// squeezed is a table whose columns are two spaces apart, however wide.
func squeezed(text string) string {
	for strings.Contains(text, "   ") {
		text = strings.ReplaceAll(text, "   ", "  ")
	}
	return text
}

func TestParseSince(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*60*60)
	now := time.Date(2026, 1, 2, 15, 4, 5, 0, zone)
	for text, want := range map[string]string{
		"10m":                  "2026-01-02T14:54:05+02:00",
		"1767366000":           "2026-01-02T17:00:00+02:00",
		"2026-01-01":           "2026-01-01T00:00:00+02:00",
		"2026-01-01T10:00":     "2026-01-01T10:00:00+02:00",
		"2026-01-01 10:00:01":  "2026-01-01T10:00:01+02:00",
		"2026-01-01T10:00:00Z": "2026-01-01T12:00:00+02:00",
		"14:00":                "2026-01-02T14:00:00+02:00",
	} {
		if got, err := parseSince(text, now); err != nil || got.In(zone).Format(time.RFC3339) != want {
			t.Errorf("%s: %v %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-10m", "25:00"} {
		if got, err := parseSince(text, now); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 15, 4, 5, 6e6, time.UTC)
	write := func(timestamps, coloured bool, line runtime.LogLine) string {
		var b strings.Builder
		if err := newLogLines(&b, []string{"web", "appdb"}, timestamps, coloured).write(line); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, test := range []struct{ got, want string }{
		{write(false, false, runtime.LogLine{Service: "web", Text: "up", Time: at}), "web   | up\n"},
		{write(true, false, runtime.LogLine{Service: "appdb", Text: "up", Time: at}), "appdb | 2026-01-02T15:04:05.006Z up\n"},
		{write(false, false, runtime.LogLine{Service: "web"}), "web   |\n"},
		{write(false, true, runtime.LogLine{Service: "web", Text: "\x1b[31mred"}), "\x1b[" + nameColour("web") + "mweb   |\x1b[m \x1b[31mred\x1b[m\n"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
