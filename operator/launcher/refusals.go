package main

import (
	"os"
	"strings"
	"syscall"
)

// startRefusal says why name, found at path, could not be started: the three cases a user cures in
// different places.
func startRefusal(name, path string, err error) *refusal {
	if path == "" {
		path = name
	}
	cause, exitCode, reason := causeCommandNotExecutable, exitNotExecutable, err.Error()
	switch err {
	case syscall.ENOENT, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG:
		if missing := missingInterpreter(path); missing != "" {
			reason = missing
			break
		}
		cause, exitCode = causeCommandNotFound, exitNotFound
		if !strings.Contains(name, "/") {
			reason = "not found in PATH"
		}
	case syscall.EACCES:
		if _, err := mayExecute(path); err == syscall.EISDIR {
			reason = "is a directory"
		}
	case syscall.E2BIG:
		cause = causeStartFailed
		reason = "arguments and environment together are too long"
	case syscall.ENOMEM, syscall.EAGAIN, syscall.EMFILE, syscall.ENFILE, syscall.ENOSPC:
		cause = causeStartFailed
	}
	return &refusal{cause, exitCode, "cannot start " + shorten(path) + ": " + reason}
}

// shorten keeps both ends of a long path: the reason behind it must not be cut off.
func shorten(path string) string {
	const keep = 80
	if len(path) <= 2*keep {
		return path
	}
	return path[:keep] + "..." + path[len(path)-keep:]
}

// missingInterpreter explains ENOENT for a file that is there, or returns "".
func missingInterpreter(path string) string {
	if _, err := mayExecute(path); err != nil {
		return ""
	}
	const other = "its interpreter or dynamic loader is not in the image"
	file, err := os.Open(path)
	if err != nil {
		return other
	}
	defer file.Close()
	head := make([]byte, 256)
	n, _ := file.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	interpreter, isScript := strings.CutPrefix(line, "#!")
	if !isScript {
		return other
	}
	interpreter = strings.TrimLeft(interpreter, " \t")
	if end := strings.IndexAny(interpreter, " \t"); end >= 0 {
		interpreter = interpreter[:end]
	}
	return "its interpreter " + shorten(interpreter) + " is not in the image"
}
