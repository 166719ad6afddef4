package main

import (
	"os"
	"strconv"
)

// A stream is kept in quarters; five of them always hold the last whole.
const (
	segmentsPerCapture = 4
	segmentsKept       = segmentsPerCapture + 1
)

// segments keeps the end of a stream in files <stem>.<n>, n from 0, each of the same size.
type segments struct {
	stem string
	size int64
	next int
	file *os.File
	room int64
}

func newSegments(stem string, keep int64) segments {
	return segments{stem: stem, size: (keep + segmentsPerCapture - 1) / segmentsPerCapture}
}

func (s *segments) write(piece []byte) error {
	for len(piece) > 0 {
		if s.room == 0 {
			if err := s.rotate(); err != nil {
				return err
			}
		}
		n, err := s.file.Write(piece[:min(int64(len(piece)), s.room)])
		s.room -= int64(n)
		piece = piece[n:]
		if err != nil {
			return err
		}
	}
	return nil
}

// rotate deletes before it creates, so that the volume never holds more than five segments.
func (s *segments) rotate() error {
	s.close()
	if oldest := s.next - segmentsKept; oldest >= 0 {
		if err := os.Remove(s.name(oldest)); err != nil {
			return err
		}
	}
	file, err := createShared(s.name(s.next))
	if err != nil {
		return err
	}
	s.file, s.room = file, s.size
	s.next++
	return nil
}

func (s *segments) name(n int) string { return s.stem + "." + strconv.Itoa(n) }

func (s *segments) close() {
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}
