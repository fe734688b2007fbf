//go:build !windows

package js

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestShell compares what commands of Unix give with testdata/shell.txt.
func TestShell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "sub/.env", "A=1\nB=\"two words\" # more\nexport C='$A'\nD=${A}2\n\n# no\n")
	f, lines := hookFile(t, dir, "", `
		const say = (v) => console.log(JSON.stringify(v));
		say(await sh("echo out; echo err >&2"));
		say((await sh("pwd -P; printf %s \"$X $Y\"", { cwd: "sub", env: { X: 1, Y: true, HOME: null } })).stdout.replace(/.*\/sub/, "/sub"));
		say((await sh('echo "[$HOME]"', { env: { HOME: null } })).stdout);
		process.env.SET_HERE = "seen"; say((await sh("echo $SET_HERE")).stdout);
		say(await sh(["printf", "%s|", "a b", "$X", "*"]));
		say((await sh("cat", { input: "héllo" })).stdout + (await sh(["cat"], { input: new Uint8Array([65, 66]) })).stdout + (await sh("cat")).stdout);
		say(await sh("exit 7", { check: false }));
		say((await sh("kill -9 $$", { check: false })).exitCode);
		say((await sh("no-such-command-here", { check: false })).exitCode);
		const failed = (p) => p.then(() => say("fine"), (e) => say([e instanceof Error, e.message, e.code, e.exitCode, e.stdout, e.stderr]));
		await failed(sh("echo some; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i >&2; done; exit 2"));
		await failed(sh("echo only out; exit 1"));
		await failed(sh("exit 1"));
		await failed(sh("echo began; sleep 60", { timeout: 200, check: false }));
		await failed(sh("sleep 60\nsleep 60", { timeout: 10 }));
		for (const bad of [[], "", "  ", 5, null, [1], ["", "a"]]) await failed(sh(bad));
		for (const bad of [{ timeout: "5s" }, { timeout: 0 }, { check: 1 }, { cwd: 5 }, { env: [] }, { env: { A: {} } }, { input: 5 }, { inputs: "" }, 5]) await failed(sh("true", bad));
		say(dotenv("sub/.env"));
		for (const bad of ["nope.env", "sub", 5]) try { dotenv(bad); } catch (e) { say([e.name, e.code, e.message.replace(import.meta.dirname, "~")]); }
		say(await Promise.all([1, 2, 3].map(async (n) => (await sh("echo " + n)).stdout)));
	`)
	if err := f.Services[0].Hooks.PostStart(t.Context()); err != nil {
		t.Fatal(describeError(err))
	}
	f.Close()
	want, err := os.ReadFile("testdata/shell.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(*lines, "\n") + "\n"; got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// pids are the processes that a command has written into a file, one a line.
func pids(t *testing.T, path string) (found []int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, pid)
	}
	return found
}

// TestShellEnds checks that nothing of a command is left when its time is up,
// that of its hook, or the file is closed.
func TestShellEnds(t *testing.T) {
	t.Parallel()
	// A shell with children, one of which does not hear SIGTERM. The last line
	// of the file says that all are there.
	const family = `(trap "" TERM; echo $$; sh -c "echo \\$PPID \\$\\$ > stubborn.part; mv stubborn.part stubborn; exec sleep 300") & sleep 300 & echo $$ $! > pids.part; mv pids.part pids; wait`
	for _, how := range []string{"timeout", "hook", "close"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			options := ""
			if how == "timeout" {
				options = ", { timeout: 2000 }"
			}
			f, _ := hookFile(t, dir, "", "await sh(`"+family+"`"+options+");")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			result := make(chan error, 1)
			go func() { result <- f.Services[0].Hooks.PostStart(ctx) }()
			for _, name := range []string{"pids", "stubborn"} {
				waitFor(t, "the command", func() bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil })
			}
			why := errors.New("the time is up")
			switch how {
			case "hook":
				cancel(why)
			case "close":
				f.Close()
			}
			err := <-result
			if err == nil || how == "hook" && !errors.Is(err, why) || how == "timeout" && !strings.Contains(err.Error(), "timeout of 2000 ms") {
				t.Errorf("the hook ended with %v", err)
			}
			for _, pid := range append(pids(t, filepath.Join(dir, "pids")), pids(t, filepath.Join(dir, "stubborn"))...) {
				waitFor(t, fmt.Sprintf("the end of process %d", pid), func() bool { return isGone(pid) })
			}
		})
	}
}

// isGone also takes a dead process that nobody has asked for yet.
func isGone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(20 * time.Second)
	for !done() {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("waited too long for %s", what)
		}
	}
}
