package main

import (
	"fmt"
	"net"
	"time"

	"github.com/miniboss/miniboss/bench/collection"
)

// topology is a shape of a collection.
type topology struct {
	name     string
	services func() ([]collection.Service, error)
	settle   time.Duration // of miniboss
	// passes is how often a round goes through it: small ones take little time,
	// and noise counts for more.
	passes int
}

func topologies() []topology {
	return []topology{
		twice(wide(1)), twice(wide(5)), twice(wide(10)), wide(30), wide(100),
		twice(chain(5)), twice(chain(10)), chain(30),
		layers(30, 5),
		twice(ready(5)),
		settling(wide(10)),
	}
}

func twice(t topology) topology {
	t.passes = 2
	return t
}

func service(i int, dependsOn ...int) collection.Service {
	s := collection.Service{Name: fmt.Sprintf("s%d", i)}
	for _, d := range dependsOn {
		s.DependsOn = append(s.DependsOn, fmt.Sprintf("s%d", d))
	}
	return s
}

// wide is n services that know nothing of each other.
func wide(n int) topology {
	return topology{passes: 1, name: fmt.Sprintf("wide %d", n), services: func() (all []collection.Service, err error) {
		for i := range n {
			all = append(all, service(i))
		}
		return all, nil
	}}
}

// chain is n services of which each depends on the one before.
func chain(n int) topology {
	return topology{passes: 1, name: fmt.Sprintf("chain %d", n), services: func() (all []collection.Service, err error) {
		for i := range n {
			if i == 0 {
				all = append(all, service(i))
			} else {
				all = append(all, service(i, i-1))
			}
		}
		return all, nil
	}}
}

// layers is n services in layers of a width, each of which depends on two of
// the layer below.
func layers(n, width int) topology {
	return topology{passes: 1, name: fmt.Sprintf("layers %d", n), services: func() (all []collection.Service, err error) {
		for i := range n {
			if i < width {
				all = append(all, service(i))
				continue
			}
			below := (i/width - 1) * width
			all = append(all, service(i, below+i%width, below+(i+1)%width))
		}
		return all, nil
	}}
}

// ready is a chain of services that answer a while after they start.
func ready(n int) topology {
	return topology{passes: 1, name: fmt.Sprintf("ready %d", n), services: func() ([]collection.Service, error) {
		all, _ := chain(n).services()
		for i := range all {
			port, err := freePort()
			if err != nil {
				return nil, err
			}
			all[i].Port = port
		}
		return all, nil
	}}
}

// settling is a topology with the settle time that services without a ping have
// by default. The other tools wait for nothing.
func settling(t topology) topology {
	t.settle = time.Second
	t.name += ", settle " + t.settle.String()
	return t
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
