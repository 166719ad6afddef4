package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

const lastSignal = 64

// sigRTMin3 is SIGRTMIN+3 as container runtimes count it: from 34, whatever the image's libc keeps.
const sigRTMin3 = syscall.Signal(37)

// stopSignals end a running command: SIGTERM, and what images name as STOPSIGNAL instead and nothing
// else uses (systemd SIGRTMIN+3). Each is passed on as it came and starts the grace.
//
// SIGQUIT (nginx), SIGUSR1 (haproxy) and SIGWINCH (httpd) are STOPSIGNALs too, but most commands take
// them for a request (a JVM dumps its threads on `kill -QUIT 1`) and go on. While the command runs
// they are passed on and start no grace: one that does not end by them is killed with the whole
// container, and there is no record.
var stopSignals = []os.Signal{syscall.SIGTERM, syscall.SIGINT, sigRTMin3}

// catchSignals catches whatever can be forwarded. It uses Notify throughout, never Ignore: a caught
// signal is back at its default in the command, an ignored one would stay ignored there.
func catchSignals() <-chan os.Signal {
	// Room for a burst while the main loop is busy; os/signal drops what does not fit.
	caught := make(chan os.Signal, 4*lastSignal)
	for n := syscall.Signal(1); n <= lastSignal; n++ {
		if forwarded(n) {
			signal.Notify(caught, n)
		}
	}
	// A reader of our stdout that has gone must not end the launcher.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return caught
}

// forwarded leaves out what cannot be caught, what is about the launcher itself, what the Go runtime
// keeps (SIGURG, SIGPROF) or takes for a fault of its own, and what libc keeps for threads (32-34).
func forwarded(n syscall.Signal) bool {
	switch n {
	case syscall.SIGKILL, syscall.SIGSTOP,
		syscall.SIGCHLD, syscall.SIGPIPE,
		syscall.SIGURG, syscall.SIGPROF,
		syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE,
		32, 33, 34:
		return false
	}
	return true
}

func stops(s os.Signal) bool {
	return slices.Contains(stopSignals, s)
}

// stoppedBy refuses to go on: before the command runs, a signal has nobody to go to and asks for the
// end, whatever the image's STOPSIGNAL is. Only what terminals and job control send by themselves
// does not. SIGWINCH is among it, as every kubectl attach to a tty sends it: an image that stops by
// it (httpd) is ended by SIGKILL here, without a record.
func stoppedBy(s os.Signal) *refusal {
	switch s {
	case syscall.SIGWINCH, syscall.SIGHUP, syscall.SIGCONT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		return nil
	}
	number := int(s.(syscall.Signal))
	return &refusal{causeStoppedAtGate, exitSignalBase + number, ""}
}

// pendingStop takes the signals that came in before the command could have them.
func pendingStop(signals <-chan os.Signal) *refusal {
	for {
		select {
		case s := <-signals:
			if refused := stoppedBy(s); refused != nil {
				return refused
			}
		default:
			return nil
		}
	}
}
