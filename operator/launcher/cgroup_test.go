package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestUsageIsReadFromBothVersions(t *testing.T) {
	known := func(n int64) figure { return figure{n, true} }
	cases := map[string]struct {
		files map[string]string
		want  usage
	}{
		"v2": {map[string]string{
			"cpu.stat":      "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n",
			"memory.peak":   "52428800\n",
			"memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 1\n",
		}, usage{known(1234), known(52428800), known(2)}},
		"v1": {map[string]string{
			"cpuacct/cpuacct.usage":            "987654321\n",
			"memory/memory.max_usage_in_bytes": "1048576\n",
			"memory/memory.oom_control":        "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
		}, usage{known(987), known(1048576), known(1)}},
		"v1, joint controllers": {map[string]string{
			"cpu,cpuacct/cpuacct.usage": "5000000\n",
		}, usage{cpuMilliseconds: known(5)}},
		"nothing": {nil, usage{}},
		"unreadable": {map[string]string{
			"cpu.stat": "usage_usec x\n", "memory.peak": "max\n", "memory.events": "oom_kill\n",
		}, usage{}},
		"zero is known": {map[string]string{"memory.events": "oom_kill 0\n"}, usage{oomKills: known(0)}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, content := range c.files {
				path := filepath.Join(root, file)
				check(t, os.MkdirAll(filepath.Dir(path), 0o755))
				check(t, os.WriteFile(path, []byte(content), 0o644))
			}
			if got := readUsage(root); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestUsageIsWhatTheCommandAdded(t *testing.T) {
	before := usage{figure{100, true}, figure{7, true}, figure{1, true}}
	after := usage{figure{350, true}, figure{9, true}, figure{1, true}}
	if got, want := after.since(before), (usage{figure{250, true}, figure{9, true}, figure{0, true}}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := after.since(usage{}); got.cpuMilliseconds.known || got.oomKills.known || !got.memoryPeakBytes.known {
		t.Errorf("differences to what was unknown: %+v", got)
	}
}

func TestTheRecordHasWhatTheMachinesCgroupCounts(t *testing.T) {
	readable := func(files ...string) bool {
		return slices.ContainsFunc(files, func(file string) bool {
			_, err := os.ReadFile("/sys/fs/cgroup/" + file)
			return err == nil
		})
	}
	cpu := readable("cpu.stat", "cpuacct/cpuacct.usage", "cpu,cpuacct/cpuacct.usage")
	memory := readable("memory.peak", "memory/memory.max_usage_in_bytes")
	if !cpu && !memory {
		t.Skip("no cgroup counts here")
	}
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.ready().helper("exit", "0")
		if r := tr.ends(); (r.CPUMilliseconds != nil) != cpu || (r.MemoryPeakBytes != nil) != memory {
			t.Errorf("cpu %t, memory %t: %+v", cpu, memory, r)
		}
	})
}
