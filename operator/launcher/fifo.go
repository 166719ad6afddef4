package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// sendTimeout bounds the write of the record: only a stranger can have filled the FIFO.
const sendTimeout = 5 * time.Second

// fifo is the exit FIFO. Its write end is opened write-only (read-write would not wait for the
// uploader, and the record could be lost), close-on-exec, and held by nothing but the launcher: the
// launcher's death, however it comes, is the reader's EOF.
type fifo struct {
	path string
	end  *os.File // nil until the uploader reads
}

// connect waits for the FIFO and then for its reader.
func (f *fifo) connect(w *watch) *refusal {
	refused := w.until(func() (bool, *refusal) {
		info, err := os.Lstat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return false, nil
		case err != nil:
			return false, &refusal{causeGateAborted, exitAborted, err.Error()}
		case info.Mode().Type() != fs.ModeNamedPipe:
			return false, &refusal{causeGateAborted, exitAborted, f.path + " is not a FIFO"}
		}
		return true, nil
	})
	if refused != nil {
		return refused
	}
	return f.awaitReader(w.signals)
}

// awaitReader leaves the blocked open behind when a signal ends the wait; the process ends soon.
func (f *fifo) awaitReader(signals <-chan os.Signal) *refusal {
	type opening struct {
		end *os.File
		err error
	}
	opened := make(chan opening, 1)
	go func() {
		end, err := openFIFO(f.path, 0)
		opened <- opening{end, err}
	}()
	for {
		select {
		case o := <-opened:
			if o.err != nil {
				return &refusal{causeGateAborted, exitAborted, o.err.Error()}
			}
			f.end = o.end
			return nil
		case s := <-signals:
			if refused := stoppedBy(s); refused != nil {
				return refused
			}
		}
	}
}

// send writes the record in one piece and closes. Nobody there, or no longer: the file has it too.
func (f *fifo) send(record []byte) {
	if f.end == nil {
		f.end, _ = openFIFO(f.path, syscall.O_NONBLOCK)
	}
	if f.end == nil {
		return
	}
	_ = f.end.SetWriteDeadline(time.Now().Add(sendTimeout))
	_, _ = f.end.Write(record)
	_ = f.end.Close()
}

// openFIFO opens the write end; with O_NONBLOCK it fails where there is no reader.
func openFIFO(path string, flags int) (*os.File, error) {
	fd, err := openRetrying(path, syscall.O_WRONLY|syscall.O_CLOEXEC|syscall.O_NOFOLLOW|flags)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		syscall.Close(fd)
		return nil, errors.New(path + " is not a FIFO")
	}
	// Non-blocking from here on: that is what gives the write its deadline.
	if err := syscall.SetNonblock(fd, true); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

func openRetrying(path string, flags int) (int, error) {
	for {
		fd, err := syscall.Open(path, flags, 0)
		if err != syscall.EINTR {
			return fd, err
		}
	}
}
