package preflight

import (
	"io/fs"
	"os"
	"path"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/cgroup/member"
)

const mebibyte = 1 << 20

// memoryBudgets returns the limits on memory in MiB, of the machine and the cgroups.
func memoryBudgets() []budget { return memoryIn(os.DirFS("/")) }

func memoryIn(root fs.FS) []budget {
	var budgets []budget
	meminfo := "\n" + read(root, "proc/meminfo")
	total, err := strconv.ParseUint(line(meminfo, "MemTotal:"), 10, 64)
	available, missing := strconv.ParseUint(line(meminfo, "MemAvailable:"), 10, 64)
	if err == nil && missing == nil && available <= total {
		budgets = append(budgets, budget{
			name: "MemTotal in /proc/meminfo", limit: total >> 10, used: (total - available) >> 10,
			remedy: "use a machine with more memory",
		})
	}
	member.Each(root, "memory", func(folder string, unified bool) {
		limit, used, inactive := "memory.max", "memory.current", "inactive_file"
		if !unified {
			limit, used, inactive = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
		}
		if b, ok := memoryOf(root, folder, limit, used, inactive); ok {
			budgets = append(budgets, b)
		}
	})
	return budgets
}

// memoryOf reads the limit of one cgroup. Inactive file pages count as free: the kernel drops them before it denies
// memory.
func memoryOf(root fs.FS, folder, limitFile, usedFile, inactive string) (budget, bool) {
	file := path.Join(folder, limitFile)
	limit, err := strconv.ParseUint(read(root, file), 10, 64)
	if err != nil || limit >= 1<<62 { // "max" in version 2, a number near 2^63 in version 1
		return budget{}, false
	}
	used, _ := strconv.ParseUint(read(root, path.Join(folder, usedFile)), 10, 64)
	free, _ := strconv.ParseUint(line("\n"+read(root, path.Join(folder, "memory.stat")), inactive+" "), 10, 64)
	return budget{name: "/" + file, limit: limit / mebibyte, used: (used - min(free, used)) / mebibyte,
		remedy: "raise it by MemoryMax= of the service or --memory= of the container"}, true
}
