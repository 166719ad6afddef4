package main

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	got, err := parseOptions(strings.Fields("--control /c --main=/m --outputs /o --execution-timeout 1h30m " +
		"--grace=0s --capture-bytes 8 -- -- --grace x"))
	check(t, err)
	want := options{
		control: "/c", main: "/m", outputs: "/o", executionTimeout: 90 * time.Minute, captureBytes: 8,
		command: []string{"--", "--grace", "x"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got, err = parseOptions(strings.Fields("--control /c --main /m -- x"))
	check(t, err)
	if got.grace != 5*time.Second || got.captureBytes != 64<<20 || got.executionTimeout != 0 || got.outputs != "" {
		t.Errorf("defaults: %+v", got)
	}
}

func TestWrongUsageIsNamed(t *testing.T) {
	for line, want := range map[string]string{
		"":                                  "the first argument is run or wait",
		"walk":                              "the first argument is run or wait",
		"run":                               "--control: missing",
		"run --control /c -- x":             "--main: missing",
		"run --control /c --main":           "--main: expected --flag value",
		"run --control /c -- --main":        "--main: missing",
		"run --control /c --main /m":        "--: no command",
		"run --control /c --main /m --":     "--: no command",
		"run --control /c --main /m x -- y": "x: expected --flag value",
		"run --colour red -- x":             "--colour: unknown",
		"run --grace 5 -- x":                `--grace: "5" is not a duration`,
		"run --execution-timeout=-1s -- x":  `--execution-timeout: "-1s" is not a duration`,
		"run --capture-bytes 0 -- x":        `--capture-bytes: "0" is not a number of bytes`,
		"run --capture-bytes 64Mi -- x":     `--capture-bytes: "64Mi" is not a number of bytes`,
		"wait":                              "wait takes the program behind --",
		"wait sleep 1":                      "wait takes the program behind --",
		"wait --":                           "wait takes the program behind --",
	} {
		t.Run(line, func(t *testing.T) {
			out, err := exec.Command(launcherBinary, strings.Fields(line)...).CombinedOutput()
			if code := exitCodeOf(t, err); code != exitAborted {
				t.Errorf("exit code %d", code)
			}
			if !strings.HasPrefix(string(out), "launcher: "+want) || strings.Count(string(out), "\n") != 1 {
				t.Errorf("%q does not say %q", out, want)
			}
		})
	}
}
