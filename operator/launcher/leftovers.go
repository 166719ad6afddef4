package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settleTimeout bounds the wait for killed processes and for the ends of the streams: a process in
// uninterruptible sleep may outlive both.
const settleTimeout = 2 * time.Second

const prSetChildSubreaper = 36

func isInit() bool { return os.Getpid() == 1 }

// adoptOrphans makes a launcher that is not PID 1 (a shared process namespace) the parent of the
// command's orphans.
func adoptOrphans() {
	if !isInit() {
		_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0, 0, 0, 0)
	}
}

// killRemaining does what the kernel does when PID 1 exits, only before the record is written:
// nobody holds the streams open then or still writes outputs.
func (r *reaper) killRemaining(command int) {
	timeout := time.After(settleTimeout)
	_ = syscall.Kill(-command, syscall.SIGKILL)
	for {
		killOthers()
		select {
		case <-r.none:
			return
		case <-r.reaped: // its children, if any, are ours now
		case <-timeout:
			return
		}
	}
}

// killOthers kills everything in the process namespace, if that is the container's own: anywhere
// else -1 would mean every process of the Pod or node.
func killOthers() {
	if isInit() {
		_ = syscall.Kill(-1, syscall.SIGKILL)
		return
	}
	for _, pid := range children() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// children lists the launcher's own children; each belongs to one of its threads. The kernel may skip
// some while others exit, but then something is reaped and the caller comes again.
func children() []int {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	var pids []int
	for _, list := range lists {
		content, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(content)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
