package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// secondsValue is a flag that takes seconds as a number, or a duration.
type secondsValue time.Duration

// secondsVar adds a flag for a time: 90, 90s, 1m30s.
func secondsVar(flags *pflag.FlagSet, target *time.Duration, name string, otherwise time.Duration, usage string) {
	*target = otherwise
	flags.Var((*secondsValue)(target), name, usage)
}

func (s *secondsValue) Set(text string) error {
	d, err := parseSeconds(text)
	if err != nil {
		return err
	}
	*s = secondsValue(d)
	return nil
}

// parseSeconds reads a number of seconds or a duration. A NaN is none.
func parseSeconds(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if n, numberErr := strconv.ParseFloat(text, 64); numberErr == nil {
		if !(n >= 0 && n < 1e9) {
			return 0, fmt.Errorf("use a number of seconds or a duration, such as 90, 90s or 5m")
		}
		return time.Duration(n * float64(time.Second)), nil
	}
	if err != nil || d < 0 {
		return 0, fmt.Errorf("use a number of seconds or a duration, such as 90, 90s or 5m")
	}
	return d, nil
}

// String formats the time as people write it: 5m, not 5m0s.
func (s *secondsValue) String() string {
	text := time.Duration(*s).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Type is how the help names the value.
func (s *secondsValue) Type() string { return "DURATION" }

// stopTimeoutVar adds a flag for how long a container may take to end. The target
// stays 0 where the flag is not given, and is less where it is 0.
func stopTimeoutVar(flags *pflag.FlagSet, target *time.Duration, name string) {
	flags.Var((*stopTimeoutValue)(target), name, "how long to wait for a container to stop before killing it, and for each hook (default 10s, or 50s for a hook)")
}

type stopTimeoutValue time.Duration

func (s *stopTimeoutValue) Set(text string) error {
	d, err := parseSeconds(text)
	if err == nil && d == 0 {
		d = -1
	}
	*s = stopTimeoutValue(d)
	return err
}

func (s *stopTimeoutValue) String() string { return "" }

// Type is how the help names the value.
func (s *stopTimeoutValue) Type() string { return "DURATION" }
