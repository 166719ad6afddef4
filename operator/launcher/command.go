package main

import (
	"os"
	"syscall"
	"time"
)

// command is the user's process: started once, reaped once, never known by more than its pid.
type command struct {
	pid     int
	started time.Time
	reaper  *reaper
	stdout  *stream
	stderr  *stream
}

// start runs the command in a process group of its own. The reaper starts only after ForkExec has
// returned: a failed exec is reaped in there.
func (l *launcher) start() (*command, *refusal) {
	environment := environ()
	path, err := lookPath(l.command[0])
	if err != nil {
		return nil, startRefusal(l.command[0], path, err)
	}
	c := &command{}
	var writeEnds [2]int
	if c.stdout, writeEnds[0], err = newStream(os.Stdout, l.main, stdoutStem, l.captureBytes); err != nil {
		return nil, startRefusal(l.command[0], path, err)
	}
	if c.stderr, writeEnds[1], err = newStream(os.Stderr, l.main, stderrStem, l.captureBytes); err != nil {
		return nil, startRefusal(l.command[0], path, err)
	}
	c.started = time.Now()
	c.pid, err = syscall.ForkExec(path, l.command, &syscall.ProcAttr{
		Env:   environment,
		Files: []uintptr{0, uintptr(writeEnds[0]), uintptr(writeEnds[1])},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	// The streams end when the command's copies are closed: ours must not keep them open.
	syscall.Close(writeEnds[0])
	syscall.Close(writeEnds[1])
	if err != nil {
		return nil, startRefusal(l.command[0], path, err)
	}
	c.reaper = startReaper(c.pid)
	go c.stdout.pump()
	go c.stderr.pump()
	return c, nil
}

// signal reaches the command and what it started in its group, and the command also where it has
// moved to another group: a stop must not miss it.
func (c *command) signal(s syscall.Signal) {
	_ = syscall.Kill(-c.pid, s)
	if group, err := syscall.Getpgid(c.pid); err == nil && group != c.pid {
		_ = syscall.Kill(c.pid, s)
	}
}
