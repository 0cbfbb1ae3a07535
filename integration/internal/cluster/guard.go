package cluster

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// guardVariable makes the test program the guard of the process whose pid it holds.
const guardVariable = "SCALER_TEST_GUARD"

// Main runs the tests of a package, with a guard process beside them. A test run that is killed, or that exceeds go
// test's time limit, runs no cleanup and would leave schedulers and workers behind. The guard notices because the
// kernel then closes its standard input, and kills them.
func Main(m *testing.M) int {
	if guarded := os.Getenv(guardVariable); guarded != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		killMarked("-" + guarded)
		return 0
	}
	guard := exec.Command(os.Args[0])
	guard.Env = append(os.Environ(), guardVariable+"="+strconv.Itoa(os.Getpid()))
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // out of reach of a terminal's interrupt
	input, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot start the guard of the tests:", err)
		return 1
	}
	status := m.Run()
	input.Close()
	_ = guard.Wait()
	return status
}

// killMarked kills every process whose mark has this suffix, the pid of the test process, and removes their folders.
func killMarked(end string) {
	for _, value := range marks() {
		if !strings.HasSuffix(value, end) {
			continue
		}
		left := Mark{Value: value}
		for range 10 { // more may be started while these are killed
			for _, process := range left.Processes() {
				_ = syscall.Kill(process.Pid, syscall.SIGKILL)
			}
		}
		os.RemoveAll(os.TempDir() + "/" + strings.TrimSuffix(value, end))
	}
}
