package cgroup

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// checkDelegated says why a cgroup is not ours to divide. Whoever may write to it and is not root has been given it. Root may
// write to all, also where systemd alone may: that marks what it gives away (systemd.exec(5), Delegate=; the first name since
// 251). A container is given the root of its namespace.
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
