package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// launcherBinary and helperBinary are what the tests run: the launcher as it is shipped, and the test
// binary, without the race detector, which waits a second at its exit. Both lie where any uid may
// execute them.
var launcherBinary, helperBinary string

// TestMain is also the entry of every helper process: "helper NAME args…".
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "helper" {
		os.Exit(helper(os.Args[2], os.Args[3:]))
	}
	os.Exit(withBinaries(m.Run))
}

func withBinaries(run func() int) int {
	dir, err := os.MkdirTemp("", "launcher")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	launcherBinary, helperBinary = filepath.Join(dir, "launcher"), filepath.Join(dir, "helper")
	goTool("build", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", launcherBinary, ".")
	goTool("test", "-c", "-o", helperBinary, ".")
	return run()
}

func goTool(args ...string) {
	tool := exec.Command("go", args...)
	tool.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := tool.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("go %v: %v\n%s", args, err, out))
	}
}

func TestTheBinaryIsSmall(t *testing.T) {
	info, err := os.Stat(launcherBinary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 3<<20 {
		t.Errorf("the launcher has %d bytes, more than 3 MB", info.Size())
	}
}
