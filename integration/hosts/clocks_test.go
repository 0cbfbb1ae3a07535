package hosts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// clockShift is how far the scheduler's wall clock is ahead.
const clockShift = time.Hour

// shiftWallClock has the Python of a process go by another wall clock: the kernel has one for all namespaces.
const shiftWallClock = `import time
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + %d
time.time_ns = lambda: _time_ns() + %d
`

// Hosts that were started at other times, and a scheduler and a client with another wall clock: no part compares clocks
// of two hosts.
func TestClocksDiffer(t *testing.T) {
	t.Parallel()
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		s := newSite(t, plan{release: r, hosts: 3, workers: 3, clocks: []int{0, 3600, 864000}})
		s.work()
		begun := time.Now()
		s.awaitAll("later", begun.Add(5*time.Second), 20*time.Second)
		if v := s.judge(nil, begun); v.again > 0 {
			t.Errorf("tasks ran again: %+v", v)
		}
		s.end()
	}, releases()...)
}

// shifted returns a program that runs another one with monotonic clocks that are so many seconds ahead.
func shifted(t *testing.T, m cluster.Mark, program string, seconds int) string {
	t.Helper()
	path := filepath.Join(m.Dir, fmt.Sprintf("shifted%d", seconds))
	text := fmt.Sprintf("#!/bin/sh\nexec unshare --time --monotonic %[1]d --boottime %[1]d -- '%[2]s' \"$@\"\n", seconds,
		program)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// needTimeNamespaces skips a test where they, or util-linux of 2.36 or newer, are missing. The program has to be in the
// namespace itself, without a fork: Linux 6.3.
func needTimeNamespaces(t *testing.T) {
	t.Helper()
	text, err := exec.Command("unshare", "--time", "--boottime", "864000", "--", "cat", "/proc/uptime").Output()
	var uptime float64
	if _, scanned := fmt.Sscan(string(text), &uptime); err != nil || scanned != nil || uptime < 864000 {
		t.Skipf("no time namespaces by unshare: %v", err)
	}
}
