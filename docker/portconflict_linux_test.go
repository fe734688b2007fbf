package docker

import (
	"net"
	"net/netip"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

func TestKernelAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"00000000": "0.0.0.0", "0100007F": "127.0.0.1", "00000000000000000000000000000000": "::",
		"00000000000000000000000001000000": "::1", "0000000000000000FFFF00000100007F": "127.0.0.1", "": "", "xx": "", "zzzzzzzz": "",
	} {
		got, ok := kernelAddress(text)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%s: %s %v", text, got, ok)
		}
	}
}

func TestSocketExcludes(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"0.0.0.0", ""}: true, {"0.0.0.0", "127.0.0.1"}: true, {"::", ""}: true, {"::", "127.0.0.1"}: true,
		{"127.0.0.1", ""}: true, {"127.0.0.1", "0.0.0.0"}: true, {"127.0.0.1", "127.0.0.1"}: true, {"127.0.0.1", "127.0.0.2"}: false,
		{"::1", ""}: false, {"::1", "::1"}: true, {"::1", "127.0.0.1"}: false,
	} {
		s := socket{address: netip.MustParseAddr(pair[0]), port: 80}
		if got := s.excludes(spec.Port{HostIP: pair[1], Host: 80}); got != want {
			t.Errorf("%v: %v", pair, got)
		}
		if s.excludes(spec.Port{HostIP: pair[1], Host: 81}) {
			t.Errorf("%v: another port", pair)
		}
	}
}

func TestTakenPortsOfThisMachine(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	packets, err := net.ListenPacket("udp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packets.Close() }()
	tcp, udp := listener.Addr().(*net.TCPAddr).Port, packets.LocalAddr().(*net.UDPAddr).Port
	ports := []spec.Port{{Protocol: "tcp", Host: tcp}, {Protocol: "udp", Host: udp, HostIP: "127.0.0.1"}, {Protocol: "tcp", Host: tcp, HostIP: "127.0.0.9"}}
	engine := &Engine{local: true}
	if taken := engine.TakenPorts(ports); len(taken) != 2 || taken[0] != ports[0] || taken[1] != ports[1] {
		t.Errorf("%v", taken)
	}
	if taken := new(Engine).TakenPorts(ports); len(taken) != 0 {
		t.Errorf("an engine elsewhere: %v", taken)
	}
}

func BenchmarkTakenPorts(b *testing.B) {
	engine := &Engine{local: true}
	var ports []spec.Port
	for i := range 20 {
		ports = append(ports, spec.Port{Protocol: []string{"tcp", "udp"}[i%2], Host: 19000 + i})
	}
	for b.Loop() {
		engine.TakenPorts(ports)
	}
}
