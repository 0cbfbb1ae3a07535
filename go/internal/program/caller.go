package program

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// callerVariable is set by a Python program that becomes this one: see python/scaler_native/caller.py.
const callerVariable = "SCALER_NATIVE_CALLER"

// takeCaller returns what workers are to take for the program that they run in: the one
// that became this one, else this one. The variable is removed: it is no business of tasks.
func takeCaller(arguments []string) (protocol.Program, error) {
	text, became := os.LookupEnv(callerVariable)
	if !became {
		return protocol.Program{Argv: arguments}, nil
	}
	os.Unsetenv(callerVariable)
	var caller protocol.Program
	if err := json.Unmarshal([]byte(text), &caller); err != nil {
		return caller, fmt.Errorf("cannot read %s: %w", callerVariable, err)
	}
	return caller, nil
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
