package main

import (
	"os"
	"strings"
	"syscall"
)

// environ is the environment as the launcher got it. syscall.Environ drops repeated names, so the
// kernel's copy comes first; it is closed to a launcher whose file may be executed but not read.
func environ() []string {
	block, err := os.ReadFile("/proc/self/environ")
	if err != nil {
		return syscall.Environ()
	}
	if len(block) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(block), "\x00"), "\x00")
}
