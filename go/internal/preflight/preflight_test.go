package preflight

import (
	"slices"
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	for _, test := range []struct {
		name        string
		workers     int
		descriptors uint64
		tasks       []budget
		want        []string // parts of one warning each
	}{
		{"no limits", 100000, unlimited, []budget{{limit: unlimited, used: 5000}}, nil},
		{"enough", 64, 192, []budget{{limit: 1000, used: 456}}, nil},
		{"one file too few", 64, 191, nil, []string{"64 workers need about 192 open files in one process, files is 191: more files"}},
		{"one task too few", 64, 1024, []budget{{name: "tasks", limit: 1000, used: 457, remedy: "more tasks"}},
			[]string{"64 workers need about 544 processes and threads, tasks is 1000, of which 457 are used: more tasks"}},
		{"already over", 1, 1024, []budget{{name: "tasks", limit: 10, used: 11}}, []string{"tasks is 10, of which 11 are used"}},
		{"several", 1000, 1024, []budget{{name: "a", limit: 100}, {name: "b", limit: 100000}, {name: "c", limit: 200}},
			[]string{"files is 1024", "a is 100", "c is 200"}},
		{"no workers", 0, 1024, []budget{{limit: 100}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := warnings(test.workers, budget{name: "files", limit: test.descriptors, remedy: "more files"}, test.tasks)
			if !slices.EqualFunc(got, test.want, strings.Contains) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestCores(t *testing.T) {
	for limit, want := range map[uint64]string{0: "leaves no core dump", unlimited: "of any size", 4096: "up to 4096 bytes"} {
		if got := describeCores(limit); !strings.Contains(got, want) {
			t.Errorf("%d: %s", limit, got)
		}
	}
}

// TestThisMachine only holds that what is read here has sense: one worker fits wherever tests run.
func TestThisMachine(t *testing.T) {
	if got := Check(1); len(got) > 0 {
		t.Errorf("got %q", got)
	}
	if CoreDumps() == "" {
		t.Error("nothing about core dumps")
	}
	if descriptors := openFiles(); descriptors.limit < HostDescriptors(1) {
		t.Errorf("%+v", descriptors)
	}
}
