package main

import (
	"os"
	"syscall"
	"time"
)

// lookInterval is how often to look where inotify is refused.
const lookInterval = 20 * time.Millisecond

const watchedEvents = syscall.IN_CREATE | syscall.IN_MOVED_TO | syscall.IN_MODIFY | syscall.IN_CLOSE_WRITE

// watch waits for changes of the control directory, and for a signal that asks to end. It starts
// watching only when there is something to wait for: in Init mode there hardly ever is.
type watch struct {
	dir     string
	signals <-chan os.Signal
	changes chan struct{}
	closed  chan struct{}
	started bool
	events  *os.File // nil where inotify is refused
}

func newWatch(dir string, signals <-chan os.Signal) *watch {
	return &watch{dir: dir, signals: signals, changes: make(chan struct{}, 1), closed: make(chan struct{})}
}

// start begins to watch. inotify may be refused: a uid has 128 instances a node by default (EMFILE),
// and watches run out too (ENOSPC). Then changes tick, and whoever waits looks again.
func (w *watch) start() {
	w.started = true
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err == nil {
		if _, err = syscall.InotifyAddWatch(fd, w.dir, watchedEvents); err != nil {
			syscall.Close(fd)
		}
	}
	if err != nil {
		go w.tick()
		return
	}
	w.events = os.NewFile(uintptr(fd), "inotify")
	go w.follow()
}

// close leaves the end of inotify to the background: the kernel takes up to 20 ms for it, and that
// would be the command's time.
func (w *watch) close() {
	close(w.closed)
	if w.events != nil {
		go w.events.Close()
	}
}

func (w *watch) follow() {
	buffer := make([]byte, 4096)
	for {
		if _, err := w.events.Read(buffer); err != nil {
			w.tick()
			return
		}
		w.changed()
	}
}

func (w *watch) tick() {
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	for {
		select {
		case <-w.closed:
			return
		case <-ticker.C:
			w.changed()
		}
	}
}

func (w *watch) changed() {
	select {
	case w.changes <- struct{}{}:
	default: // one unseen change is as good as many
	}
}

// until calls look, at once and after every change, until it is done or refuses. Where the first look
// does not settle it, there is a second after the watch has begun: no change falls between.
func (w *watch) until(look func() (done bool, refused *refusal)) *refusal {
	for {
		if done, refused := look(); done || refused != nil {
			return refused
		}
		if !w.started {
			w.start()
			continue
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
