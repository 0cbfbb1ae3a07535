package cgroup

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// checkDelegated says why a cgroup may not be divided. If a user other than root may write to it, it was delegated.
// Root may write to any, so for root systemd's mark counts (Delegate= of systemd.resource-control(5); user.delegate
// since 251), or the root of a cgroup namespace, as a container has it.
func checkDelegated(place Place) error {
	for _, name := range []string{"", fileProcs, fileSubtree} {
		if err := unix.Access(filepath.Join(place.Folder, name), unix.W_OK); err != nil {
			return fmt.Errorf("%s is not delegated to this user: %w", place.Folder, err)
		}
	}
	if os.Geteuid() != 0 || place.Top {
		return nil
	}
	for _, name := range []string{"user.delegate", "trusted.delegate"} {
		value := make([]byte, 1)
		if n, _ := unix.Getxattr(place.Folder, name, value); n == 1 && value[0] == '1' {
			return nil
		}
	}
	return fmt.Errorf("%s is not delegated (Delegate= of a service)", place.Folder)
}
