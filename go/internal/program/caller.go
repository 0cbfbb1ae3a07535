package program

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// callerVariable is set by a Python program that execs this one: see python/scaler_native/caller.py.
const callerVariable = "SCALER_NATIVE_CALLER"

const parentInterval = time.Second

// caller describes the Python program that has execed this one.
type caller struct {
	protocol.Program
	// Parent is the pid of the program that forked a process for the manager, or 0.
	Parent int `json:"parent"`
}

// takeCaller returns the Python program that has execed this one, or this one itself. It removes the variable from the
// environment, so that tasks do not inherit it.
func takeCaller(arguments []string) (caller, error) {
	text, became := os.LookupEnv(callerVariable)
	if !became {
		return caller{Program: protocol.Program{Argv: arguments}}, nil
	}
	os.Unsetenv(callerVariable)
	var c caller
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, fmt.Errorf("invalid %s: %w", callerVariable, err)
	}
	return c, nil
}

// endWithParent sends SIGTERM to this process when the parent has ended: workers of a SchedulerClusterCombo must not
// outlive its program. A parent-death signal would come when the thread that forked ends, which may be earlier.
func endWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(parentInterval)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
}

// closeInheritedOnExec prevents children from inheriting the descriptors that this process has inherited. One of them
// may be a pipe by which a Python parent detects our end, so that it must not stay open in workers.
func closeInheritedOnExec() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		for descriptor := 3; descriptor < 1024; descriptor++ {
			syscall.CloseOnExec(descriptor)
		}
		return
	}
	for _, entry := range entries {
		if descriptor, err := strconv.Atoi(entry.Name()); err == nil && descriptor > 2 {
			syscall.CloseOnExec(descriptor)
		}
	}
}
