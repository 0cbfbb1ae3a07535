package monitor

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const mebibyte = 1 << 20

// process is a process of a fake procfs, with its memory in MiB.
type process struct {
	pid, parent int
	resident    int64
	share       int64 // -1 if not readable
	state       byte
}

func write(t *testing.T, processes []process) string {
	t.Helper()
	root := t.TempDir()
	for _, p := range processes {
		folder := filepath.Join(root, fmt.Sprint(p.pid))
		if p.state == 0 {
			p.state = 'S'
		}
		files := map[string]string{
			"stat": fmt.Sprintf("%d (python) %c %d 1 1 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 %d 1 1",
				p.pid, p.state, p.parent, 1000+p.pid),
			"statm": fmt.Sprintf("1 %d 1 1 0 1 0", p.resident*mebibyte/int64(os.Getpagesize())),
		}
		if p.share >= 0 {
			files["smaps_rollup"] = fmt.Sprintf("0 [rollup]\nPss: %d kB\n", p.share*1024)
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// Worker 10, with 11 as the parent of its processors, is limited to 100 MiB.
func TestDecide(t *testing.T) {
	worker := process{pid: 10, parent: 1, resident: 20, share: 10}
	parent := process{pid: 11, parent: 10, resident: 10, share: 1}
	tests := []struct {
		name      string
		processes []process
		suspended []int
		level     Level
		victims   []int // the processor first
	}{
		{"far below", []process{{pid: 12, parent: 11, resident: 20, share: 10}}, nil, Fine, nil},
		{"much is shared", []process{{pid: 12, parent: 11, resident: 300, share: 30}}, nil, Fine, nil},
		{"near", []process{{pid: 12, parent: 11, resident: 300, share: 85}}, nil, Near, nil},
		{"over", []process{{pid: 12, parent: 11, resident: 300, share: 95}}, nil, Over, []int{12}},
		{
			"a child of its task",
			[]process{{pid: 12, parent: 11, resident: 20, share: 5}, {pid: 13, parent: 12, resident: 200, share: 190}},
			nil, Over, []int{12, 13},
		},
		{
			"what a task has detached",
			[]process{{pid: 12, parent: 11, resident: 20, share: 5}, {pid: 13, parent: 11, resident: 200, share: 190}},
			nil, Over, []int{13},
		},
		{
			"the suspended one is larger",
			[]process{{pid: 12, parent: 11, resident: 300, share: 200}, {pid: 13, parent: 11, resident: 20, share: 5}},
			[]int{12}, Over, []int{13},
		},
		{"no other choice", []process{{pid: 12, parent: 11, resident: 300, share: 200}}, []int{12}, Over, []int{12}},
		{
			"another worker's",
			[]process{{pid: 12, parent: 11, resident: 20, share: 10}, {pid: 21, parent: 20, resident: 300, share: 200}}, nil,
			Fine, nil,
		},
		{"a zombie", []process{{pid: 12, parent: 11, resident: 300, share: 200, state: 'Z'}}, nil, Fine, nil},
		{"pages that are hidden may be shared", []process{
			{pid: 12, parent: 11, resident: 60, share: -1}, {pid: 13, parent: 11, resident: 60, share: -1}}, nil, Near, nil},
		{"one of them is over alone", []process{
			{pid: 12, parent: 11, resident: 60, share: -1},
			{pid: 13, parent: 11, resident: 160, share: -1}}, nil, Over, []int{13}},
		{
			"the spare one does not count",
			[]process{{pid: 12, parent: 11, resident: 300, share: 85}, {pid: 19, parent: 11, resident: 100, share: 20}},
			nil, Near, nil,
		},
		{
			"the spare one is not a victim",
			[]process{{pid: 12, parent: 11, resident: 300, share: 95}, {pid: 19, parent: 11, resident: 300, share: 200}},
			nil, Over, []int{12},
		},
		{"the worker itself", []process{{pid: 21, parent: 10, resident: 300, share: 200}}, nil, Over, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := &Memory{limit: 100 * mebibyte, root: write(t, append([]process{worker, parent}, test.processes...))}
			decisions, err := m.Decide([]Worker{{Pid: 10, Parent: 11, Spare: 19, Suspended: test.suspended}})
			if err != nil || len(decisions) != 1 {
				t.Fatalf("%v, %v", decisions, err)
			}
			var victims []int
			for _, victim := range decisions[0].Victims {
				victims = append(victims, victim.Pid)
				if victim.Started != uint64(1000+victim.Pid) {
					t.Errorf("%d started at %d", victim.Pid, victim.Started)
				}
			}
			if decisions[0].Level != test.level || !slices.Equal(victims, test.victims) {
				t.Errorf("level %d, victims %v, want %d, %v", decisions[0].Level, victims, test.level, test.victims)
			}
		})
	}
}

// A spawned worker is itself the parent of its processors.
func TestDecideForSpawnedWorker(t *testing.T) {
	m := &Memory{limit: 100 * mebibyte, root: write(t, []process{
		{pid: 10, parent: 1, resident: 20, share: 10}, {pid: 12, parent: 10, resident: 300, share: 200},
	})}
	decisions, err := m.Decide([]Worker{{Pid: 10}, {Pid: 99}})
	if err != nil || len(decisions[0].Victims) != 1 || decisions[0].Victims[0].Pid != 12 || decisions[1].Level != Fine {
		t.Errorf("%+v, %v", decisions, err)
	}
}
