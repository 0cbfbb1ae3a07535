package preflight

import (
	"os"
	"reflect"
	"testing"
	"testing/fstest"
)

func files(texts map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range texts {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func TestPidsLimits(t *testing.T) {
	type found struct {
		name        string
		limit, used uint64
	}
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []found
	}{
		{"none", nil, nil},
		{"unified", map[string]string{
			"proc/self/cgroup":                         "0::/a.slice/b.service\n",
			"sys/fs/cgroup/a.slice/b.service/pids.max": "100\n", "sys/fs/cgroup/a.slice/b.service/pids.current": "7\n",
			"sys/fs/cgroup/a.slice/pids.max": "max\n", "sys/fs/cgroup/a.slice/pids.current": "8\n",
		}, []found{{"/sys/fs/cgroup/a.slice/b.service/pids.max", 100, 7}}},
		{"those above bind too", map[string]string{
			"proc/self/cgroup":           "0::/a/b\n",
			"sys/fs/cgroup/a/b/pids.max": "100\n", "sys/fs/cgroup/a/b/pids.current": "7\n",
			"sys/fs/cgroup/a/pids.max": "50\n", "sys/fs/cgroup/a/pids.current": "20\n",
		}, []found{{"/sys/fs/cgroup/a/b/pids.max", 100, 7}, {"/sys/fs/cgroup/a/pids.max", 50, 20}}},
		{"container with a namespace", map[string]string{
			"proc/self/cgroup":       "0::/\n",
			"sys/fs/cgroup/pids.max": "100\n", "sys/fs/cgroup/pids.current": "3\n",
		}, []found{{"/sys/fs/cgroup/pids.max", 100, 3}}},
		{"container without one, version 1", map[string]string{
			"proc/self/cgroup":            "9:name=systemd:/docker/abc\n8:pids,misc:/docker/abc\n0::/docker/abc\n",
			"sys/fs/cgroup/pids/pids.max": "100\n", "sys/fs/cgroup/pids/pids.current": "3\n",
		}, []found{{"/sys/fs/cgroup/pids/pids.max", 100, 3}}},
		{"outside of the namespace's root", map[string]string{
			"proc/self/cgroup":       "0::/../../a\n",
			"sys/fs/cgroup/pids.max": "100\n",
		}, []found{{"/sys/fs/cgroup/pids.max", 100, 0}}},
		{"rubbish", map[string]string{"proc/self/cgroup": "x\n\n::\n0:", "sys/fs/cgroup/pids.max": "100"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []found
			for _, b := range pidsLimits(files(test.files)) {
				got = append(got, found{b.name, b.limit, b.used})
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestUserTasks(t *testing.T) {
	root := files(map[string]string{
		"proc/loadavg":   "0.20 0.18 0.12 1/80 11206\n",
		"proc/1/status":  "Name:\tinit\nUid:\t0\t0\t0\t0\nThreads:\t1\n",
		"proc/20/status": "Name:\tThreads:\t9\nUid:\t7\t0\t0\t0\nThreads:\t12\n",
		"proc/21/status": "Name:\tpython\nUid:\t7\t7\t7\t7\nThreads:\t3\n",
		"proc/22/status": "", // it has just exited
		"proc/sys":       "",
	})
	for _, test := range []struct{ limit, needed, want uint64 }{
		{1000, 100, 80}, // all tasks of the machine would fit
		{100, 21, 15}, {80, 1, 15}, {10, 1, 15},
	} {
		if got := userTasks(root, 7, test.limit, test.needed); got != test.want {
			t.Errorf("limit %d, needed %d: got %d", test.limit, test.needed, got)
		}
	}
	if got := userTasks(os.DirFS("/"), os.Getuid(), 0, 1); got < 1 {
		t.Errorf("this user has %d tasks", got)
	}
}

func TestRealRoot(t *testing.T) {
	for _, test := range []struct {
		uid  int
		text string
		want bool
	}{
		{
			0, "         0          0 4294967295\n", true}, {0, "0 1000 1\n", false}, {1000, "0 0 4294967295", false}, {0, "",
			false,
		},
	} {
		if got := isRealRoot(files(map[string]string{"proc/self/uid_map": test.text}), test.uid); got != test.want {
			t.Errorf("user %d, %q: %v", test.uid, test.text, got)
		}
	}
}

func TestKernelLimits(t *testing.T) {
	root := files(map[string]string{
		"proc/loadavg": "0.20 0.18 0.12 1/80 11206\n", "proc/sys/kernel/pid_max": "32768\n",
		"proc/sys/kernel/threads-max": "192730\n",
	})
	got := kernelLimits(root)
	if len(got) != 2 || got[0].limit != 32768 || got[1].limit != 192730 || got[0].used != 80 || got[1].used != 80 {
		t.Errorf("got %+v", got)
	}
	if got := kernelLimits(files(nil)); got != nil {
		t.Errorf("got %+v of nothing", got)
	}
}
