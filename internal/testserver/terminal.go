package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"
)

// terminal prints the size of its terminal whenever it has changed.
func terminal() int {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Println("no terminal")
	}
	go func() {
		for before := ""; ; time.Sleep(5 * time.Millisecond) {
			columns, rows, err := term.GetSize(int(os.Stdout.Fd()))
			if now := fmt.Sprintf("size %dx%d", columns, rows); err == nil && now != before {
				fmt.Println(now)
				before = now
			}
		}
	}()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if code, isExit := strings.CutPrefix(lines.Text(), "exit "); isExit {
			n, _ := strconv.Atoi(code)
			return n
		}
		fmt.Printf("read %q\n", lines.Text())
	}
	return 0
}
