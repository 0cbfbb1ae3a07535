package affinity

import (
	"io/fs"
	"math"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/cgroup/member"
)

// Count returns the number of CPUs that this process may use at a time: as many as its affinity allows, but no more
// than the CPU quota of its cgroups, rounded up. A container with --cpus=1.5 has a quota and sees all CPUs of its host.
func Count() int { return count(runtime.NumCPU(), os.DirFS("/")) }

func count(allowed int, root fs.FS) int {
	member.Each(root, "cpu", func(folder string, unified bool) {
		if quota, ok := quotaOf(root, folder, unified); ok && quota < float64(allowed) {
			allowed = int(math.Ceil(quota))
		}
	})
	return max(allowed, 1)
}

// quotaOf reads the quota of one cgroup in CPUs: cpu.max is "150000 100000" or "max 100000", and in version 1
// cpu.cfs_quota_us is -1 if there is none.
func quotaOf(root fs.FS, folder string, unified bool) (float64, bool) {
	read := func(name string) string {
		text, _ := fs.ReadFile(root, path.Join(folder, name))
		return strings.TrimSpace(string(text))
	}
	text := read("cpu.cfs_quota_us") + " " + read("cpu.cfs_period_us")
	if unified {
		text = read("cpu.max")
	}
	limit, per, _ := strings.Cut(text, " ")
	quota, err := strconv.ParseFloat(limit, 64)
	period, wrong := strconv.ParseFloat(per, 64)
	if err != nil || wrong != nil || quota <= 0 || period <= 0 {
		return 0, false
	}
	return quota / period, true
}
