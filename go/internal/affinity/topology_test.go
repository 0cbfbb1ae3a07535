package affinity

import (
	"fmt"
	"reflect"
	"testing"
	"testing/fstest"
)

func system(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	return root
}

func core(files map[string]string, cpu int, siblings, pack string) {
	folder := fmt.Sprintf("cpu/cpu%d/topology/", cpu)
	files[folder+"thread_siblings_list"], files[folder+"physical_package_id"] = siblings, pack
}

func TestTopology(t *testing.T) {
	// CPU 5 is offline: Linux has no topology for it, and it is no sibling of another CPU.
	files := map[string]string{
		"node/node0/cpulist": "0-1,4", "node/node1/cpulist": "2-3", "node/node2/cpulist": "", "node/nodes": "x",
		"node/possible": "0-2",
	}
	core(files, 0, "0,4", "0")
	core(files, 4, "0,4", "0")
	core(files, 1, "1", "0")
	core(files, 2, "2-3", "1")
	core(files, 3, "2-3", "1")
	for _, test := range []struct {
		name  string
		files map[string]string
		cpus  []int
		want  Topology
	}{
		{
			"two nodes", files, []int{0, 1, 2, 3, 4},
			Topology{
				0: {domain{0, 0}, 0}, 1: {domain{0, 0}, 1}, 2: {domain{1, 1}, 2}, 3: {domain{1, 1}, 2}, 4: {domain{0, 0}, 0},
			},
		},
		{"only those asked for", files, []int{3}, Topology{3: {domain{1, 1}, 2}}},
		{"nothing there", nil, []int{0, 7}, Topology{0: {Core: 0}, 7: {Core: 7}}},
		{"no package", map[string]string{"cpu/cpu0/topology/physical_package_id": "-1"}, []int{0}, Topology{0: {}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readTopology(system(test.files), test.cpus)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	if got, err := readTopology(system(map[string]string{"node/node0/cpulist": "rubbish"}), []int{0}); err == nil {
		t.Errorf("got %v", got)
	}
}
