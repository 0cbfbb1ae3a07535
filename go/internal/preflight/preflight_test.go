package preflight

import (
	"math"
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
		{"enough", 64, 192, []budget{{limit: 1000, used: 392}}, nil},
		{
			"one file too few", 64, 191, nil,
			[]string{"64 workers need about 192 open files in one process, files is 191: more files"},
		},
		{"one task too few", 64, 1024, []budget{{name: "tasks", limit: 1000, used: 393, remedy: "more tasks"}},
			[]string{"64 workers need about 608 processes and threads, tasks is 1000, of which 393 are used: more tasks"}},
		{
			"already over", 1, 1024, []budget{{name: "tasks", limit: 10, used: 11}},
			[]string{"tasks is 10, of which 11 are used"},
		},
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

func TestLeast(t *testing.T) {
	files := need{budget{name: "files", limit: 1064, remedy: "more files"}, 64, 2, "open files"}
	taken := need{budget{name: "tasks", limit: 1000, used: 68, remedy: "more tasks"}, 32, 9, "processes"}
	for _, test := range []struct {
		name   string
		needs  []need
		want   int
		reason string
	}{
		{"nothing known", nil, math.MaxInt, ""},
		{"no limit", []need{{budget{limit: unlimited, used: 7}, 1, 1, ""}}, math.MaxInt, ""},
		{"one", []need{files}, 500, "a worker takes about 2 open files, files is 1064, of which 0 are used: more files"},
		{
			"the least of several", []need{files, taken}, 100,
			"a worker takes about 9 processes, tasks is 1000, of which 68 are used: more tasks",
		},
		{"in any order", []need{taken, files}, 100, "tasks is 1000"},
		{"not even the host", []need{{budget{name: "x", limit: 99}, 100, 1, ""}}, 0, "x is 99"},
		{"over already", []need{{budget{name: "x", limit: 99, used: 200}, 1, 1, ""}}, 0, "x is 99"},
		{"huge", []need{{budget{name: "x", limit: unlimited - 1}, 0, 1, ""}}, math.MaxInt - 1, "x is"},
	} {
		if got, reason := least(test.needs); got != test.want || !strings.Contains(reason, test.reason) {
			t.Errorf("%s: %d, %q", test.name, got, reason)
		}
	}
}

func TestCores(t *testing.T) {
	for limit, want := range map[uint64]string{
		0: "leaves no core dump", unlimited: "of any size", 4096: "up to 4096 bytes",
	} {
		if got := describeCores(limit); !strings.Contains(got, want) {
			t.Errorf("%d: %s", limit, got)
		}
	}
}

// TestThisMachine only checks that one worker fits, as it should wherever tests run.
func TestThisMachine(t *testing.T) {
	if got := Check(1); len(got) > 0 {
		t.Errorf("got %q", got)
	}
	if got, reason := Capacity(); got < 1 || got == math.MaxInt || reason == "" {
		t.Errorf("%d workers: %s", got, reason)
	} else {
		t.Logf("%d workers: %s", got, reason)
	}
	if CoreDumps() == "" {
		t.Error("nothing about core dumps")
	}
	if descriptors := openFiles(); descriptors.limit < HostDescriptors(1) {
		t.Errorf("%+v", descriptors)
	}
}
