package member

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestEach(t *testing.T) {
	for _, test := range []struct {
		name, own string
		files     []string
		want      []string
	}{
		{"no /proc", "", nil, nil},
		{"version 2", "0::/a/b\n", nil, []string{"2 sys/fs/cgroup/a/b", "2 sys/fs/cgroup/a", "2 sys/fs/cgroup"}},
		{"version 1", "9:name=systemd:/s\n3:cpu,cpuacct:/x\n", nil, []string{"1 sys/fs/cgroup/cpu/x", "1 sys/fs/cgroup/cpu"}},
		{
			"hybrid", "3:cpu:/\n0::/x\n", []string{"sys/fs/cgroup/unified/cgroup.procs"},
			[]string{"1 sys/fs/cgroup/cpu", "2 sys/fs/cgroup/unified/x", "2 sys/fs/cgroup/unified"},
		},
		{"another controller", "3:cpuset:/\n", nil, nil},
		{"rubbish", "x\n::\n1:cpu\n", nil, nil},
	} {
		root := fstest.MapFS{}
		if test.own != "" {
			root["proc/self/cgroup"] = &fstest.MapFile{Data: []byte(test.own)}
		}
		for _, name := range test.files {
			root[name] = &fstest.MapFile{}
		}
		var got []string
		Each(root, "cpu", func(folder string, unified bool) {
			version := "1 "
			if unified {
				version = "2 "
			}
			got = append(got, version+folder)
		})
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
