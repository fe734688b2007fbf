// Command testserver is the service that the tests run in containers: one
// static binary, the only file of its image. What it does is told by flags;
// without any it waits for SIGTERM or SIGINT and ends with code 0.
//
// A first argument that is no flag makes it a one-off command, for HEALTHCHECK
// and exec: see command.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	run := serve
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		run = command
	}
	exit(run(os.Args[1:]))
}

// lines is a flag that may be given several times.
type lines []string

func (l *lines) String() string { return strings.Join(*l, "\n") }

func (l *lines) Set(line string) error {
	*l = append(*l, line)
	return nil
}

type options struct {
	http, tcp, udp string
	delay          time.Duration
	dieAfter       time.Duration
	exit           int
	ignoreTerm     bool
	dropTerm       bool
	exitSignal     bool
	stopAfter      time.Duration
	print, width   int
	out, err       lines
	unhealthy      bool
	healthyAfter   time.Duration
	repeat         time.Duration
}

func parse(arguments []string) options {
	var o options
	flags := flag.NewFlagSet("testserver", flag.ExitOnError)
	flags.StringVar(&o.http, "http", "", "serve HTTP on this address, such as :8080")
	flags.StringVar(&o.tcp, "tcp", "", "accept TCP connections on this address and echo")
	flags.StringVar(&o.udp, "udp", "", "echo UDP packets on this address")
	flags.DurationVar(&o.delay, "delay", 0, "listen only after this time")
	flags.DurationVar(&o.dieAfter, "die-after", 0, "end by itself after this time; 0: never")
	flags.IntVar(&o.exit, "exit", 0, "exit code of an end by itself; with no -die-after and not 0: end at once")
	flags.BoolVar(&o.ignoreTerm, "ignore-term", false, "go on when SIGTERM or SIGINT comes")
	flags.BoolVar(&o.dropTerm, "drop-term", false, "have the system drop SIGTERM and SIGINT")
	flags.BoolVar(&o.exitSignal, "exit-signal", false, "end with 128 and the number of the signal, as shells do")
	flags.DurationVar(&o.stopAfter, "stop-after", 0, "take this time to end when SIGTERM or SIGINT comes")
	flags.IntVar(&o.print, "print", 0, "print this many numbered lines on stdout")
	flags.IntVar(&o.width, "width", 0, "make each of these lines at least so long, with dots")
	flags.Var(&o.out, "out", "print this line on stdout; may be repeated")
	flags.Var(&o.err, "err", "print this line on stderr; may be repeated")
	flags.DurationVar(&o.repeat, "repeat", 0, "print a numbered line on stdout at this interval")
	flags.BoolVar(&o.unhealthy, "unhealthy", false, "answer 503 on /health")
	flags.DurationVar(&o.healthyAfter, "healthy-after", 0, "answer 503 on /health for this time")
	_ = flags.Parse(arguments) // exits itself
	return o
}

func serve(arguments []string) int {
	o := parse(arguments)
	for i := range o.print {
		line := fmt.Sprintf("line %d ", i+1)
		fmt.Println(strings.TrimSuffix(line+strings.Repeat(".", max(0, o.width-len(line))), " "))
	}
	for _, line := range o.out {
		fmt.Println(line)
	}
	for _, line := range o.err {
		fmt.Fprintln(os.Stderr, line)
	}
	if o.exit != 0 && o.dieAfter == 0 {
		return o.exit
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	if o.dropTerm {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	}
	ctx := context.Background()
	if o.dieAfter > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.dieAfter)
		defer cancel()
	}
	go listen(o)
	go repeat(o.repeat)
	for {
		select {
		case <-ctx.Done():
			return o.exit
		case received := <-signals:
			fmt.Println("got", received)
			if o.ignoreTerm {
				continue
			}
			time.Sleep(o.stopAfter)
			if number, ok := received.(syscall.Signal); ok && o.exitSignal {
				return 128 + int(number)
			}
			return 0
		}
	}
}

func repeat(interval time.Duration) {
	if interval <= 0 {
		return
	}
	for n := 1; ; n++ {
		fmt.Println("tick", n)
		time.Sleep(interval)
	}
}

func listen(o options) {
	time.Sleep(o.delay)
	if o.tcp != "" {
		go listenTCP(o.tcp)
	}
	if o.udp != "" {
		go listenUDP(o.udp)
	}
	if o.http != "" {
		go listenHTTP(o)
	}
}

func listenTCP(address string) {
	listener, err := net.Listen("tcp", address)
	check(err)
	for {
		conn, err := listener.Accept()
		check(err)
		go echo(conn)
	}
}

func listenUDP(address string) {
	conn, err := net.ListenPacket("udp", address)
	check(err)
	packet := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFrom(packet)
		check(err)
		_, _ = conn.WriteTo(packet[:n], from)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "testserver:", err)
		exit(111)
	}
}

func exit(code int) { os.Exit(code) } //nolint:forbidigo // a command of its own
