package affinity

import (
	"testing"
	"testing/fstest"
)

func TestCount(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int // of 8
	}{
		{"no cgroups", nil, 8},
		{"version 2", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "150000 100000\n"}, 2},
		{"no quota", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 8},
		{"less than one", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "5000 100000\n"}, 1},
		{"more than all", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "900000 100000\n"}, 8},
		{
			"of an ancestor", map[string]string{
				"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "500000 100000\n",
				"sys/fs/cgroup/a/cpu.max": "300000 100000\n",
			}, 3,
		},
		{
			"version 1", map[string]string{
				"proc/self/cgroup": "3:cpu,cpuacct:/docker/x\n0::/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n",
				"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
			}, 4,
		},
		{
			"version 1 without quota", map[string]string{
				"proc/self/cgroup": "3:cpu:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
				"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
			}, 8,
		},
		{
			"both versions", map[string]string{
				"proc/self/cgroup": "0::/x\n", "sys/fs/cgroup/unified/x/cpu.max": "200000 100000\n",
			}, 2,
		},
		{"rubbish", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 0\n"}, 8},
	} {
		root := fstest.MapFS{}
		for name, text := range test.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := count(8, root); got != test.want {
			t.Errorf("%s: %d CPUs, want %d", test.name, got, test.want)
		}
	}
	if got := Count(); got < 1 {
		t.Errorf("%d CPUs on this machine", got)
	}
}
