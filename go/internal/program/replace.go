package program

import (
	"fmt"
	"os"
	"syscall"
)

// execProgram execs another program. It returns only on failure.
func execProgram(path string, arguments []string) error {
	return fmt.Errorf("cannot run %s: %w", path, syscall.Exec(path, arguments, os.Environ()))
}
