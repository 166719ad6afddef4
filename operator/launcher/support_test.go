package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorded is the record as its reader sees it.
type recorded struct {
	Version         int
	Cause           string
	ExitCode        int
	Signal          int
	Stop            string
	Killed          bool
	Message         string
	GateOpenedMs    int64
	StartedMs       int64
	FinishedMs      int64
	CPUMilliseconds *int64
	MemoryPeakBytes *int64
	OomKills        *int64
	Stdout, Stderr  *struct {
		Bytes int64
		Error string
	}
	UnreadableOutputs int64
	OutputsError      string
}

// openDir is a temporary directory that every uid may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "trial")
	check(t, err)
	check(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	return dir
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never seen: %s", what)
		}
	}
}

// output collects what a process writes, and may be read meanwhile.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

func (tr *trial) captured(stem string) []byte {
	tr.t.Helper()
	var all []byte
	segments, err := filepath.Glob(filepath.Join(tr.main, stem+".*"))
	check(tr.t, err)
	numbered := map[int]string{}
	for _, segment := range segments {
		n, err := strconv.Atoi(strings.TrimPrefix(filepath.Ext(segment), "."))
		check(tr.t, err)
		numbered[n] = segment
	}
	order := make([]int, 0, len(numbered))
	for n := range numbered {
		order = append(order, n)
	}
	slices.Sort(order)
	for _, n := range order {
		content, err := os.ReadFile(numbered[n])
		check(tr.t, err)
		all = append(all, content...)
	}
	return all
}
