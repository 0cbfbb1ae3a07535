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

// callerVariable is set by a Python program that becomes this one: see python/scaler_native/caller.py.
const callerVariable = "SCALER_NATIVE_CALLER"

const parentInterval = time.Second

// caller is what a Python program tells of itself before it becomes this one.
type caller struct {
	protocol.Program
	// Parent is the pid of the program that made a process for the manager; 0 when none did.
	Parent int `json:"parent"`
}

// takeCaller returns the Python program that became this one, or this one itself. The
// variable is removed from the environment: it is no business of tasks.
func takeCaller(arguments []string) (caller, error) {
	text, became := os.LookupEnv(callerVariable)
	if !became {
		return caller{Program: protocol.Program{Argv: arguments}}, nil
	}
	os.Unsetenv(callerVariable)
	var c caller
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, fmt.Errorf("cannot read %s: %w", callerVariable, err)
	}
	return c, nil
}

// endWithParent stops this process, as SIGTERM does, when the parent has ended without
// doing so: whoever called SchedulerClusterCombo wants no workers beyond his program. (A
// parent-death signal would come when the parent's thread ends, not the parent.)
func endWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(parentInterval)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
}

// closeInheritedOnExec keeps the descriptors that this process was started with from its
// children. The end of a pipe by which a Python parent learns of our end is among them:
// it must close when we end, not when the last worker does.
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
