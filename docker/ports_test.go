package docker_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

func TestPortsOfTheHost(t *testing.T) {
	b := newBench(t)
	id := b.start(spec.Definition{Name: "web", Cmd: []string{"-tcp", ":80", "-udp", ":53"}, Ports: []spec.Port{
		{Container: 80, Protocol: "tcp"}, {Container: 53, Protocol: "udp", HostIP: "127.0.0.1"},
	}})
	ports := b.state(id).HostPorts
	if len(ports) != 2 || ports["80/tcp"] == 0 || ports["53/udp"] == 0 {
		t.Fatalf("%v", ports)
	}
	for network, port := range map[string]int{"tcp": ports["80/tcp"], "udp": ports["53/udp"]} {
		if answer := echo(t, network, port); answer != "hello" {
			t.Errorf("%s: %q", network, answer)
		}
	}
	must(t, b.Stop(t.Context(), id, 10*time.Second))
	if ports := b.state(id).HostPorts; len(ports) != 0 {
		t.Errorf("stopped: %v", ports)
	}
}

// echo says hello until it is answered: what listens in the container may need
// a moment, and the engine's proxy accepts before it does.
func echo(t *testing.T, network string, port int) string {
	t.Helper()
	answer := make([]byte, 16)
	for began := time.Now(); time.Since(began) < 20*time.Second; {
		conn, err := net.Dial(network, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		must(t, err)
		_ = conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
		_, _ = conn.Write([]byte("hello"))
		n, _ := conn.Read(answer)
		_ = conn.Close()
		if n > 0 {
			return string(answer[:n])
		}
	}
	return ""
}

func TestPortTakenByAContainer(t *testing.T) {
	for _, protocol := range []string{"tcp", "udp"} {
		t.Run(protocol, func(t *testing.T) {
			b := newBench(t)
			first := b.start(spec.Definition{Name: "first", Ports: []spec.Port{{Container: 80, Protocol: protocol}}})
			port := b.state(first).HostPorts["80/"+protocol]
			second := b.create(spec.Definition{Name: "second", Ports: []spec.Port{{Container: 81, Protocol: protocol, Host: port}}})
			var taken *runtime.PortTakenError
			if err := b.Start(t.Context(), second); !errors.As(err, &taken) {
				t.Fatal(err)
			}
			want := runtime.PortTakenError{Port: port, Protocol: protocol, Container: "81/" + protocol}
			if h := taken.Holder; h == nil || h.Container != b.group+"-first" || h.Labels.Group != b.group {
				t.Errorf("it is had by %+v", h)
			}
			if got, want := taken.Holder.String(), fmt.Sprintf("container %q (group %q)", b.group+"-first", b.group); got != want {
				t.Errorf("it is had by %s, want %s", got, want)
			}
			taken.Remedy, taken.Holder = "", nil // it has the file's name
			if *taken != want {
				t.Errorf("%+v, want %+v", *taken, want)
			}
			must(t, b.Remove(t.Context(), first))
			must(t, b.Start(t.Context(), second))
		})
	}
}

func TestPortTakenByAProcess(t *testing.T) {
	b := newBench(t)
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = packets.Close() }()
	us := fmt.Sprintf("process %d (", os.Getpid())
	for _, port := range []spec.Port{
		{Container: 80, Protocol: "tcp", Host: listener.Addr().(*net.TCPAddr).Port},
		{Container: 53, Protocol: "udp", Host: packets.LocalAddr().(*net.UDPAddr).Port, HostIP: "127.0.0.1"},
	} {
		id := b.create(spec.Definition{Name: "on-" + port.Protocol, Ports: []spec.Port{port}})
		var taken *runtime.PortTakenError
		if err := b.Start(t.Context(), id); !errors.As(err, &taken) {
			t.Fatal(err)
		}
		if taken.Port != port.Host || taken.Protocol != port.Protocol || !strings.HasPrefix(taken.Holder.String(), us) {
			t.Errorf("%+v", taken)
		}
	}
}
