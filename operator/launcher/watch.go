package main

import (
	"os"
	"syscall"
	"time"
)

// lookInterval is how often to look where inotify is refused.
const lookInterval = 20 * time.Millisecond

const watchedEvents = syscall.IN_CREATE | syscall.IN_MOVED_TO | syscall.IN_MODIFY | syscall.IN_CLOSE_WRITE

// watch waits for changes of the control directory, and for a signal that asks to end.
type watch struct {
	changes chan struct{}
	signals <-chan os.Signal
	close   func()
}

// newWatch watches before anybody looks, so that no change falls between. inotify may be refused: a
// uid has 128 instances a node by default (EMFILE), and watches run out too (ENOSPC). Then changes
// tick, and whoever waits looks again.
func newWatch(dir string, signals <-chan os.Signal) *watch {
	w := &watch{changes: make(chan struct{}, 1), signals: signals}
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err == nil {
		if _, err = syscall.InotifyAddWatch(fd, dir, watchedEvents); err != nil {
			syscall.Close(fd)
		}
	}
	if err != nil {
		w.tick()
		return w
	}
	events := os.NewFile(uintptr(fd), "inotify")
	w.close = func() { events.Close() }
	go w.follow(events)
	return w
}

func (w *watch) follow(events *os.File) {
	buffer := make([]byte, 4096)
	for {
		if _, err := events.Read(buffer); err != nil {
			return
		}
		w.changed()
	}
}

func (w *watch) tick() {
	ticker := time.NewTicker(lookInterval)
	closed := make(chan struct{})
	w.close = func() { close(closed) }
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				w.changed()
			case <-closed:
				return
			}
		}
	}()
}

func (w *watch) changed() {
	select {
	case w.changes <- struct{}{}:
	default: // one unseen change is as good as many
	}
}

// until calls look, at once and after every change, until it is done or refuses.
func (w *watch) until(look func() (done bool, refused *refusal)) *refusal {
	for {
		if done, refused := look(); done || refused != nil {
			return refused
		}
		select {
		case <-w.changes:
		case s := <-w.signals:
			if refused := stoppedBy(s); refused != nil {
				return refused
			}
		}
	}
}
