package main

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// stream carries one output of the command to the launcher's own, where kubectl logs finds it, and
// to the captured segments. Neither may ever make the command fail.
type stream struct {
	source   *os.File
	through  *os.File
	segments segments
	done     chan struct{}

	mu     sync.Mutex // the report is read also when the pump hangs in a log nobody reads
	report streamReport
}

// streamReport is Stream of contract/exitrecord.py.
type streamReport struct {
	bytes int64
	err   string
}

// newStream also returns the end the command writes to. Our end blocks a thread, which needs nothing
// of the node that may have run out, as a poller does.
func newStream(through *os.File, dir, stem string, keep int64) (*stream, int, error) {
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC); err != nil {
		return nil, -1, err
	}
	return &stream{
		source:   os.NewFile(uintptr(ends[0]), stem),
		through:  through,
		segments: newSegments(filepath.Join(dir, stem), keep),
		done:     make(chan struct{}),
	}, ends[1], nil
}

// pump copies until the last writer has closed the stream. It captures first: the log may block.
func (s *stream) pump() {
	defer close(s.done)
	defer s.segments.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.source.Read(buffer)
		if n > 0 {
			s.keep(buffer[:n])
			// A log that is gone or full loses this piece; the command must not notice.
			_, _ = s.through.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

// keep counts and captures; the first error ends the capture, what was kept stays.
func (s *stream) keep(piece []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.bytes += int64(len(piece))
	if s.report.err != "" {
		return
	}
	if err := s.segments.write(piece); err != nil {
		s.report.err = printable(err.Error())
		s.segments.close()
	}
}

// drain waits for the ends of the streams, which come at once now that their writers are dead, and
// no longer than settleTimeout where a writer could not be killed or nobody reads the log.
func drain(streams ...*stream) {
	timeout := time.After(settleTimeout)
	for _, s := range streams {
		select {
		case <-s.done:
		case <-timeout:
			return
		}
	}
}

func (s *stream) reported() *streamReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	report := s.report
	return &report
}
