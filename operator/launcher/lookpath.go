package main

import (
	"strings"
	"syscall"
)

// defaultPath is searched where PATH is not set: what container runtimes set it to.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const executable = 1 // X_OK

// lookPath finds name as execvp does: a name with a slash is a path, an empty part of PATH is the
// working directory, and a file that may not be executed counts only if nothing better follows. A
// directory that may not be searched (/root/bin for another uid) holds nothing, as in a shell.
func lookPath(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	if name == "" {
		return "", syscall.ENOENT
	}
	search, found := syscall.Getenv("PATH")
	if !found {
		search = defaultPath
	}
	best, failure := "", error(syscall.ENOENT)
	for _, dir := range strings.Split(search, ":") {
		if dir == "" {
			dir = "."
		}
		path := dir + "/" + name
		exists, err := mayExecute(path)
		if err == nil {
			return path, nil
		}
		if exists && best == "" {
			best, failure = path, err
		}
	}
	return best, failure
}

func mayExecute(path string) (exists bool, err error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		return false, err
	}
	if stat.Mode&syscall.S_IFMT == syscall.S_IFDIR {
		return true, syscall.EISDIR
	}
	return true, syscall.Access(path, executable)
}
