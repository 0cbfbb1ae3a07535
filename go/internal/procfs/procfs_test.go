package procfs

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// write makes a fake procfs of files named PID/NAME.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestRead(t *testing.T) {
	const rest = " 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 1 1"
	root := write(t, map[string]string{
		"7/stat":  "7 (sleep) S 3" + rest,
		"8/stat":  "8 () T (x) Z) T 7" + rest, // a name that looks like further fields
		"9/stat":  "9 (short) S 1",
		"10/stat": "",
	})
	for pid, want := range map[int]Process{
		7: {Pid: 7, Parent: 3, State: 'S', Started: 9876},
		8: {Pid: 8, Parent: 7, State: Stopped, Started: 9876},
	} {
		if got, ok := Read(root, pid); !ok || got != want {
			t.Errorf("%d: %+v %v, want %+v", pid, got, ok, want)
		}
	}
	for _, pid := range []int{9, 10, 11} {
		if got, ok := Read(root, pid); ok {
			t.Errorf("%d: %+v", pid, got)
		}
	}
	pids, err := Pids(root)
	slices.Sort(pids)
	if err != nil || !slices.Equal(pids, []int{7, 8, 9, 10}) {
		t.Errorf("pids are %v, %v", pids, err)
	}
}

func TestMemory(t *testing.T) {
	root := write(t, map[string]string{
		"7/statm": "100 20 5 1 0 10 0",
		"7/smaps_rollup": "00-ff ---p 0 00:00 0 [rollup]\nRss: 80 kB\nPss: 12 kB\nPss_Dirty: 4 kB\n" +
			"Private_Clean: 2 kB\nPrivate_Dirty: 5 kB\n",
		"8/statm":        "0 0 0 0 0 0 0",
		"8/smaps_rollup": "",
	})
	if got, want := ResidentBytes(root, 7), int64(20*os.Getpagesize()); got != want {
		t.Errorf("%d resident bytes, want %d", got, want)
	}
	if got, err := ProportionalBytes(root, 7); got != 12*1024 || err != nil {
		t.Errorf("%d proportional bytes, %v", got, err)
	}
	if got, err := PrivateBytes(root, 7); got != 7*1024 || err != nil {
		t.Errorf("%d private bytes, %v", got, err)
	}
	for _, pid := range []int{8, 9} {
		if got := ResidentBytes(root, pid); got != 0 {
			t.Errorf("%d: %d resident bytes", pid, got)
		}
		if _, err := ProportionalBytes(root, pid); err == nil {
			t.Errorf("%d has proportional bytes", pid)
		}
	}
}
