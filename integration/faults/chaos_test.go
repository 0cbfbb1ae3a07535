package faults

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

const (
	// chaosStill is how long no task may be settled before a cluster counts as stuck.
	chaosStill = 45 * time.Second
	// chaosLast is how long the last tasks may take: longer than a client's patience.
	chaosLast = 130 * time.Second
	// chaosMeasured is the shortest run in which memory is compared.
	chaosMeasured = 2 * time.Minute
)

// chaosTime is SCALER_CHAOS ("30m"), or a little.
func chaosTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SCALER_CHAOS")
	if text == "" {
		return 30 * time.Second
	}
	limit, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SCALER_CHAOS: %v", err)
	}
	return limit
}

// chaosSeed is SCALER_CHAOS_SEED, to repeat a run, or the time.
func chaosSeed(t *testing.T) int64 {
	t.Helper()
	text := os.Getenv("SCALER_CHAOS_SEED")
	if text == "" {
		return time.Now().UnixNano()
	}
	seed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("SCALER_CHAOS_SEED: %v", err)
	}
	return seed
}

// Tasks of all kinds run on three clusters while random signals hit random processes of the managers: no result is
// wrong, no task is lost except by Scaler's own rules, nothing grows, and nothing is left.
func TestChaos(t *testing.T) {
	limit, seed := chaosTime(t), chaosSeed(t)
	t.Logf("to repeat: SCALER_CHAOS_SEED=%d SCALER_CHAOS=%v", seed, limit)
	t.Run("clusters", func(t *testing.T) { // parallel among themselves alone
		for i, r := range cluster.Releases(t, faultedOnes...) {
			t.Run(string(r), func(t *testing.T) {
				t.Parallel()
				(&chaos{t: t, release: r, limit: limit, seed: seed + int64(i)}).run()
			})
		}
	})
}

// A chaos is one of its clusters.
type chaos struct {
	t       *testing.T
	release cluster.Release
	limit   time.Duration
	seed    int64
	cluster *cluster.Cluster
	manager *cluster.Manager
	crews   []*crew // one client after the other; the last one works
	balance []*balance
	record  record
	// processors returns all that have run tasks.
	processors map[int]bool
	stills     int
}

func (c *chaos) start() {
	t := c.t
	c.record = record{hit: map[int]bool{}, strikes: map[string]int{}}
	c.processors = map[int]bool{}
	c.cluster = cluster.StartWithoutMonitor(t, c.release, "127.0.0.1", "--worker-timeout-seconds", schedulerPatience)
	// With a log file, SIGHUP reopens it; without one, it means the end of the terminal.
	log := filepath.Join(c.cluster.Mark.Temporary(t, "log"), "log")
	start := cluster.Dynamic("4", "--scale-down-cooldown-seconds", "1", "--heartbeat-interval-seconds", "1",
		"--stop-timeout-seconds", "4",
		"--logging-paths", "/dev/stdout", log)
	c.cluster.Mark.OwnSemaphores(t, c.release, "chaos", &start)
	c.manager = c.cluster.StartManager(t, "chaos", start)
	c.watch()
	c.hire()
}

// watch follows the scheduler where it loses tasks; each scheduler has a watcher of its own.
func (c *chaos) watch() {
	if c.waived() {
		c.balance = append(c.balance, startBalance(c.t, c.cluster))
	}
}

func (c *chaos) hire() {
	c.crews = append(c.crews, startCrew(c.t, c.cluster, fmt.Sprint("crew", len(c.crews)), c.seed+int64(1000*len(c.crews))))
}

func (c *chaos) crew() *crew { return c.crews[len(c.crews)-1] }

func (c *chaos) run() {
	t := c.t
	c.start()
	random := rand.New(rand.NewSource(c.seed))
	var manager, host usage
	begun := time.Now()
	next := begun.Add(5 * time.Second)
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for now := range ticker.C {
		elapsed := now.Sub(begun)
		if elapsed > c.limit {
			break
		}
		if !c.manager.Running() {
			t.Fatal("the manager has ended")
		}
		for _, e := range c.crew().load.Executions(t) {
			c.processors[e.Pid] = true
		}
		// A new host begins small: for its memory to be compared, hosts are hit in the first half alone.
		hosts := elapsed < c.limit/2
		if now.After(next) {
			c.record.strike(c.manager, random, c.processors, hosts)
			next = now.Add(300*time.Millisecond + time.Duration(random.Intn(2500))*time.Millisecond)
		}
		manager.note(c.manager.PID())
		if !hosts {
			host.note(cluster.HostOf(c.manager))
		}
		if c.crew().look(t) > chaosStill && !c.renew() {
			break
		}
	}
	c.finish()
	c.record.judge(t, c.crews, c.excuses, c.waived())
	if c.stills > 0 {
		t.Logf("the scheduler stood still %d times and was restarted", c.stills)
	}
	if c.limit >= chaosMeasured {
		manager.checkTenths(t, "the manager")
		host.checkTenths(t, "the worker host")
	}
	t.Logf("manager %s, host %s", manager, host)
	// A nested client's own socket, which lies there when its processor was killed: a task's file, with any manager.
	sockets, _ := filepath.Glob(filepath.Join(c.cluster.Mark.Temporary(t, "chaos"), "scaler_client_*"))
	for _, path := range sockets {
		os.Remove(path)
	}
	c.manager.EndWithin(t, scaleStop)
}

// waived tells whether the release's own scheduler loses tasks when a worker dies suddenly, whoever its manager is.
func (c *chaos) waived() bool { return c.release == "1.26.6" || c.release == "2.3.3" }

// excuses tells whether the release's own scheduler has lost a task. Those of 1.26.6 and 2.3.3 strike a task off a
// worker's list when they ask the worker to give it back, and forget it when the worker then dies; that of 2.3.3 may
// also stand still in what it was doing for the task.
func (c *chaos) excuses(id string) bool {
	for _, b := range c.balance {
		if b.lost(c.t, id) {
			return true
		}
	}
	return c.release == "2.3.3"
}

// renew restarts a cluster whose scheduler stands still, which only that of 2.3.3 may; its tasks are gone with it.
func (c *chaos) renew() bool {
	t := c.t
	if c.stills++; c.release != "2.3.3" {
		t.Errorf("no task has been settled for %v: %s", chaosStill, c.crew().last)
		return false
	}
	c.crew().load.Client.Kill()
	c.cluster.Scheduler.Kill()
	c.cluster.Storage.Kill()
	c.cluster.StartStorage(t)
	c.cluster.StartScheduler(t, "--worker-timeout-seconds", schedulerPatience)
	c.watch()
	c.hire()
	return true
}

// finish lets the last client finish its tasks.
func (c *chaos) finish() {
	c.crew().leave()
	for deadline := time.Now().Add(chaosLast); !c.crew().last.Done; time.Sleep(100 * time.Millisecond) {
		still := c.crew().look(c.t)
		if still > chaosStill && c.release == "2.3.3" {
			c.stills++
			c.crew().load.Client.Kill()
			return
		}
		if time.Now().After(deadline) {
			c.t.Errorf("the client does not end: %s", c.crew().last)
			return
		}
	}
}
