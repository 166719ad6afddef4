package main

import (
	"os"
	"path/filepath"
	"time"
)

// launch is run's whole life in the order things happen; it returns the launcher's exit code.
func launch(args []string) int {
	if len(args) == 0 || args[0] != "run" {
		complain("the first argument is run or wait, such as: launcher run --control DIR --main DIR -- command")
		return exitAborted
	}
	opts, err := parseOptions(args[1:])
	if err != nil {
		complain(err.Error())
		return exitAborted
	}
	l := &launcher{options: opts, signals: catchSignals(), clock: clock{time.Now()}}
	l.fifo = &fifo{path: filepath.Join(opts.control, exitFIFO)}
	adoptOrphans()
	if refused := l.life(); refused != nil {
		l.refuse(refused)
	}
	l.deliver()
	if l.record.message != "" {
		complain(l.record.message)
	}
	return l.record.exitCode
}

// launcher is what the phases of one run share.
type launcher struct {
	options
	clock   clock
	signals <-chan os.Signal
	fifo    *fifo
	record  record
}

// life waits, runs the command and fills the record; it returns early where the command is not run.
func (l *launcher) life() *refusal {
	before := readUsage(cgroupRoot)
	opened, refused := l.await()
	if refused != nil {
		return refused
	}
	l.record.gateOpenedMs = l.clock.milliseconds(opened)
	if refused := pendingStop(l.signals); refused != nil {
		return refused
	}
	c, refused := l.start()
	if refused != nil {
		return refused
	}
	l.record.startedMs = l.clock.milliseconds(c.started)
	l.supervise(c, opened)
	l.settle(c)
	l.record.usage = readUsage(cgroupRoot).since(before)
	return nil
}

// await passes the FIFO and then the gate; it returns when the gate was seen open.
func (l *launcher) await() (time.Time, *refusal) {
	if info, err := os.Stat(l.control); err != nil || !info.IsDir() {
		return time.Time{}, &refusal{causeGateAborted, exitAborted, "--control: " + l.control + " is not a directory"}
	}
	w := newWatch(l.control, l.signals)
	defer w.close()
	if refused := l.fifo.connect(w); refused != nil {
		return time.Time{}, refused
	}
	refused := awaitGate(w, filepath.Join(l.control, gateFile))
	return time.Now(), refused
}

// settle ends what the command left behind, so that its streams end and its outputs keep still.
func (l *launcher) settle(c *command) {
	c.reaper.killRemaining(c.pid)
	drain(c.stdout, c.stderr)
	l.record.stdout, l.record.stderr = c.stdout.reported(), c.stderr.reported()
	if l.outputs != "" {
		l.record.outputs = openUp(l.outputs)
	}
}

func (l *launcher) refuse(r *refusal) {
	l.record.cause = r.cause
	l.record.exitCode = r.exitCode
	l.record.message = printable(r.message)
	l.record.finishedMs = l.clock.milliseconds(time.Now())
}

// deliver leaves the record in the file first: whoever reads the FIFO may rely on the file.
func (l *launcher) deliver() {
	encoded := l.record.encode()
	fileErr := writeRecordFile(l.main, encoded)
	l.fifo.send(encoded)
	if fileErr != nil {
		complain(printable(fileErr.Error()))
	}
}

// clock tells wall time that a step of the system clock during the run cannot turn around.
type clock struct{ base time.Time }

func (c clock) milliseconds(t time.Time) int64 {
	return c.base.Add(t.Sub(c.base)).UnixMilli()
}
