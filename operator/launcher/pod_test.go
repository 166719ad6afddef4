package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// inPod has the launcher run as PID 1 of new PID and mount namespaces, on a read-only root with the
// control volume read-only too, as it is in a Pod.
func (tr *trial) inPod(tmpfs ...string) *trial {
	tr.t.Helper()
	tr.attributes = namespaces(syscall.CLONE_NEWPID | syscall.CLONE_NEWNS)
	mainKind := "bind"
	if len(tmpfs) > 0 {
		mainKind = tmpfs[0]
	}
	tr.before = []string{helperBinary, "helper", "pod", tr.dir, mainKind}
	skipWithout(tr.t, tr.attributes)
	return tr
}

// namespaces asks for a user namespace too where we are not root.
func namespaces(flags uintptr) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: flags}
	if os.Getuid() != 0 || flags&syscall.CLONE_NEWUSER != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return attributes
}

// runHelper runs one of our helpers directly, as whom and where the attributes say.
func runHelper(attributes *syscall.SysProcAttr, args ...string) error {
	helper := exec.Command(helperBinary, append([]string{"helper"}, args...)...)
	helper.SysProcAttr = attributes
	out, err := helper.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return nil
}

// skipWithout skips where the machine does not let us have these namespaces.
func skipWithout(t *testing.T, attributes *syscall.SysProcAttr) {
	t.Helper()
	if err := runHelper(attributes, "exit", "0"); err != nil {
		t.Skipf("no namespaces here: %v", err)
	}
}

// everywhere runs a test with the launcher as an ordinary process and as PID 1.
func everywhere(t *testing.T, test func(t *testing.T, tr *trial)) {
	t.Helper()
	t.Run("process", func(t *testing.T) {
		t.Parallel()
		test(t, newTrial(t))
	})
	t.Run("pid1", func(t *testing.T) {
		t.Parallel()
		test(t, newTrial(t).inPod())
	})
}
