// Package collection describes what is measured: services and who waits for
// whom. The harness hands it to the limit as a file.
package collection

import (
	"encoding/json"
	"os"
	"time"
)

// Collection is a set of services on a network of its own.
type Collection struct {
	Group    string
	Image    string
	Services []Service // each after those that it depends on
}

// Service is one service.
type Service struct {
	Name      string
	DependsOn []string
	// Port of the host on which the service answers HTTP, Delay after it began;
	// 0: it counts as started when it runs.
	Port int
}

// Delay is how long a service that answers HTTP takes until it does.
const Delay = 500 * time.Millisecond

// Cmd is what a service's container runs.
func (s Service) Cmd() []string {
	if s.Port == 0 {
		return nil
	}
	return []string{"-http", ":8080", "-delay", Delay.String()}
}

// Save writes the collection to a file.
func (c Collection) Save(path string) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// Read reads a collection from a file.
func Read(path string) (c Collection, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}
