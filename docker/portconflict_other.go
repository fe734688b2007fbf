//go:build !linux

package docker

import (
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// answerWithin is plenty for this machine. Windows goes on trying for seconds
// where nobody listens.
const answerWithin = 50 * time.Millisecond

// listenedOn returns the TCP ports on which somebody of this machine answers.
func listenedOn(ports []spec.Port) []spec.Port {
	answers := make([]bool, len(ports))
	var all sync.WaitGroup
	for i, p := range ports {
		if p.Protocol != "tcp" {
			continue
		}
		all.Go(func() {
			host := p.HostIP
			if anyAddress(host) {
				host = "127.0.0.1"
			}
			conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, strconv.Itoa(p.Host)), answerWithin)
			if err == nil {
				answers[i] = true
				_ = conn.Close()
			}
		})
	}
	all.Wait()
	var taken []spec.Port
	for i, p := range ports {
		if answers[i] {
			taken = append(taken, p)
		}
	}
	return taken
}
