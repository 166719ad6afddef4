package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAnEndBeforeTheStopIsNotTheStops freezes the launcher until both have happened, the end first.
func TestAnEndBeforeTheStopIsNotTheStops(t *testing.T) {
	t.Parallel()
	const limit = 1500 * time.Millisecond
	wait := func(*trial) { time.Sleep(limit) } // what the launcher must sleep through
	cases := map[string]struct {
		flag         string
		before, then func(*trial)
		stop         string
	}{
		"clock":  {"--execution-timeout=1500ms", func(*trial) {}, wait, ""},
		"signal": {"--grace=1h", func(*trial) {}, func(tr *trial) { tr.signal(syscall.SIGTERM) }, ""},
		"grace": {"--grace=1500ms", func(tr *trial) {
			tr.signal(syscall.SIGTERM)
			tr.says("got 15\n")
		}, wait, stopSignal},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.flags = append(tr.flags, c.flag)
				end := filepath.Join(tr.main, "end")
				check(t, syscall.Mkfifo(end, 0o666))
				tr.ready().helper("end-when-told", end)
				tr.says("ready")
				c.before(tr)
				tr.freeze()
				tr.endCommand(end)
				c.then(tr)
				tr.signal(syscall.SIGCONT)
				r := tr.ends()
				if r.Cause != causeExited || r.ExitCode != 0 || r.Stop != c.stop || r.Killed {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// freeze stops every thread of the launcher.
func (tr *trial) freeze() {
	tr.t.Helper()
	tr.signal(syscall.SIGSTOP)
	eventually(tr.t, "the launcher stopped", func() bool {
		tasks, _ := filepath.Glob(tr.proc("task/*/status"))
		return len(tasks) > 0 && !slices.ContainsFunc(tasks, func(task string) bool {
			return !strings.Contains(stateIn(task), "stopped")
		})
	})
}

// endCommand has end-when-told end, and waits until it has.
func (tr *trial) endCommand(end string) {
	tr.t.Helper()
	lists, err := filepath.Glob(tr.proc("task/*/children"))
	check(tr.t, err)
	var pids []string
	for _, list := range lists {
		content, err := os.ReadFile(list)
		check(tr.t, err)
		pids = append(pids, strings.Fields(string(content))...)
	}
	if len(pids) != 1 {
		tr.t.Fatalf("the launcher has the children %v", pids)
	}
	told, err := os.OpenFile(end, os.O_WRONLY, 0)
	check(tr.t, err)
	check(tr.t, told.Close())
	awaitZombie(tr.t, number(pids[0]))
}

// awaitZombie waits for the last thread too: before that the process has not ended.
func awaitZombie(t *testing.T, pid int) {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(pid)
	eventually(t, "the command's end", func() bool {
		tasks, _ := os.ReadDir(proc + "/task")
		return len(tasks) == 1 && strings.Contains(stateIn(proc+"/status"), "zombie")
	})
}

func stateIn(statusFile string) string {
	status, _ := os.ReadFile(statusFile)
	return lineOf(string(status), "State:")
}

// TestALateReaperDoesNotMakeAStop has the end known to the kernel only, and then both the end and the
// stop known to the launcher, which select would decide by chance.
func TestALateReaperDoesNotMakeAStop(t *testing.T) {
	pending := make(chan os.Signal, 1)
	stops := map[string]*launcher{
		"clock":  {options: options{executionTimeout: time.Nanosecond, grace: time.Hour}},
		"signal": {options: options{grace: time.Hour}, signals: pending},
	}
	for name, l := range stops {
		t.Run(name, func(t *testing.T) {
			for round := range 20 {
				if len(pending) == 0 {
					pending <- syscall.SIGTERM
				}
				l.record = record{}
				l.supervise(endedCommand(t, round > 0), time.Now().Add(-time.Minute))
				if l.record.exitCode != 3 || l.record.stop != "" {
					t.Fatalf("round %d: %+v", round, l.record)
				}
			}
		})
	}
}

// endedCommand has ended with 3; its reaper has reaped it already, or is a second late.
func endedCommand(t *testing.T, reaped bool) *command {
	t.Helper()
	pid, err := syscall.ForkExec(helperBinary, []string{"helper", "helper", "exit", "3"}, nil)
	check(t, err)
	awaitZombie(t, pid)
	r := &reaper{command: pid, ended: make(chan ending, 1)}
	reap := func() {
		var status syscall.WaitStatus
		_, _ = syscall.Wait4(pid, &status, 0, nil)
		r.ended <- ending{status, time.Now()}
	}
	if reaped {
		reap()
	} else {
		late := time.AfterFunc(time.Second, reap)
		t.Cleanup(func() { late.Stop() })
	}
	return &command{pid: pid, reaper: r}
}
