package preflight

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// taskBudgets are the limits on processes and threads, of the user and of the cgroups.
func taskBudgets(needed uint64) []budget {
	root := os.DirFS("/")
	budgets := cgroups(root)
	var is unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &is) == nil && is.Cur != unlimited && !isRealRoot(root, os.Getuid()) {
		budgets = append(budgets, budget{
			name: "RLIMIT_NPROC", limit: is.Cur, used: userTasks(root, os.Getuid(), is.Cur, needed),
			remedy: "raise it by LimitNPROC= of the service, ulimit -u, or /etc/security/limits.conf",
		})
	}
	return budgets
}

// isRealRoot tells whether RLIMIT_NPROC does not apply: to root, unless that is another user mapped to 0 by a user
// namespace.
func isRealRoot(root fs.FS, uid int) bool {
	first := strings.Fields(read(root, "proc/self/uid_map"))
	return uid == 0 && len(first) >= 2 && first[0] == "0" && first[1] == "0"
}

// userTasks counts the processes and threads of a user, all of which share the limit. Counting reads a file for every
// process, so the number of all tasks of the machine is used instead if even that leaves enough.
func userTasks(root fs.FS, uid int, limit, needed uint64) uint64 {
	// "0.20 0.18 0.12 1/80 11206": the second number of the fourth field (proc_loadavg(5)).
	if fields := strings.Fields(read(root, "proc/loadavg")); len(fields) > 3 {
		_, all, _ := strings.Cut(fields[3], "/")
		if total, err := strconv.ParseUint(all, 10, 64); err == nil && total < limit && limit-total >= needed {
			return total
		}
	}
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return 0
	}
	var count uint64
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		status := read(root, path.Join("proc", entry.Name(), "status"))
		if line(status, "Uid:") == strconv.Itoa(uid) {
			threads, _ := strconv.ParseUint(line(status, "Threads:"), 10, 64)
			count += threads
		}
	}
	return count
}

// line returns the first word after a name at the start of a line.
func line(text, name string) string {
	_, after, found := strings.Cut(text, "\n"+name)
	fields := strings.Fields(after)
	if !found || len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// cgroups are the limits pids.max of this process's cgroup and of its ancestors; each of them applies.
func cgroups(root fs.FS) []budget {
	var budgets []budget
	for _, own := range strings.Split(strings.TrimSpace(read(root, "proc/self/cgroup")), "\n") {
		// "0::/path" is the unified hierarchy, "8:pids:/path" that of version 1 (cgroups(7)).
		parts := strings.SplitN(own, ":", 3)
		if len(parts) < 3 {
			continue
		}
		mount := ""
		switch {
		case parts[0] == "0" && parts[1] == "":
			mount = "sys/fs/cgroup"
		case slices.Contains(strings.Split(parts[1], ","), "pids"):
			mount = "sys/fs/cgroup/pids"
		default:
			continue
		}
		// A container without a cgroup namespace sees the path of its cgroup on the host, of which only the end is
		// mounted: folders that do not exist here are skipped.
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			if b, ok := cgroup(root, path.Join(mount, at)); ok {
				budgets = append(budgets, b)
			}
			if at == "/" {
				break
			}
		}
	}
	return budgets
}

func cgroup(root fs.FS, folder string) (budget, bool) {
	file := path.Join(folder, "pids.max")
	limit, err := strconv.ParseUint(read(root, file), 10, 64)
	if err != nil { // "max", or not there
		return budget{}, false
	}
	used, _ := strconv.ParseUint(read(root, path.Join(folder, "pids.current")), 10, 64)
	return budget{name: "/" + file, limit: limit, used: used,
		remedy: "raise it by TasksMax= of the service or --pids-limit of the container"}, true
}

// read returns the trimmed text of a file, "" if it cannot be read.
func read(root fs.FS, file string) string {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
