package main

import (
	"strconv"
	"syscall"
)

const (
	oPath        = 0x200000 // O_PATH and AT_FDCWD: package syscall does not name them
	atCurrentDir = -100
)

// inspect gets hold of name itself, never of what a link points to, and tells its type and mode. It
// needs no permission on name, and nothing happens to a FIFO or device.
func inspect(parent int, name string) (fd int, mode uint32, err error) {
	fd, err = syscall.Openat(parent, name, oPath|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1, 0, err
	}
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		syscall.Close(fd)
		return -1, 0, err
	}
	return fd, stat.Mode, nil
}

// allow adds the bits that are missing to what inspect got hold of. fchmod refuses such a
// descriptor and chmodat may follow a link; the descriptor's name in /proc can do neither.
func allow(fd int, mode, bits uint32) error {
	if mode&bits == bits {
		return nil
	}
	return syscall.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode&0o7777|bits)
}
