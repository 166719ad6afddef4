package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// stopping and harmless are what signals.go promises, once more.
var (
	stopping = []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, 37}
	harmless = []syscall.Signal{
		syscall.SIGHUP, syscall.SIGCONT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGWINCH,
	}
)

func TestWhatEachSignalAsksFor(t *testing.T) {
	for n := syscall.Signal(1); n <= lastSignal; n++ {
		if want := slices.Contains(stopping, n); stops(n) != want {
			t.Errorf("%d stops a running command: %t, want %t", n, stops(n), want)
		}
		if !forwarded(n) {
			continue
		}
		refused := stoppedBy(n)
		if want := !slices.Contains(harmless, n); (refused != nil) != want {
			t.Errorf("%d ends the wait at the gate: %t, want %t", n, refused != nil, want)
		}
		if refused != nil && *refused != (refusal{causeStoppedAtGate, 128 + int(n), ""}) {
			t.Errorf("%d: %+v", n, *refused)
		}
	}
}

func TestHarmlessSignalsDoNotEndTheWait(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.makeFIFO()
		tr.read()
		tr.helper("exit", "6")
		<-tr.connected
		for _, n := range harmless {
			tr.signal(n)
		}
		time.Sleep(50 * time.Millisecond) // the launcher must not end in it
		tr.gate(gateOpen)
		if r := tr.ends(); r.Cause != causeExited || r.ExitCode != 6 || r.Stop != "" {
			t.Errorf("%+v", r)
		}
	})
}

// TestAStopThatIsPendingWhenTheGateOpens has a FIFO for a gate: while the launcher reads it, it takes
// no signals.
func TestAStopThatIsPendingWhenTheGateOpens(t *testing.T) {
	tr := newTrial(t)
	tr.makeFIFO()
	tr.read()
	gate := filepath.Join(tr.control, gateFile)
	check(t, syscall.Mkfifo(gate, 0o600))
	opener, err := os.OpenFile(gate, os.O_RDWR, 0)
	check(t, err)
	defer opener.Close()

	signals := make(chan os.Signal, 1)
	l := &launcher{signals: signals, clock: clock{time.Now()}, fifo: &fifo{path: filepath.Join(tr.control, exitFIFO)}}
	l.control, l.main, l.command = tr.control, tr.main, []string{"/no/such/command"}
	refused := make(chan *refusal)
	go func() { refused <- l.life() }()
	eventually(t, "the launcher at the gate", func() bool { return descriptorsOf(t, gate) == 2 })
	signals <- syscall.SIGTERM
	_, err = opener.WriteString(gateOpen)
	check(t, err)
	if r := <-refused; r == nil || r.cause != causeStoppedAtGate || r.exitCode != 143 || l.record.gateOpenedMs == 0 {
		t.Errorf("%+v, %+v", r, l.record)
	}
	check(t, l.fifo.end.Close())
}

// descriptorsOf counts how often this process has the file open.
func descriptorsOf(t *testing.T, path string) (count int) {
	t.Helper()
	fds, err := filepath.Glob("/proc/self/fd/*")
	check(t, err)
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if target == path {
			count++
		}
	}
	return count
}
