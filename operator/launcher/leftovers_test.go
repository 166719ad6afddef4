package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestWhatTheCommandLeavesBehindIsEnded(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.ready().helper("leave", "5")
		r := tr.ends()
		if r.Cause != causeExited || r.ExitCode != 5 || r.Killed || r.Stop != "" {
			t.Errorf("%+v", r)
		}
		if tr.before != nil {
			return // with PID 1 its whole namespace is gone
		}
		pids := strings.Fields(tr.stdout.String())
		if len(pids) != 2 {
			t.Fatalf("stdout %q", tr.stdout.String())
		}
		for _, pid := range pids {
			if _, err := os.Stat("/proc/" + pid); err == nil {
				t.Errorf("process %s is still there", pid)
			}
		}
	})
}

// TestTheRecordFollowsTheEndAtOnce holds the launcher to its budget although children hold the
// streams. The machine may be busy: the best of a few runs counts.
func TestTheRecordFollowsTheEndAtOnce(t *testing.T) {
	for name, arrange := range map[string]func(*trial) *trial{
		"process": func(tr *trial) *trial { return tr },
		"pid1":    func(tr *trial) *trial { return tr.inPod() },
	} {
		t.Run(name, func(t *testing.T) {
			best := time.Hour
			for range 5 {
				tr := arrange(newTrial(t))
				tr.flags = append(tr.flags, "--outputs", tr.outputs)
				tr.ready().helper("leave", "0")
				content := <-tr.received
				received := time.Now().UnixMilli()
				best = min(best, time.Duration(received-tr.decode(content).FinishedMs)*time.Millisecond)
				tr.exitCode()
			}
			if best > 10*time.Millisecond {
				t.Errorf("the record came %s after the command's end", best)
			}
		})
	}
}

func TestOrphansAreReapedWhileTheCommandRuns(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.ready().helper("many-orphans", "20")
		if r := tr.ends(); r.ExitCode != 0 || tr.stdout.String() != "none\n" {
			t.Errorf("%+v, stdout %q", r, tr.stdout.String())
		}
	})
}

func TestChildrenAreFound(t *testing.T) {
	ready, hold, err := os.Pipe()
	check(t, err)
	defer hold.Close()
	process, err := os.StartProcess(helperBinary, []string{"helper", "helper", "read-stdin"},
		&os.ProcAttr{Files: []*os.File{ready, nil, nil}})
	check(t, err)
	found := false
	for _, pid := range children() {
		found = found || pid == process.Pid
	}
	if !found {
		t.Errorf("%s is not among %v", strconv.Itoa(process.Pid), children())
	}
	check(t, process.Kill())
	_, err = process.Wait()
	check(t, err)
}
