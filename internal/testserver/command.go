package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// command runs a one-off command and returns the exit code:
//
//	health [URL]     0 where URL, http://127.0.0.1:8080/health by default, answers 200
//	cat [FILE]       copies a file, or stdin, to stdout
//	echo WORD...     prints the words
//	warn WORD...     prints the words on stderr
//	print N          prints N numbered lines
//	env [NAME]       prints the environment, or one variable
//	args ARG...      prints what it was given, as JSON
//	whoami           prints what GET / answers
//	write FILE WORD  writes a file
//	terminal         prints the size of its terminal, now and when it changes,
//	                 and each line it reads, until "exit CODE"
//	sleep DURATION   waits
//	exit CODE        ends with the code
func command(arguments []string) int {
	name, arguments, first := arguments[0], arguments[1:], ""
	if len(arguments) > 0 {
		first = arguments[0]
	}
	switch name {
	case "health":
		return health(first)
	case "cat":
		return cat(first)
	case "echo":
		fmt.Println(strings.Join(arguments, " "))
	case "warn":
		fmt.Fprintln(os.Stderr, strings.Join(arguments, " "))
	case "print":
		n, _ := strconv.Atoi(first)
		for i := range n {
			fmt.Println("line", i+1)
		}
	case "env":
		if first != "" {
			fmt.Println(os.Getenv(first))
			break
		}
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "args":
		_ = json.NewEncoder(os.Stdout).Encode(arguments)
	case "whoami":
		_ = json.NewEncoder(os.Stdout).Encode(whoAmI())
	case "write":
		if err := os.WriteFile(first, []byte(strings.Join(arguments[1:], " ")), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "terminal":
		return terminal()
	case "sleep":
		pause, _ := time.ParseDuration(first)
		time.Sleep(pause)
	case "exit":
		code, _ := strconv.Atoi(first)
		return code
	default:
		fmt.Fprintf(os.Stderr, "testserver: unknown command %q\n", name)
		return 2
	}
	return 0
}

func health(url string) int {
	if url == "" {
		url = "http://127.0.0.1:8080/health"
	}
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(os.Stdout, answer.Body)
	if answer.StatusCode != http.StatusOK {
		return 1
	}
	return 0
}

func cat(file string) int {
	from := os.Stdin
	if file != "" {
		opened, err := os.Open(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = opened.Close() }()
		from = opened
	}
	if _, err := io.Copy(os.Stdout, from); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
