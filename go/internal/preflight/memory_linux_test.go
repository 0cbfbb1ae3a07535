package preflight

import (
	"reflect"
	"testing"
)

func TestMemory(t *testing.T) {
	const meminfo = "MemTotal:       24684084 kB\nMemFree:        23366076 kB\nMemAvailable:   24000000 kB\n"
	type found struct {
		name        string
		limit, used uint64
	}
	machine := found{"MemTotal in /proc/meminfo", 24105, 668}
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []found
	}{
		{"nothing", nil, nil},
		{"no cgroup", map[string]string{"proc/meminfo": meminfo}, []found{machine}},
		{"old kernel", map[string]string{"proc/meminfo": "MemTotal: 5 kB\n"}, nil},
		{"unified", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "1073741824\n", "sys/fs/cgroup/a/b/memory.current": "536870912\n",
			"sys/fs/cgroup/a/b/memory.stat": "anon 1\nfile 2\ninactive_file 134217728\nactive_file 9\n",
			"sys/fs/cgroup/a/memory.max":    "max\n", "sys/fs/cgroup/a/memory.current": "1\n",
		}, []found{machine, {"/sys/fs/cgroup/a/b/memory.max", 1024, 384}}},
		{"version 1, in a container", map[string]string{
			"proc/self/cgroup":                           "9:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "2147483648\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "1048576\n",
			"sys/fs/cgroup/memory/memory.stat":           "cache 5\ntotal_inactive_file 4194304\n",
		}, []found{{"/sys/fs/cgroup/memory/memory.limit_in_bytes", 2048, 0}}},
		{"version 1 without a limit", map[string]string{
			"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, nil},
		{
			"rubbish",
			map[string]string{
				"proc/meminfo": "MemTotal: x\n", "proc/self/cgroup": "4:memory:/\n",
				"sys/fs/cgroup/memory/memory.limit_in_bytes": "-1",
			},
			nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []found
			for _, b := range memoryIn(files(test.files)) {
				got = append(got, found{b.name, b.limit, b.used})
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
