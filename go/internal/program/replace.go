package program

import (
	"fmt"
	"os"
	"syscall"
)

// replace has this process become another program: pid, signals and exit status are that one's.
func replace(path string, arguments []string) error {
	return fmt.Errorf("cannot run %s: %w", path, syscall.Exec(path, arguments, os.Environ()))
}
