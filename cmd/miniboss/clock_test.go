package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/internal/enginetest"
)

// TestEngineClock: the engine's clock is not ours, and nothing is different.
func TestEngineClock(t *testing.T) {
	t.Parallel()
	image := enginetest.Image(t)
	for _, by := range []time.Duration{0, -time.Hour, -time.Second, 200 * time.Millisecond, time.Second, 30 * time.Second} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			p := newSkewedProject(t, image, by)
			p.run("start")
			for range 4 {
				p.run("restart")
			}
			for range 2 {
				p.run("stop")
				p.run("start")
			}
			if out := p.run("start"); !strings.Contains(out, "app: unchanged") {
				t.Errorf("start again:\n%s", out)
			}
			// It has said so at each start.
			if out := p.run("logs", "--since", "1h", "app"); strings.Count(out, "listening") != 7 {
				t.Errorf("logs of the last hour:\n%s", out)
			}
			p.follows()
			if out := p.run("status", "app"); !regexp.MustCompile(` (\d|[1-5]\d)s +-\n`).MatchString(out) {
				t.Errorf("the uptime is not under a minute:\n%s", out)
			}
		})
	}
}

// skewedProject is a directory with a service file, and an engine whose clock is
// not ours.
type skewedProject struct {
	testing.TB
	dir string
	env []string
}

func newSkewedProject(t testing.TB, image string, by time.Duration) *skewedProject {
	dir := t.TempDir()
	file := fmt.Sprintf(`import { Service, groupName } from "miniboss";
groupName(%q);
export class App extends Service {
  name = "app"; image = %q; stopSignal = "SIGKILL"; cmd = ["-out", "listening"];
  async ping() {
    const since = new Date();
    const last = await this.logs({ since: 30 });
    if (!last.includes("listening") || await this.logs({ since: "1h" }) === "") return false;
    return (await this.logs({ since: new Date(since.getTime() + 60000) })) === "";
  }
}
`, enginetest.Group(t), image)
	if err := os.WriteFile(filepath.Join(dir, "miniboss.js"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return &skewedProject{TB: t, dir: dir, env: append(os.Environ(), "DOCKER_HOST="+enginetest.Skewed(t, by), "HOME="+t.TempDir())}
}

func (p *skewedProject) command(ctx context.Context, args ...string) *exec.Cmd {
	p.Helper()
	cmd := exec.CommandContext(ctx, "miniboss", args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

func (p *skewedProject) run(args ...string) string {
	p.Helper()
	out, err := p.command(p.Context(), args...).CombinedOutput()
	if err != nil {
		p.Fatalf("miniboss %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// follows waits for what logs -f --since shows.
func (p *skewedProject) follows() {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), time.Minute)
	defer cancel()
	cmd := p.command(ctx, "logs", "-f", "--since", "10m", "app")
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.Contains(lines.Text(), "listening") {
		p.Errorf("logs -f --since 10m shows %q", lines.Text())
	}
	cancel()
	_ = cmd.Wait() // it was ended
}
