package docker

import (
	"context"
	"fmt"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"

	"github.com/miniboss/miniboss/runtime"
)

// StopSignal implements runtime.Engine. Where the engine's processes are this
// machine's, /proc tells what the main process does about the signal; else a look
// into the container does, which takes a command that it has: cat.
func (e *Engine) StopSignal(ctx context.Context, id string, lookInside bool) (runtime.StopSignal, error) {
	inspect, err := e.inspect(ctx, id)
	if err != nil {
		return runtime.StopSignal{}, err
	}
	name := stopSignalOf(inspect)
	s := runtime.StopSignal{Name: name, Init: inspect.HostConfig.Init != nil && *inspect.HostConfig.Init}
	number := signalNumber(name)
	if number == 0 || inspect.HostConfig.PidMode != "" || e.os == "windows" {
		return s, nil
	}
	status := ""
	if e.local && goruntime.GOOS == "linux" {
		status = mainProcess(inspect)
	}
	if status == "" && lookInside && !s.Init {
		if result, err := e.Exec(ctx, id, runtime.ExecOptions{Cmd: []string{"cat", "/proc/1/status"}, User: "0"}); err == nil && result.ExitCode == 0 {
			status = result.Stdout
		}
	}
	if !s.Init {
		s.Reaction = reactionTo(number, status)
	}
	return s, nil
}

// stopSignalOf returns the name of the signal that asks a container to end.
func stopSignalOf(inspect container.InspectResponse) string {
	name := signalName(strings.ToUpper(inspect.Config.StopSignal))
	_, err := strconv.Atoi(name)
	switch {
	case name == "":
		return "SIGTERM"
	case err != nil && !strings.HasPrefix(name, "SIG"):
		return "SIG" + name
	}
	return name
}

// mainProcess returns what /proc says of a container's main process; "" where
// that process is not this machine's.
func mainProcess(inspect container.InspectResponse) string {
	if inspect.State.Pid == 0 {
		return ""
	}
	dir := fmt.Sprintf("/proc/%d/", inspect.State.Pid)
	groups, err := os.ReadFile(dir + "cgroup")
	if err != nil || !strings.Contains(string(groups), inspect.ID) {
		return "" // another machine's number, or another container's by now
	}
	status, _ := os.ReadFile(dir + "status")
	return string(status)
}

// reactionTo reads from the status of a process what it does about a signal.
func reactionTo(signal int, status string) runtime.Reaction {
	values := map[string]string{}
	for line := range strings.Lines(status) {
		key, value, _ := strings.Cut(line, ":")
		values[key] = strings.TrimSpace(value)
	}
	has := func(mask string) bool {
		bits, err := strconv.ParseUint(values[mask], 16, 64)
		return err == nil && bits&(1<<(signal-1)) != 0
	}
	ids := strings.Fields(values["NSpid"])
	switch {
	case values["SigCgt"] == "":
		return runtime.ReactionUnknown
	case has("SigCgt"), has("SigBlk"): // who blocks a signal waits for it
		return runtime.ReactionHandles
	case has("SigIgn"):
		return runtime.ReactionIgnores
	case len(ids) > 0 && ids[len(ids)-1] == "1":
		return runtime.ReactionDropped
	}
	return runtime.ReactionUnknown
}

// signalNumber returns a signal's number on Linux; 0: it is not known.
func signalNumber(name string) int {
	numbers := map[string]int{
		"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGABRT": 6, "SIGUSR1": 10, "SIGUSR2": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15,
		"SIGCONT": 18, "SIGWINCH": 28, "SIGIO": 29, "SIGPWR": 30,
	}
	if number := numbers[name]; number != 0 {
		return number
	}
	if number, err := strconv.Atoi(name); err == nil && number > 0 && number <= 64 {
		return number
	}
	if offset, found := strings.CutPrefix(name, "SIGRTMIN+"); found {
		if n, err := strconv.Atoi(offset); err == nil && n >= 0 && n <= 30 {
			return 34 + n
		}
	}
	return 0
}
