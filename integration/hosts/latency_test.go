package hosts

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// tinyTasks is how many tasks are timed.
const tinyTasks = 1000

// Managers at a distance: all workers register, and each result is right. The log has the figures, those of Scaler's
// own managers too where the machine has room for their workers.
func TestLatency(t *testing.T) {
	if !allHosts() {
		t.Skip("needs SCALER_HOSTS=all: 8 hosts with 32 workers each")
	}
	sizes := []struct {
		hosts, workers int
		both           bool
	}{{3, 8, true}, {3, 32, false}, {8, 32, false}}
	for _, r := range cluster.Releases(t, cluster.Newest...) {
		for _, size := range sizes {
			for _, roundTrip := range []time.Duration{time.Millisecond, 50 * time.Millisecond} {
				p := plan{release: r, hosts: size.hosts, workers: size.workers, delay: roundTrip / 2, patience: time.Minute}
				name := fmt.Sprintf("%s %dx%d %s", r, p.hosts, p.workers, roundTrip)
				t.Run(name+" ours", func(t *testing.T) { timed(t, p) })
				if size.both {
					p.upstream = true
					t.Run(name+" upstream", func(t *testing.T) { timed(t, p) })
				}
			}
		}
	}
}

var workerConnected = regexp.MustCompile(`worker .*Worker\|.* connected`)

func timed(t *testing.T, p plan) {
	begun := time.Now()
	s := newSite(t, p)
	seen := 0
	if _, ok := s.cluster.Scheduler.Output.WaitFor(func(line string) bool {
		if workerConnected.MatchString(line) {
			seen++
		}
		return seen == s.total()
	}, 0, 2*cluster.ConnectTimeout); !ok {
		t.Fatalf("%d of %d workers have registered", seen, s.total())
	}
	registered := time.Since(begun)
	var answer struct {
		Workers int // that have had a task
		Seconds float64
		Wrong   int
	}
	s.cluster.Ask(t, &answer, "throughput.py", fmt.Sprint(s.total()), fmt.Sprint(tinyTasks))
	if answer.Workers != s.total() || answer.Wrong > 0 {
		t.Errorf("%d of %d workers have had a task, %d results are wrong", answer.Workers, s.total(), answer.Wrong)
	}
	t.Logf("figures: all registered %.1f s after the start of scheduler and managers, then %.0f tasks/s",
		registered.Seconds(), tinyTasks/answer.Seconds)
	s.end()
}
