package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

func TestACommandsOwnCodeIsNotTheLaunchers(t *testing.T) {
	for _, code := range []string{"0", "7", "125", "126", "127", "255"} {
		t.Run(code, func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.ready().helper("exit", code)
				r := tr.ends()
				if r.Cause != causeExited || r.ExitCode != number(code) || r.Signal != 0 || r.Stop != "" || r.Message != "" {
					t.Errorf("%+v", r)
				}
				if r.GateOpenedMs == 0 || r.StartedMs < r.GateOpenedMs || r.FinishedMs < r.StartedMs {
					t.Errorf("times out of order: %+v", r)
				}
				if file := tr.recordFile(); file.FinishedMs != r.FinishedMs || file.Cause != r.Cause {
					t.Errorf("the file says %+v, the FIFO %+v", file, r)
				}
			})
		})
	}
}

func TestACommandThatCannotBeStarted(t *testing.T) {
	dir := openDir(t)
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, []byte(content), mode))
		return path
	}
	cases := []struct{ name, command, cause, message string }{
		{"absent from PATH", "no-such-command-anywhere", causeCommandNotFound, "no-such-command-anywhere: not found in PATH"},
		{"absent path", dir + "/absent", causeCommandNotFound, "/absent: no such file"},
		{"below a file", write("file", "", 0o755) + "/x", causeCommandNotFound, "not a directory"},
		{"empty name", "", causeCommandNotFound, "not found in PATH"},
		{"hostile name", "\x1b[31m\xff\n" + strings.Repeat("x", 400), causeCommandNotFound, "not found in PATH"},
		{"no execute bit", write("plain", "#!/bin/sh\n", 0o644), causeCommandNotExecutable, "/plain: permission denied"},
		{"directory", dir, causeCommandNotExecutable, "is a directory"},
		{"unknown format", write("garbage", "garbage", 0o755), causeCommandNotExecutable, "exec format error"},
		{"no interpreter", write("script", "#! /no/such/python -u\n", 0o755), causeCommandNotExecutable, "interpreter /no/such/python is not in"},
	}
	codes := map[string]int{causeCommandNotFound: exitNotFound, causeCommandNotExecutable: exitNotExecutable}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.ready().start(c.command)
				r := tr.ends()
				if r.Cause != c.cause || r.ExitCode != codes[c.cause] || r.StartedMs != 0 || r.GateOpenedMs == 0 {
					t.Errorf("%+v", r)
				}
				if !strings.Contains(r.Message, c.message) || len(r.Message) > textMaxBytes {
					t.Errorf("message %q does not say %q", r.Message, c.message)
				}
				if tr.stderr.String() != "launcher: "+r.Message+"\n" {
					t.Errorf("stderr %q", tr.stderr.String())
				}
			})
		})
	}
}

func TestTooManyArgumentsAreTheKernelsRefusal(t *testing.T) {
	tr := newTrial(t)
	tr.makeFIFO()
	tr.read()
	arguments := []string{helperBinary, "helper", "args"}
	for range 16 {
		arguments = append(arguments, strings.Repeat("x", 100_000))
	}
	tr.start(arguments...)
	<-tr.connected
	// What could start the launcher could start the command too, were the limit not lowered now.
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(tr.process.Process.Pid),
		syscall.RLIMIT_STACK, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	tr.gate(gateOpen)
	r := tr.ends()
	if r.Cause != causeStartFailed || r.ExitCode != exitNotExecutable || !strings.Contains(r.Message, "too long") {
		t.Errorf("%+v", r)
	}
}

func TestPATHIsSearchedAsExecvpDoes(t *testing.T) {
	dir := openDir(t)
	for name, mode := range map[string]os.FileMode{"a/tool": 0o644, "b/tool": 0o755, "a/plain": 0o644, "b/other": 0o755} {
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		check(t, os.WriteFile(filepath.Join(dir, name), nil, mode))
		check(t, os.Chmod(filepath.Join(dir, name), mode))
	}
	t.Chdir(filepath.Join(dir, "b"))
	cases := []struct {
		name, path, want string
		err              error
	}{
		{"tool", dir + "/a:" + dir + "/b", dir + "/b/tool", nil},
		{"plain", dir + "/b:" + dir + "/a", dir + "/a/plain", syscall.EACCES},
		{"other", "/nowhere:", "./other", nil},
		{"absent", dir + "/a", "", syscall.ENOENT},
		{"./tool", "", "./tool", nil},
		{"", dir, "", syscall.ENOENT},
	}
	for _, c := range cases {
		t.Setenv("PATH", c.path)
		if got, err := lookPath(c.name); got != c.want || err != c.err {
			t.Errorf("%q in %q: %q, %v; want %q, %v", c.name, c.path, got, err, c.want, c.err)
		}
	}
}

func TestAClosedDirectoryInPATHHoldsNothing(t *testing.T) {
	tr := newTrial(t)
	closed := filepath.Join(tr.dir, "closed")
	check(t, os.Mkdir(closed, 0))
	if os.Getuid() == 0 {
		tr.attributes = as(openShiftUid)
	}
	tr.process = &exec.Cmd{Env: []string{"PATH=" + closed}}
	tr.ready().start("tool")
	if r := tr.ends(); r.Cause != causeCommandNotFound || !strings.Contains(r.Message, "not found in PATH") {
		t.Errorf("%+v", r)
	}
}
