package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroupRoot is where a container sees its own cgroup, in either version.
const cgroupRoot = "/sys/fs/cgroup"

// figure is a number that may be unknown.
type figure struct {
	value int64
	known bool
}

// usage is what the container's cgroup counts.
type usage struct {
	cpuMilliseconds figure
	memoryPeakBytes figure
	oomKills        figure
}

// source is one place a figure may be found at: a file, in it the line that starts with key (or the
// whole file), and what to divide by.
type source struct {
	file    string
	key     string
	divisor int64
}

var (
	cpuSources = []source{
		{"cpu.stat", "usage_usec", 1e3},
		{"cpuacct/cpuacct.usage", "", 1e6},
		{"cpu,cpuacct/cpuacct.usage", "", 1e6},
	}
	memorySources = []source{
		{"memory.peak", "", 1},
		{"memory/memory.max_usage_in_bytes", "", 1},
	}
	oomSources = []source{
		{"memory.events", "oom_kill", 1},
		{"memory/memory.oom_control", "oom_kill", 1},
	}
)

// readUsage reads the cgroup mounted at root; what cannot be read is unknown.
func readUsage(root string) usage {
	return usage{
		cpuMilliseconds: readFigure(root, cpuSources),
		memoryPeakBytes: readFigure(root, memorySources),
		oomKills:        readFigure(root, oomSources),
	}
}

// since takes off what was counted before the command started. The peak has no such difference.
func (u usage) since(before usage) usage {
	u.cpuMilliseconds = u.cpuMilliseconds.minus(before.cpuMilliseconds)
	u.oomKills = u.oomKills.minus(before.oomKills)
	return u
}

func (f figure) minus(before figure) figure {
	return figure{f.value - before.value, f.known && before.known}
}

func readFigure(root string, sources []source) figure {
	for _, s := range sources {
		content, err := os.ReadFile(filepath.Join(root, s.file))
		if err != nil {
			continue
		}
		if value, ok := s.find(string(content)); ok {
			return figure{value / s.divisor, true}
		}
	}
	return figure{}
}

func (s source) find(content string) (int64, bool) {
	for line := range strings.Lines(content) {
		fields := strings.Fields(line)
		if s.key != "" {
			if len(fields) != 2 || fields[0] != s.key {
				continue
			}
			fields = fields[1:]
		}
		if len(fields) != 1 {
			return 0, false
		}
		value, err := strconv.ParseInt(fields[0], 10, 64)
		return value, err == nil
	}
	return 0, false
}
