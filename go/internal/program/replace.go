package program

import (
	"fmt"
	"os"
	"syscall"
)

// replace execs another program. It returns only on failure.
func replace(path string, arguments []string) error {
	return fmt.Errorf("cannot run %s: %w", path, syscall.Exec(path, arguments, os.Environ()))
}
