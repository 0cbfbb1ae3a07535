// Package member finds the cgroups that this process is a member of. All their limits apply to it.
package member

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Each calls visit with this process's cgroup of a controller and with its ancestors. unified is true for cgroup v2 and
// false for v1. root is the root of the file system; the folders are paths in it, and may not exist.
func Each(root fs.FS, controller string, visit func(folder string, unified bool)) {
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for _, own := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		// "0::/path" is cgroup v2, "8:pids:/path" is v1 (cgroups(7)).
		parts := strings.SplitN(own, ":", 3)
		if len(parts) < 3 {
			continue
		}
		mount, unified := "sys/fs/cgroup", parts[0] == "0" && parts[1] == ""
		switch {
		case unified:
			// Where systemd runs both versions, version 2 is not at the top.
			if _, err := fs.Stat(root, mount+"/unified"); err == nil {
				mount += "/unified"
			}
		case !slices.Contains(strings.Split(parts[1], ","), controller):
			continue
		default:
			mount = path.Join(mount, controller)
		}
		// A container without a cgroup namespace sees the path of its cgroup on the host, but only the end of it is mounted.
		// Folders that do not exist have no limits.
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			visit(path.Join(mount, at), unified)
			if at == "/" {
				break
			}
		}
	}
}
