package main

import (
	"syscall"
	"time"
)

// wall also waits for children that were cloned with another signal than SIGCHLD.
const wall = 0x40000000

// reaper is the one place that waits for processes: for the command, and for every orphan that
// falls to PID 1. Its loop blocks in the kernel; nothing polls.
type reaper struct {
	command int
	ended   chan ending   // the command's end, once
	reaped  chan struct{} // something else was reaped since last asked
	none    chan struct{} // closed when no child is left
}

// ending is how the command ended and when that was seen.
type ending struct {
	status syscall.WaitStatus
	at     time.Time
}

func startReaper(command int) *reaper {
	r := &reaper{
		command: command,
		ended:   make(chan ending, 1),
		reaped:  make(chan struct{}, 1),
		none:    make(chan struct{}),
	}
	go r.loop()
	return r
}

func (r *reaper) loop() {
	defer close(r.none)
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, wall, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil: // ECHILD: cannot be before the command has ended
			return
		case pid == r.command:
			r.ended <- ending{status, time.Now()}
		default:
			select {
			case r.reaped <- struct{}{}:
			default:
			}
		}
	}
}

// overtook tells the command's end if that came before now, also where the loop has not got to it:
// when it runs again after a pause, the end and a stop are seen at once. Times could not tell which
// was first, because the kernel keeps none of a process's end.
func (r *reaper) overtook() (end ending, over bool) {
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(r.command, &status, syscall.WNOHANG, nil)
	switch {
	case err != nil: // ECHILD: the loop has taken it
		return <-r.ended, true
	case pid == r.command:
		return ending{status, time.Now()}, true
	}
	return ending{}, false
}
