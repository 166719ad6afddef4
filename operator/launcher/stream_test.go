package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStreamsAreCapturedAndPassedThrough(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.ready().helper("write", "300000")
		r := tr.ends()
		want := pattern(300_000)
		if !bytes.Equal(tr.captured(stdoutStem), want) || tr.stdout.String() != string(want) {
			t.Errorf("captured %d bytes, passed %d", len(tr.captured(stdoutStem)), len(tr.stdout.String()))
		}
		if r.Stdout == nil || r.Stdout.Bytes != 300_000 || r.Stdout.Error != "" || r.Stderr == nil || r.Stderr.Bytes != 0 {
			t.Errorf("%+v %+v", r.Stdout, r.Stderr)
		}
	})
}

func TestTheLastBytesOfAStreamAreKept(t *testing.T) {
	for _, c := range []struct{ keep, written string }{
		{"4096", "4095"}, {"4096", "4096"}, {"4096", "5120"}, {"4096", "5121"}, {"4096", "1000003"},
		{"1", "1000"}, {"1001", "70000"}, {"1000000", "999999"},
	} {
		t.Run(c.written+" of which "+c.keep, func(t *testing.T) {
			t.Parallel()
			tr := newTrial(t)
			tr.flags = append(tr.flags, "--capture-bytes", c.keep)
			tr.ready().helper("write", c.written)
			r := tr.ends()
			keep, written, got := number(c.keep), number(c.written), tr.captured(stdoutStem)
			if r.Stdout.Bytes != int64(written) || r.Stdout.Error != "" {
				t.Errorf("%+v", r.Stdout)
			}
			if !bytes.HasSuffix(pattern(written), got) {
				t.Errorf("%d captured bytes are not the stream's end", len(got))
			}
			quarter := (keep + 3) / 4
			if len(got) < min(keep, written) || len(got) > 5*quarter {
				t.Errorf("kept %d bytes", len(got))
			}
		})
	}
}

func TestCapturedFilesAreForEveryUid(t *testing.T) {
	old := umask(0o077)
	tr := newTrial(t)
	tr.ready().helper("say", "x")
	umask(old)
	tr.ends()
	for _, name := range []string{stdoutStem + ".0", recordFile} {
		info, err := os.Stat(filepath.Join(tr.main, name))
		check(t, err)
		if info.Mode() != 0o644 {
			t.Errorf("%s has mode %o", name, info.Mode())
		}
	}
}

func TestAFullVolumeDisturbsNothing(t *testing.T) {
	for name, size := range map[string]string{"small": "size=64k", "no inode left": "nr_inodes=1"} {
		t.Run(name, func(t *testing.T) {
			tr := newTrial(t).inPod(size)
			tr.ready().helper("write", "1000000")
			r := tr.ends()
			if r.Cause != causeExited || r.ExitCode != 0 || r.Stdout.Bytes != 1_000_000 {
				t.Errorf("%+v %+v", r, r.Stdout)
			}
			if !strings.Contains(r.Stdout.Error, "no space left on device") {
				t.Errorf("error %q", r.Stdout.Error)
			}
			if tr.stdout.String() != string(pattern(1_000_000)) {
				t.Error("the log lost something")
			}
			if !strings.Contains(tr.stderr.String(), recordFile) {
				t.Errorf("stderr %q does not name the record", tr.stderr.String())
			}
		})
	}
}

func TestAVolumeThatCannotBeWrittenDisturbsNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		tr.flags = []string{"--control", tr.control, "--main", "/proc/self"}
		tr.ready().helper("say", "hello")
		r := tr.ends()
		if r.ExitCode != 0 || r.Stdout.Error == "" || r.Stderr.Error != "" || tr.stdout.String() != "hello\n" {
			t.Errorf("%+v %+v", r, r.Stdout)
		}
	})
	t.Run("by its mode", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("needs root to become another uid")
		}
		tr := newTrial(t)
		check(t, os.Chmod(tr.main, 0o555))
		tr.attributes = as(openShiftUid)
		tr.ready().helper("say", "hello")
		if r := tr.ends(); r.ExitCode != 0 || !strings.HasSuffix(r.Stdout.Error, "permission denied") {
			t.Errorf("%+v %+v", r, r.Stdout)
		}
	})
}

func TestPlantedLinksAreNotFollowed(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		victim := filepath.Join(tr.outputs, "victim")
		check(t, os.WriteFile(victim, []byte("precious"), 0o600))
		check(t, os.Symlink(victim, filepath.Join(tr.main, stdoutStem+".0")))
		check(t, os.Symlink(victim, filepath.Join(tr.main, recordFile)))
		tr.ready().helper("say", "overwritten")
		r := tr.ends()
		content, err := os.ReadFile(victim)
		check(t, err)
		info, err := os.Stat(victim)
		check(t, err)
		if string(content) != "precious" || info.Mode() != 0o600 {
			t.Errorf("%q, mode %o", content, info.Mode())
		}
		if !strings.Contains(r.Stdout.Error, "file exists") {
			t.Errorf("%+v", r.Stdout)
		}
		if info, err := os.Lstat(filepath.Join(tr.main, recordFile)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("the record did not replace the link: %v %v", info, err)
		}
	})
}
