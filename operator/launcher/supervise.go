package main

import (
	"os"
	"syscall"
	"time"
)

// supervise stays with the running command until it ends: it passes signals on and keeps the
// execution clock, which has run since the gate opened.
func (l *launcher) supervise(c *command, opened time.Time) {
	var clock <-chan time.Time
	if l.executionTimeout > 0 {
		clock = time.After(l.executionTimeout - time.Since(opened))
	}
	s := &stopper{command: c, grace: l.grace}
	for {
		var act func()
		select {
		case sent := <-l.signals:
			act = func() { s.forward(sent) }
		case <-clock:
			act = s.timeOut
		case <-s.deadline:
			act = s.kill
		case end := <-c.reaper.ended:
			l.conclude(end, s)
			return
		}
		// Of what is ready select takes any: an end that was there first must not carry this stop.
		if end, over := c.reaper.overtook(); over {
			l.conclude(end, s)
			return
		}
		act()
	}
}

// stopper remembers why the command was told to end. The first reason and its grace stand.
type stopper struct {
	command  *command
	grace    time.Duration
	reason   string
	deadline <-chan time.Time
	killed   bool
}

func (s *stopper) forward(sent os.Signal) {
	if stops(sent) {
		s.stop(stopSignal)
	}
	s.command.signal(sent.(syscall.Signal))
}

func (s *stopper) timeOut() {
	s.stop(stopExecutionTimeout)
	s.command.signal(syscall.SIGTERM)
}

func (s *stopper) kill() {
	s.killed = true
	s.command.signal(syscall.SIGKILL)
}

func (s *stopper) stop(reason string) {
	if s.reason == "" {
		s.reason = reason
		s.deadline = time.After(s.grace)
	}
}

func (l *launcher) conclude(end ending, s *stopper) {
	l.record.finishedMs = l.clock.milliseconds(end.at)
	l.record.stop, l.record.killed = s.reason, s.killed
	if end.status.Signaled() {
		l.record.cause = causeSignaled
		l.record.signal = int(end.status.Signal())
		l.record.exitCode = exitSignalBase + l.record.signal
		return
	}
	l.record.cause = causeExited
	l.record.exitCode = end.status.ExitStatus()
}
