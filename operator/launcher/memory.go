package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dropCleanPages gives back the pages of our own file that starting up has touched: a sleeper needs
// few of them again, and those come back from the page cache by themselves.
//
// Only mappings that were never writable may go: what has been written to would silently turn back
// into what the file says. So the binary must be static and not position-independent: nothing in
// its read-only parts is relocated then.
func dropCleanPages() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		if len(fields) != 6 || fields[4] == "0" || fields[1] != "r-xp" && fields[1] != "r--p" {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		start, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err1 == nil && err2 == nil {
			_, _, _ = syscall.RawSyscall(syscall.SYS_MADVISE, uintptr(start), uintptr(end-start), syscall.MADV_DONTNEED)
		}
	}
}
