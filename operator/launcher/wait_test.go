package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func exitCodeOf(t *testing.T, err error) int {
	t.Helper()
	var failed *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return failed.ExitCode()
}

// waiting starts launcher wait in front of a program and returns when it sleeps.
func waiting(t *testing.T, env []string, out *output, program ...string) *exec.Cmd {
	t.Helper()
	waiter := exec.Command(launcherBinary, append([]string{"wait", "--"}, program...)...)
	waiter.Env, waiter.Stdout, waiter.Stderr = env, out, out
	check(t, waiter.Start())
	timer := time.AfterFunc(patience, func() { _ = waiter.Process.Kill() })
	t.Cleanup(func() {
		timer.Stop()
		_ = waiter.Process.Kill()
		_ = waiter.Wait()
	})
	eventually(t, "the launcher asleep", func() bool { return asleep(waiter.Process.Pid) })
	return waiter
}

// asleep says whether every thread of the launcher sleeps and SIGTERM finds it listening.
func asleep(pid int) bool {
	proc := "/proc/" + strconv.Itoa(pid)
	exe, _ := os.Readlink(proc + "/exe")
	tasks, _ := filepath.Glob(proc + "/task/*/status")
	for _, task := range tasks {
		status, _ := os.ReadFile(task)
		if !strings.Contains(lineOf(string(status), "State:"), "sleeping") {
			return false
		}
	}
	return exe == launcherBinary && len(tasks) > 1
}

func TestWaitingTakesLittleMemory(t *testing.T) {
	for _, procs := range []string{"", "GOMAXPROCS=1"} {
		waiter := waiting(t, []string{procs}, &output{}, helperBinary)
		kilobytes := 0
		eventually(t, "no more than 2 MB resident", func() bool {
			// Not VmRSS, which the kernel counts in portions on larger machines.
			rollup, err := os.ReadFile("/proc/" + strconv.Itoa(waiter.Process.Pid) + "/smaps_rollup")
			check(t, err)
			kilobytes = number(strings.Fields(lineOf(string(rollup), "Rss:"))[1])
			return kilobytes <= 2048
		})
		t.Logf("%q: %d kB resident", procs, kilobytes)
	}
}

func TestWaitBecomesTheProgram(t *testing.T) {
	for _, sent := range stopping {
		t.Run(sent.String(), func(t *testing.T) {
			var out output
			args := []string{"", "a b", "\xff", "--", strings.Repeat("z", 100_000)}
			waiter := waiting(t, []string{"A=1", "B=\xff"}, &out, append([]string{helperBinary, "helper", "args"}, args...)...)
			check(t, waiter.Process.Signal(sent))
			check(t, waiter.Wait())
			if want := strings.Join(args, "\x00") + "\x00"; out.String() != want {
				t.Errorf("got %d bytes, want %d", len(out.String()), len(want))
			}
		})
	}
}

func TestWaitKeepsTheEnvironment(t *testing.T) {
	var out output
	waiter := waiting(t, []string{"A=1", "B=\xff", "C="}, &out, helperBinary, "helper", "env")
	check(t, waiter.Process.Signal(syscall.SIGTERM))
	check(t, waiter.Wait())
	if want := "A=1\x00B=\xff\x00C=\x00"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestWaitSearchesPATH(t *testing.T) {
	var out output
	env := []string{"PATH=/nowhere:" + filepath.Dir(helperBinary)}
	waiter := waiting(t, env, &out, filepath.Base(helperBinary), "helper", "say", "found")
	check(t, waiter.Process.Signal(syscall.SIGTERM))
	check(t, waiter.Wait())
	if out.String() != "found\n" {
		t.Errorf("%q", out.String())
	}
}

func TestWaitRefusesAtOnceWhatItCannotBecome(t *testing.T) {
	for program, code := range map[string]int{"/no/such/program": exitNotFound, "/": exitNotExecutable, "/dev/null": exitNotExecutable} {
		out, err := exec.Command(launcherBinary, "wait", "--", program).CombinedOutput()
		if got := exitCodeOf(t, err); got != code || !strings.HasPrefix(string(out), "launcher: cannot start "+program+": ") {
			t.Errorf("%s: exit code %d, %q", program, got, out)
		}
	}
}
