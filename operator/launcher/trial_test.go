package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a condition may take on a machine that is busy; no test waits it out.
const patience = 60 * time.Second

// trial is one run of the launcher with the volumes of a Pod around it.
type trial struct {
	t                           *testing.T
	dir, control, main, outputs string
	attributes                  *syscall.SysProcAttr
	before                      []string // what becomes the launcher
	flags                       []string
	process                     *exec.Cmd
	stdout, stderr              output
	connected                   chan struct{}
	received                    chan []byte
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	dir := openDir(t)
	tr := &trial{
		t: t, dir: dir, control: dir + "/control", main: dir + "/main", outputs: dir + "/outputs",
		connected: make(chan struct{}), received: make(chan []byte, 1),
	}
	for _, volume := range []string{tr.control, tr.main, tr.outputs} {
		check(t, os.Mkdir(volume, 0o777))
		check(t, os.Chmod(volume, 0o777))
	}
	tr.flags = []string{"--control", tr.control, "--main", tr.main}
	return tr
}

// makeFIFO makes the exit FIFO as the uploader does: under another name, open to every uid.
func (tr *trial) makeFIFO() {
	tr.t.Helper()
	path := filepath.Join(tr.control, exitFIFO)
	check(tr.t, syscall.Mkfifo(path+".new", 0o622))
	check(tr.t, os.Chmod(path+".new", 0o622))
	check(tr.t, os.Rename(path+".new", path))
}

// read is the uploader: it connects and reads to the end.
func (tr *trial) read() {
	go func() {
		end, err := os.OpenFile(filepath.Join(tr.control, exitFIFO), os.O_RDONLY, 0)
		close(tr.connected)
		if err != nil {
			tr.received <- nil
			return
		}
		defer end.Close()
		content, _ := io.ReadAll(end)
		tr.received <- content
	}()
}

func (tr *trial) gate(says string) {
	tr.t.Helper()
	path := filepath.Join(tr.control, gateFile)
	check(tr.t, os.WriteFile(path+".new", []byte(says), 0o644))
	check(tr.t, os.Rename(path+".new", path))
}

// helper starts the launcher with one of our helpers as its command.
func (tr *trial) helper(args ...string) {
	tr.t.Helper()
	tr.start(append([]string{helperBinary, "helper"}, args...)...)
}

// ready makes uploader and gate ready, and start need only run the command.
func (tr *trial) ready() *trial {
	tr.t.Helper()
	tr.makeFIFO()
	tr.read()
	tr.gate(gateOpen)
	return tr
}

func (tr *trial) start(command ...string) {
	tr.t.Helper()
	line := slices.Concat(tr.before, []string{launcherBinary, "run"}, tr.flags, []string{"--"}, command)
	if tr.process == nil {
		tr.process = &exec.Cmd{}
	}
	tr.process.Path, tr.process.Args, tr.process.SysProcAttr = line[0], line, tr.attributes
	if tr.process.Stdout == nil {
		tr.process.Stdout = &tr.stdout
	}
	tr.process.Stderr = &tr.stderr
	check(tr.t, tr.process.Start())
	tr.t.Cleanup(func() {
		_ = tr.process.Process.Kill()
		_ = tr.process.Wait()
	})
}

// ends waits for the launcher's end and holds its exit code against the record's.
func (tr *trial) ends() recorded {
	tr.t.Helper()
	code := tr.exitCode()
	var r recorded
	select {
	case content := <-tr.received:
		r = tr.decode(content)
	case <-time.After(patience):
		tr.t.Fatal("the reader saw no end of the FIFO")
	}
	if r.ExitCode != code {
		tr.t.Errorf("launcher exited with %d, the record says %d", code, r.ExitCode)
	}
	return r
}

// endsUnread is ends where nobody reads the FIFO: the record is in the file.
func (tr *trial) endsUnread() recorded {
	tr.t.Helper()
	code := tr.exitCode()
	r := tr.recordFile()
	if r.ExitCode != code {
		tr.t.Errorf("launcher exited with %d, the record says %d", code, r.ExitCode)
	}
	return r
}

func (tr *trial) recordFile() recorded {
	tr.t.Helper()
	content, err := os.ReadFile(filepath.Join(tr.main, recordFile))
	check(tr.t, err)
	return tr.decode(content)
}

func (tr *trial) decode(content []byte) recorded {
	tr.t.Helper()
	var r recorded
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		tr.t.Fatalf("record %q: %v; stderr %q", content, err, tr.stderr.String())
	}
	if r.Version != 1 || r.FinishedMs == 0 || len(content) > recordMaxBytes || !bytes.HasSuffix(content, []byte("}\n")) {
		tr.t.Errorf("record %q", content)
	}
	return r
}

func (tr *trial) exitCode() int {
	tr.t.Helper()
	timer := time.AfterFunc(patience, func() { _ = tr.process.Process.Kill() })
	err := tr.process.Wait()
	if !timer.Stop() {
		tr.t.Fatalf("the launcher did not end; stdout %q, stderr %q", tr.stdout.String(), tr.stderr.String())
	}
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		tr.t.Fatal(err)
	}
	return tr.process.ProcessState.ExitCode()
}

func (tr *trial) signal(s syscall.Signal) {
	tr.t.Helper()
	check(tr.t, tr.process.Process.Signal(s))
}

// says waits until the launcher's stdout holds the text.
func (tr *trial) says(text string) {
	tr.t.Helper()
	eventually(tr.t, "stdout "+strconv.Quote(text), func() bool { return strings.Contains(tr.stdout.String(), text) })
}

// watching waits until the launcher watches the control directory: by then it catches signals.
func (tr *trial) watching() {
	tr.t.Helper()
	eventually(tr.t, "an inotify instance", func() bool {
		fds, _ := filepath.Glob(tr.proc("fd/*"))
		return tr.isLauncher() && slices.ContainsFunc(fds, func(fd string) bool {
			target, _ := os.Readlink(fd)
			return strings.Contains(target, "inotify")
		})
	})
}

// opening waits until the launcher waits in open for a reader.
func (tr *trial) opening() {
	tr.t.Helper()
	eventually(tr.t, "a blocked open", func() bool {
		tasks, _ := filepath.Glob(tr.proc("task/*/syscall"))
		return tr.isLauncher() && slices.ContainsFunc(tasks, func(task string) bool {
			content, _ := os.ReadFile(task)
			return strings.HasPrefix(string(content), strconv.Itoa(syscall.SYS_OPENAT)+" ")
		})
	})
}

// isLauncher says whether the stages before the launcher are over.
func (tr *trial) isLauncher() bool {
	exe, _ := os.Readlink(tr.proc("exe"))
	return exe == launcherBinary
}

func (tr *trial) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(tr.process.Process.Pid), name)
}
