package preflight

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// cgroups calls visit with this process's cgroup of a controller and its ancestors, as each of their limits applies. unified
// tells version 2 from version 1.
func cgroups(root fs.FS, controller string, visit func(folder string, unified bool)) {
	for _, own := range strings.Split(read(root, "proc/self/cgroup"), "\n") {
		// "0::/path" is the unified hierarchy, "8:pids:/path" that of version 1 (cgroups(7)).
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
		// A container without a cgroup namespace sees the path of its cgroup on the host, of which only the end is
		// mounted: folders that do not exist here have no limit to read.
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			visit(path.Join(mount, at), unified)
			if at == "/" {
				break
			}
		}
	}
}
