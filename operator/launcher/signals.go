package main

import (
	"os"
	"os/signal"
	"syscall"
)

const lastSignal = 64

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
	return s == syscall.SIGTERM || s == syscall.SIGINT
}

// stoppedBy refuses to go on where s asks for the end; other signals have nobody to go to yet.
func stoppedBy(s os.Signal) *refusal {
	if !stops(s) {
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
