// Command probe is a user's program with no shell around it: it ends in the way its first argument says.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

const usage = "usage: probe exit CODE | signal NUMBER | hog | write PATH TEXT"

func main() {
	if len(os.Args) < 2 {
		fail(usage)
	}
	switch os.Args[1] {
	case "exit":
		os.Exit(number(2))
	case "signal":
		if err := syscall.Kill(os.Getpid(), syscall.Signal(number(2))); err != nil {
			fail(err.Error())
		}
		select {}
	case "hog":
		hog()
	case "write":
		if err := os.WriteFile(argument(2), []byte(argument(3)), 0o600); err != nil {
			fail(err.Error())
		}
	default:
		fail(usage)
	}
}

// hog takes memory and touches it until the kernel's OOM killer ends it.
func hog() {
	const block = 1 << 20
	var kept [][]byte
	for {
		piece := make([]byte, block)
		for i := 0; i < block; i += 4096 {
			piece[i] = 1
		}
		kept = append(kept, piece)
	}
}

func argument(i int) string {
	if len(os.Args) <= i {
		fail(usage)
	}
	return os.Args[i]
}

func number(i int) int {
	n, err := strconv.Atoi(argument(i))
	if err != nil {
		fail(usage)
	}
	return n
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "probe:", message)
	os.Exit(64)
}
