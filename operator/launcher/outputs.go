package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	// openUpTimeout leaves the uploader the most of a terminating Pod's grace.
	openUpTimeout = 10 * time.Second
	// maxDepth bounds the descriptors held: two for each directory on the way down.
	maxDepth = 200

	directoryMode = 0o755
	fileMode      = 0o644
)

// outputsReport is what of the outputs the uploader will not be able to read.
type outputsReport struct {
	unreadable int64
	err        string
}

// openUp makes the tree readable for another uid: what the command wrote with a umask of 077 only
// its own uid can open. It touches regular files and directories, never what a link points to. The
// walk is left behind when its time is over; the process ends soon.
func openUp(root string) outputsReport {
	finished := make(chan outputsReport, 1)
	go func() {
		o := &opener{}
		o.walk(root)
		finished <- o.report
	}()
	select {
	case report := <-finished:
		return report
	case <-time.After(openUpTimeout):
		return outputsReport{1, "making outputs readable took longer than " + openUpTimeout.String()}
	}
}

// opener collects what could not be opened up.
type opener struct {
	report outputsReport
}

// walk starts at the volume. That one belongs to the kubelet: where its mode may not be changed, it
// is good as it is.
func (o *opener) walk(root string) {
	fd, mode, err := inspect(atCurrentDir, root)
	switch {
	case err == syscall.ENOENT:
		return
	case err != nil:
		o.fail(".", err)
		return
	}
	defer syscall.Close(fd)
	if mode&syscall.S_IFMT != syscall.S_IFDIR {
		o.fail(".", syscall.ENOTDIR)
		return
	}
	if err := allow(fd, mode, directoryMode); err != nil && err != syscall.EPERM {
		o.fail(".", err)
	}
	o.descend(fd, "", 1)
}

// descend opens up what is in the directory fd refers to; path is relative to the volume.
func (o *opener) descend(fd int, path string, depth int) {
	if depth > maxDepth {
		o.fail(path, errors.New("nested deeper than "+strconv.Itoa(maxDepth)+" directories"))
		return
	}
	// O_PATH descriptors cannot be listed; "." is the same directory, whatever its name is now.
	listable, err := syscall.Openat(fd, ".", syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		o.fail(path, err)
		return
	}
	dir := os.NewFile(uintptr(listable), path)
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(1024) // in portions: a directory may be larger than memory
		for _, name := range names {
			o.visit(listable, filepath.Join(path, name), name, depth)
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			o.fail(path, err)
			return
		}
	}
}

func (o *opener) visit(parent int, path, name string, depth int) {
	fd, mode, err := inspect(parent, name)
	if err != nil {
		o.fail(path, err)
		return
	}
	defer syscall.Close(fd)
	switch mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		err = allow(fd, mode, fileMode)
	case syscall.S_IFDIR:
		err = allow(fd, mode, directoryMode)
		if err == nil {
			o.descend(fd, path, depth+1)
		}
	}
	if err != nil {
		o.fail(path, err)
	}
}

func (o *opener) fail(path string, err error) {
	if o.report.unreadable == 0 {
		o.report.err = printable(shorten(path) + ": " + err.Error())
	}
	o.report.unreadable++
}
