package cgroup

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// delegated makes a folder that looks like a delegated cgroup with this process alone in it: where the kernel acts on
// what is written, nothing happens.
func delegated(t *testing.T) Place {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("cgroups need Linux")
	}
	place := Place{Folder: t.TempDir(), Top: true}
	for name, text := range map[string]string{
		fileControllers: "cpu memory pids\n", fileType: "domain\n", fileSubtree: "",
		fileProcs: strconv.Itoa(os.Getpid()) + "\n",
	} {
		put(t, text, place.Folder, name)
	}
	// The kernel makes them with the folder.
	put(t, "", place.Folder, ofManager, fileProcs)
	return place
}

func put(t *testing.T, text string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, place *Place)
		want  string
	}{
		"no cgroup": {
			func(t *testing.T, place *Place) { os.Remove(filepath.Join(place.Folder, fileControllers)) },
			"no such file",
		},
		"the root": {func(t *testing.T, place *Place) { os.Remove(filepath.Join(place.Folder, fileType)) }, "root cgroup"},
		"no memory controller": {
			func(t *testing.T, place *Place) { put(t, "cpu pids hugememory\n", place.Folder, fileControllers) },
			"has no memory controller",
		},
		"another process": {
			func(t *testing.T, place *Place) {
				put(t, "1\n"+strconv.Itoa(os.Getpid())+"\n", place.Folder, fileProcs)
			},
			"process 1 is in it",
		},
		"nobody in it": {func(t *testing.T, place *Place) { put(t, "", place.Folder, fileProcs) }, "the manager is not in"},
		"not marked as delegated to root, or not writable": {
			func(t *testing.T, place *Place) {
				place.Top = false
				if os.Geteuid() != 0 {
					os.Chmod(filepath.Join(place.Folder, fileSubtree), 0o400)
				}
			},
			"is not delegated",
		},
		"no cgroup.procs": {
			func(t *testing.T, place *Place) { os.Remove(filepath.Join(place.Folder, fileProcs)) },
			"not delegated to this user",
		},
	} {
		t.Run(name, func(t *testing.T) {
			place := delegated(t)
			test.spoil(t, &place)
			_, err := Open(place, 1<<20)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
			if left := get(t, place.Folder, ofManager, fileProcs); left != "" {
				t.Errorf("%q was written to the manager's cgroup", left)
			}
		})
	}
}

func TestOpenUndone(t *testing.T) {
	place := delegated(t)
	if err := os.Remove(filepath.Join(place.Folder, fileSubtree)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(place.Folder, fileSubtree)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(place, 1<<20); err == nil {
		t.Fatal("opened though the controller cannot be enabled")
	}
	if got := get(t, place.Folder, fileProcs); !strings.HasPrefix(got, "0") {
		t.Errorf("%q was written to the cgroup last, want 0, which moves the process back", got)
	}
}

func TestStaleAreRemoved(t *testing.T) {
	place := delegated(t)
	put(t, "", place.Folder, "worker-7", "process") // as one that is not empty
	if err := os.Mkdir(filepath.Join(place.Folder, "worker-8"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(place, 1<<20); err != nil {
		t.Fatal(err)
	}
	get(t, place.Folder, "worker-7", "process")
	if _, err := os.Stat(filepath.Join(place.Folder, "worker-8")); !os.IsNotExist(err) {
		t.Errorf("the empty cgroup of a former manager: %v, want it gone", err)
	}
}

func TestWorkers(t *testing.T) {
	place := delegated(t)
	tree, err := Open(place, 100<<20)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, place.Folder, fileSubtree); got != "+memory" {
		t.Errorf("enabled %q", got)
	}
	folder := filepath.Join(place.Folder, "worker-3")
	if _, err := tree.Make(3); err == nil {
		t.Fatal("made a cgroup without a memory.max")
	}
	put(t, "", folder, fileMax) // as the kernel would have made it; no memory.swap.max is no failure
	if got, err := tree.Make(3); err != nil || got != folder {
		t.Fatalf("got %s, %v", got, err)
	}
	if got := get(t, folder, fileMax); got != strconv.Itoa(100<<20) {
		t.Errorf("the limit is %q", got)
	}
	put(t, strconv.Itoa(95<<20)+"\n", folder, fileCurrent)
	put(t, "anon 1\nactive_file 1048576\ninactive_file 2097152\nslab_reclaimable 4194304\nslab 5\n", folder, fileStat)
	if used, err := tree.Used(3); err != nil || used != 88<<20 {
		t.Errorf("used: %d MiB, %v; want 88, without what can be dropped", used>>20, err)
	}
	put(t, "shmem 20971520\n", folder, fileStat)
	if err := tree.Allow(3); err != nil {
		t.Fatal(err)
	}
	if got, used := get(t, folder, fileMax), must(tree.Used(3)); got != strconv.Itoa(120<<20) || used != 75<<20 {
		t.Errorf("with 20 MiB in /dev/shm the limit is %s, and %d MiB of it are used; want them not to count", got, used>>20)
	}
	put(t, "shmem 1048576\n", folder, fileStat)
	if tree.Sweep(); get(t, folder, fileMax) != strconv.Itoa(101<<20) {
		t.Errorf("with 1 MiB left the limit is %s", get(t, folder, fileMax))
	}
	put(t, "shmem 5242880\n", folder, fileStat)
	if tree.Sweep(); get(t, folder, fileMax) != strconv.Itoa(101<<20) {
		t.Errorf("with 5 MiB more, of the next one, the limit is %s", get(t, folder, fileMax))
	}
	put(t, "low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n", folder, fileEvents)
	put(t, "oom_kill 5\n", place.Folder, fileEvents)
	if tree.Kills(3) != 2 || tree.AllKills() != 5 || tree.Kills(4) != 0 {
		t.Errorf("kills: %d, %d of all, %d of nobody", tree.Kills(3), tree.AllKills(), tree.Kills(4))
	}
	put(t, "", folder, fileKill)
	tree.Remove(3) // it is not empty
	if got := get(t, folder, fileKill); got != "1" {
		t.Errorf("%q was written to cgroup.kill", got)
	}
	if err := tree.Close(0); err == nil || !strings.Contains(err.Error(), "1 cgroups") {
		t.Errorf("closed with a process in a cgroup: %v", err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	tree.Sweep()
	if len(tree.made)+len(tree.removed) != 0 {
		t.Errorf("still there: %v, %v", tree.made, tree.removed)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestOwn(t *testing.T) {
	const mounted = "25 1 0:22 / /proc rw - proc proc rw\n" +
		"35 26 0:30 %s /sys/fs/my\\040cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
	inContainer := strings.Replace(mounted, "%s", "/docker/1", 1)
	for name, test := range map[string]struct {
		cgroup, mounts, folder string
		top                    bool
		err                    string
	}{
		"a service":           {"0::/s.slice/a.service\n", mounted, "/sys/fs/my cgroup/s.slice/a.service", false, ""},
		"beside v1":           {"9:memory:/x\n0::/y\n", mounted, "/sys/fs/my cgroup/y", false, ""},
		"a namespace":         {"0::/\n", mounted, "/sys/fs/my cgroup", true, ""},
		"a part mounted":      {"0::/docker/1/sub\n", inContainer, "/sys/fs/my cgroup/sub", false, ""},
		"all that is mounted": {"0::/docker/1\n", inContainer, "/sys/fs/my cgroup", false, ""},
		"another part":        {"0::/docker/10\n", inContainer, "", false, "is not below"},
		"outside":             {"0::/../../a\n", mounted, "", false, "is not below"},
		"v1 alone":            {"9:memory:/x\n", mounted, "", false, "no cgroup v2"},
		"not mounted":         {"0::/a\n", "25 1 0:22 / /proc rw - proc proc rw\n", "", false, "not mounted"},
	} {
		t.Run(name, func(t *testing.T) {
			proc := t.TempDir()
			put(t, test.cgroup, proc, "self/cgroup")
			put(t, strings.Replace(test.mounts, "%s", "/", 1), proc, "self/mountinfo")
			place, err := Own(proc)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, %v; want an error with %q", place, err, test.err)
				}
				return
			}
			if err != nil || place != (Place{test.folder, test.top}) {
				t.Errorf("got %v, %v; want %s, %t", place, err, test.folder, test.top)
			}
		})
	}
}
