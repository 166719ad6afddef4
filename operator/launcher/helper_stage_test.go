package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Helpers that arrange something and then become the launcher.

// withoutInotify becomes the rest of its arguments in a user namespace that has no inotify instance.
func withoutInotify(args []string) int {
	must(os.WriteFile("/proc/sys/user/max_inotify_instances", []byte("0"), 0))
	if _, err := syscall.InotifyInit1(0); err == nil {
		must(errors.New("there still is an inotify instance"))
	}
	must(syscall.Exec(args[0], args, syscall.Environ()))
	return 0
}

// withoutDescriptor becomes the rest of its arguments with one descriptor closed.
func withoutDescriptor(args []string) int {
	must(syscall.Close(number(args[0])))
	must(syscall.Exec(args[1], args[1:], syscall.Environ()))
	return 0
}

// withEnvironment becomes the rest of its arguments with exactly the entries the first one lists.
func withEnvironment(args []string) int {
	must(syscall.Exec(args[1], args[1:], strings.Split(args[0], "\n")))
	return 0
}

// enterPod arranges the mounts of a Pod and becomes the rest of its arguments.
func enterPod(args []string) int {
	dir, mainKind, line := args[0], args[1], args[2:]
	if !isInit() {
		must(errors.New("not in a PID namespace of its own; would change the machine's mounts"))
	}
	must(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	must(syscall.Mount("proc", "/proc", "proc", 0, ""))
	for _, volume := range []string{"control", "outputs", "main"} {
		path := filepath.Join(dir, volume)
		if volume == "main" && mainKind != "bind" {
			must(syscall.Mount("tmpfs", path, "tmpfs", 0, mainKind))
			continue
		}
		must(syscall.Mount(path, path, "", syscall.MS_BIND, ""))
	}
	makeReadOnly(filepath.Join(dir, "control"))
	makeReadOnly("/")
	must(syscall.Exec(line[0], line, syscall.Environ()))
	return 0
}

// makeReadOnly keeps the flags a mount has: a user namespace may not take these off (EPERM).
func makeReadOnly(path string) {
	var stat syscall.Statfs_t
	must(syscall.Statfs(path, &stat))
	kept := uintptr(stat.Flags) & (syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC)
	must(syscall.Mount("", path, "", kept|syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""))
}
