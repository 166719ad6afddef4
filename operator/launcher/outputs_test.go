package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func umask(mask int) int { return syscall.Umask(mask) }

const (
	openShiftUid = 1000700000
	uploaderUid  = 65532
)

func as(uid uint32) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
}

func TestOutputsBecomeReadableForAnotherUid(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to become other uids")
	}
	tr := newTrial(t)
	tr.flags = append(tr.flags, "--outputs", tr.outputs)
	tr.attributes = as(openShiftUid)
	tr.ready().helper("umask", tr.outputs)
	r := tr.ends()
	if r.Cause != causeExited || r.ExitCode != 0 || r.UnreadableOutputs != 0 || r.OutputsError != "" {
		t.Errorf("%+v; stderr %q", r, tr.stderr.String())
	}
	if err := runHelper(as(uploaderUid), "read-tree", tr.outputs, tr.main); err != nil {
		t.Error(err)
	}
}

func TestOnlyWhatIsInTheOutputsIsTouched(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trial) {
		outside := filepath.Join(tr.main, "outside")
		check(t, os.Mkdir(outside, 0o700))
		check(t, os.WriteFile(outside+"/file", nil, 0o600))
		for name, target := range map[string]string{"dir": outside, "file": outside + "/file", "loop": ".", "gone": "/no"} {
			check(t, os.Symlink(target, filepath.Join(tr.outputs, "to-"+name)))
		}
		check(t, syscall.Mkfifo(filepath.Join(tr.outputs, "fifo"), 0o600))
		check(t, os.Mkdir(filepath.Join(tr.outputs, "sub"), 0))
		check(t, os.WriteFile(filepath.Join(tr.outputs, "name\nwith\xffbytes"), nil, 0o2000))
		tr.flags = append(tr.flags, "--outputs", tr.outputs)
		tr.ready().helper("exit", "0")
		if r := tr.ends(); r.UnreadableOutputs != 0 || r.OutputsError != "" {
			t.Errorf("%+v", r)
		}
		expectMode(t, outside, 0o700)
		expectMode(t, outside+"/file", 0o600)
		expectMode(t, tr.outputs+"/fifo", 0o600)
		expectMode(t, tr.outputs+"/sub", 0o755)
		expectMode(t, tr.outputs+"/name\nwith\xffbytes", 0o644)
	})
}

func expectMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	check(t, err)
	if info.Mode().Perm() != want {
		t.Errorf("%q has mode %o, want %o", path, info.Mode().Perm(), want)
	}
}

func TestWhatCannotBeMadeReadableIsNamed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to own what the command does not")
	}
	tr := newTrial(t)
	for _, name := range []string{"readable", "secret", "vault/x"} {
		path := filepath.Join(tr.outputs, name)
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, nil, 0o644))
	}
	check(t, os.Chmod(tr.outputs+"/secret", 0o600))
	check(t, os.Chmod(tr.outputs+"/vault", 0o700))
	tr.flags = append(tr.flags, "--outputs", tr.outputs)
	tr.attributes = as(openShiftUid)
	tr.ready().helper("exit", "0")
	r := tr.ends()
	if r.ExitCode != 0 || r.UnreadableOutputs != 2 || !strings.HasSuffix(r.OutputsError, ": operation not permitted") {
		t.Errorf("%+v", r)
	}
}

func TestTheVolumeItselfMayBelongToOthers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to own what the command does not")
	}
	tr := newTrial(t)
	check(t, os.Chmod(tr.outputs, 0o773|os.ModeSticky))
	tr.flags = append(tr.flags, "--outputs", tr.outputs)
	tr.attributes = as(openShiftUid)
	check(t, os.Chown(tr.outputs, 0, openShiftUid))
	tr.ready().helper("umask", tr.outputs)
	if r := tr.ends(); r.UnreadableOutputs != 0 || r.OutputsError != "" {
		t.Errorf("%+v", r)
	}
}

func TestOpenUpHasItsLimits(t *testing.T) {
	dir := openDir(t)
	if r := openUp(filepath.Join(dir, "missing")); r != (outputsReport{}) {
		t.Errorf("missing: %+v", r)
	}
	check(t, os.Symlink("/", filepath.Join(dir, "link")))
	if r := openUp(filepath.Join(dir, "link")); r.unreadable != 1 {
		t.Errorf("link: %+v", r)
	}
	deep := filepath.Join(dir, "deep")
	for _, depth := range []int{maxDepth - 1, maxDepth} {
		check(t, os.MkdirAll(deep+strings.Repeat("/d", depth), 0o755))
		r := openUp(deep)
		if want := int64(depth / maxDepth); r.unreadable != want || (r.err != "") != (want > 0) {
			t.Errorf("%d deep: %+v", depth, r)
		}
	}
}
