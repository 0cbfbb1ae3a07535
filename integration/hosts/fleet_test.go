package hosts

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// measured is for how long CPU time is counted.
const measured = 10 * time.Second

// What a scheduler pays for more and more hosts that have nothing to do: managers in dynamic mode without workers, and
// in fixed mode with four each.
func TestFleet(t *testing.T) {
	if !allHosts() {
		t.Skip("needs SCALER_HOSTS=all: 50 managers with 200 workers")
	}
	for _, r := range cluster.Releases(t, cluster.Newest...) {
		t.Run(string(r)+" without workers", func(t *testing.T) {
			idle(t, plan{release: r, workers: 1, dynamic: true, patience: time.Minute})
		})
		t.Run(string(r)+" 4 workers each", func(t *testing.T) {
			idle(t, plan{release: r, workers: 4, patience: time.Minute})
		})
	}
}

func idle(t *testing.T, p plan) {
	s := newSite(t, p)
	for _, count := range []int{1, 8, 25, 50} {
		s.add(count - len(s.hosts))
		for _, m := range s.managers {
			if !p.dynamic {
				m.AwaitKnown(t)
			} else if _, ok := m.Output.Wait(connected, 0, cluster.ConnectTimeout); !ok {
				t.Fatalf("%s has no scheduler", m.Name)
			}
		}
		time.Sleep(5 * time.Second) // processors import what tasks need
		pids := append(cluster.Descendants(s.cluster.Scheduler.PID()), s.cluster.Scheduler.PID())
		before := cpuTime(t, pids)
		time.Sleep(measured)
		t.Logf("figures: with %d hosts the scheduler takes %.1f ms of CPU time a second", count,
			float64((cpuTime(t, pids)-before).Milliseconds())/measured.Seconds())
	}
	s.end()
}

// cpuTime sums up the CPU time of processes.
func cpuTime(t *testing.T, pids []int) (sum time.Duration) {
	t.Helper()
	const tick = 10 * time.Millisecond // of the kernel's counts
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, field := range fields[11:13] { // user and system
			ticks, _ := strconv.Atoi(field)
			sum += time.Duration(ticks) * tick
		}
	}
	return sum
}
