package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestArgumentsAreUntouched(t *testing.T) {
	many := make([]string, 10_000)
	for i := range many {
		many[i] = strings.Repeat("é", i%7)
	}
	cases := map[string][]string{
		"none":           nil,
		"empty strings":  {"", "", "x", ""},
		"invalid UTF-8":  {"\xff\xfe", "a\x80b", "\x01\x1b\n"},
		"like our flags": {"--", "--grace", "--control=x", "$HOME", "a b", "*"},
		"10000":          many,
		"longest":        {strings.Repeat("y", 131071)},
	}
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, tr *trial) {
				tr.ready().helper(append([]string{"args"}, args...)...)
				if r := tr.ends(); r.Cause != causeExited || r.ExitCode != 0 {
					t.Fatalf("%+v", r)
				}
				want := ""
				if len(args) > 0 {
					want = strings.Join(args, "\x00") + "\x00"
				}
				if got := string(tr.captured(stdoutStem)); got != want {
					t.Errorf("got %d bytes, want %d", len(got), len(want))
				}
			})
		})
	}
}

func TestTheEnvironmentIsUntouched(t *testing.T) {
	environment := []string{"A=1", "A=2", "no-equals-sign", "B=\xff", "EMPTY=", "=odd", "PATH=/bin", ""}
	want := strings.Join(environment, "\x00") + "\x00"
	everywhere(t, func(t *testing.T, tr *trial) {
		// os/exec and package syscall tidy an environment up: the last stage before the launcher must not.
		tr.before = append(tr.before, helperBinary, "helper", "exec-with", strings.Join(environment, "\n"))
		tr.ready().helper("env")
		tr.ends()
		if got := tr.stdout.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestTheCommandInheritsNoDescriptorOfTheLauncher(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		direct := exec.Command(helperBinary, "helper", "fds")
		direct.Stderr = &output{} // as in a trial, a pipe
		outside, err := direct.Output()
		check(t, err)
		tr.makeFIFO()
		tr.read()
		tr.helper("fds")
		tr.watching()
		<-tr.connected
		tr.expectCloseOnExec(string(outside))
		tr.gate(gateOpen)
		tr.ends()
		pipes := regexp.MustCompile(`(?m)^([12]) pipe:.*$`)
		want := pipes.ReplaceAllString(string(outside), "$1 pipe")
		if got := pipes.ReplaceAllString(tr.stdout.String(), "$1 pipe"); got != want {
			t.Errorf("through the launcher\n%swithout it\n%s", got, want)
		}
	})
}

// expectCloseOnExec asks the kernel: whether a descriptor reaches the command may depend on when the
// launcher closes it. What the launcher itself inherited is for the command.
func (tr *trial) expectCloseOnExec(inherited string) {
	tr.t.Helper()
	infos, err := filepath.Glob(tr.proc("fdinfo/*"))
	check(tr.t, err)
	for _, info := range infos {
		fd := filepath.Base(info)
		content, err := os.ReadFile(info)
		if err != nil || lineOf(inherited, fd+" ") != "" {
			continue
		}
		flags, err := strconv.ParseUint(strings.Fields(lineOf(string(content), "flags:"))[1], 8, 64)
		check(tr.t, err)
		if flags&syscall.O_CLOEXEC == 0 {
			target, _ := os.Readlink(tr.proc("fd/" + fd))
			tr.t.Errorf("the command would inherit descriptor %s, %s", fd, target)
		}
	}
}

// TestSignalsAndLimitsAreUntouched uses cat: a helper in Go would change both before it looked.
func TestSignalsAndLimitsAreUntouched(t *testing.T) {
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip("no cat here")
	}
	everywhere(t, func(t *testing.T, tr *trial) {
		direct, err := exec.Command(cat, "/proc/self/status", "/proc/self/limits").Output()
		check(t, err)
		tr.ready().start(cat, "/proc/self/status", "/proc/self/limits")
		tr.ends()
		for _, name := range []string{"SigBlk:", "SigIgn:", "SigCgt:", "Max open files"} {
			want, got := lineOf(string(direct), name), lineOf(tr.stdout.String(), name)
			if want != got || want == "" {
				t.Errorf("%q in the command, %q outside", got, want)
			}
		}
	})
}

func lineOf(text, start string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			return line
		}
	}
	return ""
}

func TestStandardStreamsMayBeClosed(t *testing.T) {
	t.Run("stdin", func(t *testing.T) {
		t.Parallel()
		tr := newTrial(t)
		tr.before = []string{helperBinary, "helper", "without-fd", "0"}
		tr.ready().helper("read-stdin")
		if r := tr.ends(); r.ExitCode != 0 || tr.stdout.String() != "0 bytes" {
			t.Errorf("%+v, stdout %q", r, tr.stdout.String())
		}
	})
	t.Run("stdout", func(t *testing.T) {
		t.Parallel()
		tr := newTrial(t)
		tr.before = []string{helperBinary, "helper", "without-fd", "1"}
		tr.ready().helper("say", "captured")
		if r := tr.ends(); r.ExitCode != 0 || string(tr.captured(stdoutStem)) != "captured\n" {
			t.Errorf("%+v", r)
		}
	})
}

func TestALogNobodyReadsDisturbsNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		gone, write, err := os.Pipe()
		check(t, err)
		check(t, gone.Close())
		tr.process = &exec.Cmd{Stdout: write}
		tr.ready().helper("write", "1000000")
		check(t, write.Close())
		r := tr.ends()
		if r.Cause != causeExited || r.ExitCode != 0 || r.Stdout.Bytes != 1000000 || r.Stdout.Error != "" {
			t.Errorf("%+v %+v", r, r.Stdout)
		}
		if string(tr.captured(stdoutStem)) != string(pattern(1000000)) {
			t.Error("captured something else")
		}
	})
}
