package preflight

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/cgroup/member"
	"golang.org/x/sys/unix"
)

// taskBudgets returns the limits on processes and threads, of the user, the cgroups and the kernel.
func taskBudgets(needed uint64) []budget {
	root := os.DirFS("/")
	budgets := append(pidsLimits(root), kernelLimits(root)...)
	var is unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &is) == nil && is.Cur != unlimited && !isRealRoot(root, os.Getuid()) {
		budgets = append(budgets, budget{
			name: "RLIMIT_NPROC", limit: is.Cur, used: userTasks(root, os.Getuid(), is.Cur, needed),
			remedy: "raise it by LimitNPROC= of the service, ulimit -u, or /etc/security/limits.conf",
		})
	}
	return budgets
}

// isRealRoot reports whether RLIMIT_NPROC does not apply. It does not apply to root, but it does to a user that a user
// namespace maps to root.
func isRealRoot(root fs.FS, uid int) bool {
	first := strings.Fields(read(root, "proc/self/uid_map"))
	return uid == 0 && len(first) >= 2 && first[0] == "0" && first[1] == "0"
}

// userTasks counts the processes and threads of a user, which share the limit. To count them it has to read a file per
// process, so it returns the number of all tasks of the machine if that is low enough.
func userTasks(root fs.FS, uid int, limit, needed uint64) uint64 {
	if total, ok := allTasks(root); ok && total < limit && limit-total >= needed {
		return total
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

// allTasks counts the processes and threads of the machine.
func allTasks(root fs.FS) (uint64, bool) {
	// "0.20 0.18 0.12 1/80 11206": the second number of the fourth field (proc_loadavg(5)).
	fields := strings.Fields(read(root, "proc/loadavg"))
	if len(fields) < 4 {
		return 0, false
	}
	_, all, _ := strings.Cut(fields[3], "/")
	total, err := strconv.ParseUint(all, 10, 64)
	return total, err == nil
}

// kernelLimits returns the limits for all tasks of the machine together. Each thread takes a pid, too.
func kernelLimits(root fs.FS) []budget {
	used, ok := allTasks(root)
	if !ok {
		return nil
	}
	var budgets []budget
	for _, name := range []string{"pid_max", "threads-max"} {
		if limit, err := strconv.ParseUint(read(root, "proc/sys/kernel/"+name), 10, 64); err == nil {
			budgets = append(budgets, budget{name: "/proc/sys/kernel/" + name, limit: limit, used: used,
				remedy: "raise it by sysctl kernel." + name})
		}
	}
	return budgets
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

// pidsLimits returns pids.max of this process's cgroup and of its ancestors.
func pidsLimits(root fs.FS) []budget {
	var budgets []budget
	member.Each(root, "pids", func(folder string, _ bool) {
		if b, ok := pidsLimit(root, folder); ok {
			budgets = append(budgets, b)
		}
	})
	return budgets
}

func pidsLimit(root fs.FS, folder string) (budget, bool) {
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
