package main

import (
	"strconv"
	"syscall"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestACommandThatDiesBySignal(t *testing.T) {
	survived := map[syscall.Signal]bool{
		syscall.SIGCHLD: true, syscall.SIGCONT: true, syscall.SIGURG: true, syscall.SIGWINCH: true,
		syscall.SIGSTOP: true, syscall.SIGTSTP: true, syscall.SIGTTIN: true, syscall.SIGTTOU: true,
	}
	for n := syscall.Signal(1); n <= 31; n++ {
		if survived[n] {
			continue
		}
		t.Run(n.String(), func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.ready().helper("die", itoa(int(n)))
				r := tr.ends()
				if r.Cause != causeSignaled || r.Signal != int(n) || r.ExitCode != 128+int(n) || r.Stop != "" || r.Killed {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

func TestAStopIsPassedOn(t *testing.T) {
	for _, sent := range stopping {
		t.Run(sent.String(), func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.ready().helper("handle-stop")
				tr.says("ready")
				tr.signal(sent)
				r := tr.ends()
				if r.Cause != causeExited || r.ExitCode != 0 || r.Stop != stopSignal || r.Killed {
					t.Errorf("%+v", r)
				}
				if want := "ready\ngot " + itoa(int(sent)) + "\n"; tr.stdout.String() != want {
					t.Errorf("stdout %q, want %q", tr.stdout.String(), want)
				}
			})
		})
	}
}

func TestACommandThatIgnoresTheStopIsKilled(t *testing.T) {
	for _, command := range []string{"ignore-stop", "leave-group"} {
		for _, sent := range stopping {
			t.Run(command+"/"+sent.String(), func(t *testing.T) {
				everywhere(t, func(t *testing.T, tr *trial) {
					tr.flags = append(tr.flags, "--grace", "100ms")
					tr.ready().helper(command)
					tr.says("ready")
					since := time.Now().UnixMilli()
					tr.signal(sent)
					tr.signal(sent) // does not begin the grace anew
					r := tr.ends()
					if r.Cause != causeSignaled || r.Signal != 9 || r.ExitCode != 137 || r.Stop != stopSignal || !r.Killed {
						t.Errorf("%+v", r)
					}
					if r.FinishedMs-since < 99 {
						t.Errorf("killed after %d ms, before its grace was over", r.FinishedMs-since)
					}
				})
			})
		}
	}
}

func TestSignalsReachGrandchildren(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.ready().helper("relay", "echo-signals")
		tr.says("ready")
		tr.signal(syscall.SIGUSR1)
		tr.says("got 10\n")
		tr.signal(syscall.SIGTERM)
		if r := tr.ends(); r.Cause != causeExited || r.ExitCode != 0 || r.Stop != stopSignal {
			t.Errorf("%+v", r)
		}
	})
}

func TestEveryForwardedSignalArrives(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.ready().helper("echo-signals")
		tr.says("ready")
		for n := syscall.Signal(1); n <= lastSignal; n++ {
			if forwarded(n) && !stops(n) {
				tr.signal(n)
				tr.says("got " + itoa(int(n)) + "\n")
			}
		}
		tr.signal(syscall.SIGTERM)
		if r := tr.ends(); r.Cause != causeExited || r.ExitCode != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheExecutionClock(t *testing.T) {
	cases := map[string]struct {
		command, cause string
		exitCode       int
		killed         bool
	}{
		"handled": {"handle-stop", causeExited, 0, false},
		"ignored": {"ignore-stop", causeSignaled, 137, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.flags = append(tr.flags, "--execution-timeout", "1500ms", "--grace=50ms")
				tr.ready().helper(c.command)
				r := tr.ends()
				if r.Cause != c.cause || r.ExitCode != c.exitCode || r.Stop != stopExecutionTimeout || r.Killed != c.killed {
					t.Errorf("%+v", r)
				}
				if spent := r.FinishedMs - r.GateOpenedMs; spent < 1499 {
					t.Errorf("stopped after %d ms", spent)
				}
			})
		})
	}
}

func TestTheExecutionClockStartsAtTheGate(t *testing.T) {
	const limit = time.Second
	tr := newTrial(t)
	tr.flags = append(tr.flags, "--execution-timeout", limit.String())
	tr.makeFIFO()
	tr.read()
	tr.helper("exit", "0")
	<-tr.connected
	time.Sleep(limit + limit/10) // the very time that must not count
	tr.gate(gateOpen)
	if r := tr.ends(); r.Cause != causeExited || r.Stop != "" {
		t.Errorf("%+v", r)
	}
}

func TestTheFirstReasonToStopStands(t *testing.T) {
	s := &stopper{grace: time.Hour}
	s.stop(stopExecutionTimeout)
	first := s.deadline
	s.stop(stopSignal)
	if s.reason != stopExecutionTimeout || s.deadline != first {
		t.Errorf("%+v", s)
	}
}

func TestKillingTheLauncherIsTheReadersEOF(t *testing.T) {
	tr := newTrial(t).inPod() // as PID 1 it takes the command along
	tr.ready().helper("ignore-stop")
	tr.says("ready")
	tr.signal(syscall.SIGKILL)
	select {
	case content := <-tr.received:
		if len(content) != 0 {
			t.Errorf("read %q", content)
		}
	case <-time.After(patience):
		t.Fatal("no EOF")
	}
}
