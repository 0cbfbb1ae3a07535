package preflight

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// cgroups calls visit with this process's cgroup of a controller and with its ancestors, since all their limits apply.
// unified is true for cgroup v2 and false for v1.
func cgroups(root fs.FS, controller string, visit func(folder string, unified bool)) {
	for _, own := range strings.Split(read(root, "proc/self/cgroup"), "\n") {
		// "0::/path" is cgroup v2, "8:pids:/path" is v1 (cgroups(7)).
		parts := strings.SplitN(own, ":", 3)
		if len(parts) < 3 {
			continue
		}
		mount, unified := "sys/fs/cgroup", parts[0] == "0" && parts[1] == ""
		if !unified {
			if !slices.Contains(strings.Split(parts[1], ","), controller) {
				continue
			}
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
