package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheCommandWaitsForTheGate(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.makeFIFO()
		tr.read()
		started := filepath.Join(tr.main, "started")
		tr.helper("touch", started)
		<-tr.connected
		tr.gate("")                        // decides nothing
		time.Sleep(200 * time.Millisecond) // the command must not start in it
		if _, err := os.Stat(started); err == nil {
			t.Error("the command was started before the gate opened")
		}
		opened := time.Now().UnixMilli()
		tr.gate(gateOpen)
		if r := tr.ends(); r.Cause != causeExited || r.GateOpenedMs < opened || r.StartedMs < opened {
			t.Errorf("gate opened at %d: %+v", opened, r)
		}
		if _, err := os.Stat(started); err != nil {
			t.Error(err)
		}
	})
}

func TestEverythingMayComeLateAndInAnyOrder(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.helper("exit", "3")
		tr.watching()
		tr.gate(gateOpen)
		tr.makeFIFO()
		tr.read()
		if r := tr.ends(); r.Cause != causeExited || r.ExitCode != 3 {
			t.Errorf("%+v", r)
		}
	})
}

func TestAGateThatDoesNotOpen(t *testing.T) {
	cases := map[string]struct{ says, message string }{
		"abort":        {gateAbort, ""},
		"garbage":      {"openly\n", `"openly\n", neither open nor abort`},
		"no newline":   {"open", "neither"},
		"binary":       {"\x00\xff\x1b", "neither"},
		"long garbage": {strings.Repeat("open\n", 1000), "neither"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.makeFIFO()
				tr.read()
				tr.gate(c.says)
				tr.helper("exit", "0")
				r := tr.ends()
				if r.Cause != causeGateAborted || r.ExitCode != exitAborted || r.GateOpenedMs != 0 || r.StartedMs != 0 {
					t.Errorf("%+v", r)
				}
				if !strings.Contains(r.Message, c.message) || c.message == "" && r.Message != "" {
					t.Errorf("message %q", r.Message)
				}
				if r.Stdout != nil || r.CPUMilliseconds != nil {
					t.Errorf("says something about a command that never was: %+v", r)
				}
			})
		})
	}
}

func TestAControlDirectoryThatIsWrong(t *testing.T) {
	cases := map[string]struct {
		arrange func(t *testing.T, tr *trial)
		message string
	}{
		"exit is a file": {func(t *testing.T, tr *trial) {
			check(t, os.WriteFile(filepath.Join(tr.control, exitFIFO), nil, 0o666))
		}, "is not a FIFO"},
		"exit is a link": {func(t *testing.T, tr *trial) {
			check(t, syscall.Mkfifo(filepath.Join(tr.dir, "elsewhere"), 0o666))
			check(t, os.Symlink(filepath.Join(tr.dir, "elsewhere"), filepath.Join(tr.control, exitFIFO)))
		}, "is not a FIFO"},
		"no directory": {func(_ *testing.T, tr *trial) {
			tr.flags = []string{"--control", tr.control + "/none", "--main", tr.main}
		}, "/none is not a directory"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				c.arrange(t, tr)
				tr.gate(gateOpen)
				tr.helper("exit", "0")
				r := tr.endsUnread()
				if r.Cause != causeGateAborted || r.ExitCode != exitAborted || !strings.Contains(r.Message, c.message) {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

func TestAStopBeforeTheCommandLeavesARecord(t *testing.T) {
	stops := map[syscall.Signal]int{
		syscall.SIGTERM: 143, syscall.SIGINT: 130, syscall.SIGQUIT: 131, syscall.SIGUSR1: 138, 37: 165,
	}
	for sent, code := range stops {
		t.Run(sent.String(), func(t *testing.T) {
			t.Run("without a FIFO", func(t *testing.T) {
				everywhere(t, func(t *testing.T, tr *trial) {
					tr.helper("exit", "0")
					tr.watching()
					tr.signal(sent)
					expectStopped(t, tr.endsUnread(), code)
				})
			})
			t.Run("without a reader", func(t *testing.T) {
				everywhere(t, func(t *testing.T, tr *trial) {
					tr.makeFIFO()
					tr.helper("exit", "0")
					tr.opening()
					tr.signal(sent)
					expectStopped(t, tr.endsUnread(), code)
				})
			})
			t.Run("at the gate", func(t *testing.T) {
				everywhere(t, func(t *testing.T, tr *trial) {
					tr.makeFIFO()
					tr.read()
					tr.helper("exit", "0")
					<-tr.connected
					tr.signal(sent)
					expectStopped(t, tr.ends(), code)
					expectStopped(t, tr.recordFile(), code)
				})
			})
		})
	}
}

func expectStopped(t *testing.T, r recorded, code int) {
	t.Helper()
	if r.Cause != causeStoppedAtGate || r.ExitCode != code || r.StartedMs != 0 || r.Signal != 0 || r.Stop != "" {
		t.Errorf("%+v", r)
	}
}

func TestWithoutInotifyItLooksAgain(t *testing.T) {
	attributes := namespaces(syscall.CLONE_NEWUSER)
	before := []string{helperBinary, "helper", "without-inotify"}
	if err := runStage(attributes, before); err != nil {
		t.Skipf("no such namespace here: %v", err)
	}
	tr := newTrial(t)
	tr.attributes, tr.before = attributes, before
	tr.helper("exit", "4")
	eventually(t, "the launcher", tr.isLauncher)
	tr.makeFIFO()
	tr.read()
	<-tr.connected
	tr.gate(gateOpen)
	if r := tr.ends(); r.Cause != causeExited || r.ExitCode != 4 {
		t.Errorf("%+v", r)
	}
}
