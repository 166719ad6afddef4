package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
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
	if err := runStage(tr.attributes, tr.before); err != nil {
		if os.Getuid() == 0 && mayAdminister(tr.t) {
			tr.t.Fatalf("root has no Pod here: %v", err)
		}
		tr.t.Skipf("no Pod here: %v", err)
	}
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
	return runStage(attributes, nil, args...)
}

// runStage runs what becomes the launcher in front of a helper instead, by default of one that just
// ends: namespaces may be allowed and yet what is done in them refused.
func runStage(attributes *syscall.SysProcAttr, before []string, args ...string) error {
	if args == nil {
		args = []string{"exit", "0"}
	}
	line := slices.Concat(before, []string{helperBinary, "helper"}, args)
	stage := exec.Command(line[0], line[1:]...)
	stage.SysProcAttr = attributes
	if out, err := stage.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", line, err, out)
	}
	return nil
}

// mayAdminister says whether root can have CAP_SYS_ADMIN: not in a container that is not privileged.
func mayAdminister(t *testing.T) bool {
	t.Helper()
	const capSysAdmin = 21
	status, err := os.ReadFile("/proc/self/status")
	check(t, err)
	bounding, err := strconv.ParseUint(strings.Fields(lineOf(string(status), "CapBnd:"))[1], 16, 64)
	check(t, err)
	return bounding>>capSysAdmin&1 == 1
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
