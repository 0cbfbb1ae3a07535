package integration

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

// guardVariable makes the test program a guard of the process whose id it holds.
const guardVariable = "SCALER_TEST_GUARD"

// TestMain has a guard stand by: a test run that is killed, or that go test's own time limit ends, runs no cleanup and
// would leave schedulers and workers behind. The guard learns of the end by its standard input, which the kernel closes.
func TestMain(m *testing.M) {
	if guarded := os.Getenv(guardVariable); guarded != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		killMarked("-" + guarded)
		return
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
		os.Exit(1)
	}
	status := m.Run()
	input.Close()
	_ = guard.Wait()
	os.Exit(status)
}

// killMarked kills every process whose mark has this end, which is the test process's id, and removes their folders.
func killMarked(end string) {
	for _, value := range marks() {
		if !strings.HasSuffix(value, end) {
			continue
		}
		left := mark{value: value}
		for range 10 { // more may be started while these are killed
			for _, process := range left.processes() {
				_ = syscall.Kill(process.pid, syscall.SIGKILL)
			}
		}
		os.RemoveAll(os.TempDir() + "/" + strings.TrimSuffix(value, end))
	}
}
