package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Helpers that leave processes behind.

func hold([]string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
	_, _ = os.NewFile(3, "ready").Write([]byte("x"))
	return forever()
}

// spawnHolder starts a process that holds our stdout for ever, and waits until it does.
func spawnHolder(attributes *syscall.SysProcAttr) int {
	ready, write, err := os.Pipe()
	must(err)
	child := exec.Command(os.Args[0], "helper", "hold")
	child.Stdout, child.Stderr, child.ExtraFiles = os.Stdout, os.Stderr, []*os.File{write}
	child.SysProcAttr = attributes
	must(child.Start())
	_, err = ready.Read(make([]byte, 1))
	must(err)
	return child.Process.Pid
}

// leaveChildren ends with two children alive, one of them in a session of its own.
func leaveChildren(args []string) int {
	fmt.Println(spawnHolder(nil), spawnHolder(&syscall.SysProcAttr{Setsid: true}))
	return number(args[0])
}

// leaveGroup moves to the process group of a child and ignores SIGTERM there.
func leaveGroup([]string) int {
	child := spawnHolder(&syscall.SysProcAttr{Setpgid: true})
	spawnHolder(nil)
	must(syscall.Setpgid(0, child))
	return ignoreStop(nil)
}

func orphan([]string) int {
	must(exec.Command(os.Args[0], "helper", "exit", "3").Start())
	return 0
}

// manyOrphans leaves processes to the launcher and waits until none of them is a zombie.
func manyOrphans(args []string) int {
	for range number(args[0]) {
		must(exec.Command(os.Args[0], "helper", "orphan").Run())
	}
	for zombiesOf(os.Getppid()) > 0 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("none")
	return 0
}

func zombiesOf(parent int) (count int) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(err)
	for _, stat := range stats {
		content, _ := os.ReadFile(stat)
		fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
		if len(fields) > 1 && fields[0] == "Z" && fields[1] == strconv.Itoa(parent) {
			count++
		}
	}
	return count
}
