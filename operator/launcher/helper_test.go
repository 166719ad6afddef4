package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// helper is every command the tests have the launcher run, and every stage before the launcher.
func helper(name string, args []string) int {
	helpers := map[string]func([]string) int{
		"exit": exitWith, "die": dieBy, "say": say, "args": sayArguments, "env": sayEnvironment,
		"fds": sayDescriptors, "write": writePattern, "read-stdin": readStdin,
		"ignore-stop": ignoreStop, "handle-stop": handleStop, "relay": relay, "echo-signals": echoSignals,
		"end-when-told": endWhenTold, "leave": leaveChildren, "hold": hold, "orphan": orphan, "many-orphans": manyOrphans,
		"umask": underUmask, "read-tree": readTree, "touch": touch, "leave-group": leaveGroup,
		"pod": enterPod, "without-inotify": withoutInotify, "without-fd": withoutDescriptor, "exec-with": withEnvironment,
	}
	run, known := helpers[name]
	if !known {
		fmt.Fprintln(os.Stderr, "unknown helper", name)
		return 99
	}
	return run(args)
}

// must ends a helper whose own doing failed in a way no test expects.
func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "helper:", os.Args[2], err)
		os.Exit(98)
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	must(err)
	return n
}

// forever must not be select {}: the Go runtime takes that for a deadlock.
func forever() int {
	for {
		time.Sleep(time.Hour)
	}
}

func exitWith(args []string) int { return number(args[0]) }

func say(args []string) int {
	fmt.Println(strings.Join(args, " "))
	return 0
}

func touch(args []string) int {
	must(os.WriteFile(args[0], nil, 0o644))
	return 0
}

// dieBy puts the signal back to its default, past Go's own handlers, and sends it to itself.
func dieBy(args []string) int {
	must(syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}))
	n := number(args[0])
	var action [4]uintptr // SIG_DFL, no flags, empty mask
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
	must(syscall.Kill(os.Getpid(), syscall.Signal(n)))
	return forever()
}

func sayArguments(args []string) int {
	for _, arg := range args {
		_, err := os.Stdout.WriteString(arg + "\x00")
		must(err)
	}
	return 0
}

func sayEnvironment([]string) int {
	block, err := os.ReadFile("/proc/self/environ")
	must(err)
	_, err = os.Stdout.Write(block)
	must(err)
	return 0
}

func sayDescriptors([]string) int {
	fds, err := filepath.Glob("/proc/self/fd/*")
	must(err)
	for _, fd := range fds {
		switch target, err := os.Readlink(fd); {
		case err != nil:
		case target == "anon_inode:[eventpoll]" || target == "anon_inode:[eventfd]": // our own Go runtime's
		default:
			fmt.Println(filepath.Base(fd), target)
		}
	}
	return 0
}

// pattern is binary data in which every position can be told.
func pattern(length int) []byte {
	data := make([]byte, length)
	for i := range data {
		data[i] = byte(i*7 + i>>8*13 + i>>16*31)
	}
	return data
}

func writePattern(args []string) int {
	_, err := os.Stdout.Write(pattern(number(args[0])))
	must(err)
	return 0
}

func readStdin([]string) int {
	content, err := io.ReadAll(os.Stdin)
	must(err)
	fmt.Printf("%d bytes", len(content))
	return 0
}

func ignoreStop([]string) int {
	for _, s := range stopping {
		signal.Ignore(s)
	}
	fmt.Println("ready")
	return forever()
}

func handleStop([]string) int {
	caught := make(chan os.Signal, 1)
	for _, s := range stopping {
		signal.Notify(caught, s)
	}
	fmt.Println("ready")
	fmt.Println("got", int((<-caught).(syscall.Signal)))
	return 0
}

// endWhenTold ends when something has opened the FIFO for writing and closed it again, not by SIGTERM.
func endWhenTold(args []string) int {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGTERM)
	go func() {
		for s := range caught {
			fmt.Println("got", int(s.(syscall.Signal)))
		}
	}()
	fmt.Println("ready")
	_, err := os.ReadFile(args[0])
	must(err)
	return 0
}

// echoSignals says each signal it gets, until SIGTERM.
func echoSignals([]string) int {
	caught := make(chan os.Signal, 64)
	signal.Notify(caught)
	fmt.Println("ready")
	for s := range caught {
		switch s {
		case syscall.SIGURG, syscall.SIGCHLD:
		case syscall.SIGTERM:
			return 0
		default:
			fmt.Println("got", int(s.(syscall.Signal)))
		}
	}
	return 0
}

// relay has a child do the listening and does not listen itself.
func relay(args []string) int {
	signal.Ignore(syscall.SIGUSR1, syscall.SIGTERM)
	child := exec.Command(os.Args[0], append([]string{"helper"}, args...)...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	must(child.Run())
	return 0
}

// underUmask writes an output tree that only its own uid could read.
func underUmask(args []string) int {
	syscall.Umask(0o077)
	must(os.MkdirAll(filepath.Join(args[0], "a", "b"), 0o777))
	must(os.WriteFile(filepath.Join(args[0], "a", "b", "c"), []byte("deep"), 0o666))
	must(os.WriteFile(filepath.Join(args[0], "locked"), []byte("shut"), 0))
	must(os.Mkdir(filepath.Join(args[0], "closed"), 0))
	fmt.Println("written")
	return 0
}

// readTree opens everything there is, and says what it could not.
func readTree(args []string) int {
	code := 0
	for _, root := range args {
		must(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				_, err = os.ReadFile(path)
			}
			if err != nil {
				fmt.Println(err)
				code = 1
			}
			return nil
		}))
	}
	return code
}
