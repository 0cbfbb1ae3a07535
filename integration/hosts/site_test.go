package hosts

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// SCALER_HOSTS=all runs the large scenes too, with Scaler's own manager beside ours, and three releases.
func allHosts() bool { return os.Getenv("SCALER_HOSTS") == "all" }

const (
	taskSeconds = 0.3
	// workerPatience is how long the scheduler waits for a silent worker, where a scene does not say otherwise; 60 s by
	// default.
	workerPatience = 10 * time.Second
	// lastTasks is how long the last tasks may take at the end of a load.
	lastTasks = 20 * time.Second
)

// A site is a scheduler's host, and hosts with a manager each, at work.
type site struct {
	t        *testing.T
	plan     plan
	network  *cluster.Network
	cluster  *cluster.Cluster
	hosts    []*cluster.Host
	managers []*cluster.Manager
	load     *cluster.Load
}

// A plan is how a site is made.
type plan struct {
	release  cluster.Release
	upstream bool // Scaler's own managers
	hosts    int
	workers  int // of each manager
	delay    time.Duration
	patience time.Duration // the scheduler's with a silent worker; workerPatience if zero
	dynamic  bool
	clocks   []int // by how many seconds the monotonic clock of each host is ahead; the scheduler's wall clock is, too
}

func newSite(t *testing.T, p plan) *site {
	t.Helper()
	cluster.NeedRoot(t, "network namespaces")
	if p.patience == 0 {
		p.patience = workerPatience
	}
	p.upstream = p.upstream || cluster.TestsUpstream()
	s := &site{t: t, plan: p, network: cluster.NewNetwork(t)}
	s.cluster = cluster.Reserve(t, p.release, cluster.Layout{Policy: cluster.PolicyVanilla, Host: s.network.Address})
	if p.clocks != nil {
		needTimeNamespaces(t)
		source := fmt.Sprintf(shiftWallClock, int(clockShift.Seconds()), clockShift.Nanoseconds())
		s.cluster.AddModule(t, "sitecustomize", source)
		s.cluster.Environment = []string{"PYTHONPATH=" + s.cluster.Modules(t)}
	}
	if !p.release.OwnStorage() {
		s.cluster.StartStorage(t)
	}
	s.cluster.StartScheduler(t, "--worker-timeout-seconds", fmt.Sprint(int(p.patience.Seconds())))
	s.add(p.hosts)
	return s
}

// add adds hosts with a manager each.
func (s *site) add(count int) {
	s.t.Helper()
	for range count {
		h := s.network.AddHost(s.t, s.plan.delay)
		s.managers = append(s.managers, h.StartManager(s.t, s.cluster, h.Name, s.setup(len(s.hosts))))
		s.hosts = append(s.hosts, h)
	}
}

// setup is how the manager of a host starts.
func (s *site) setup(host int) cluster.Setup {
	s.t.Helper()
	p := s.plan
	setup := cluster.Fixed(fmt.Sprint(p.workers))
	if p.dynamic {
		setup = s.cluster.Quick(cluster.Dynamic(fmt.Sprint(p.workers)))
	}
	switch {
	case p.upstream:
		setup.Program = p.release.Program("scaler_worker_manager")
		return setup
	case p.clocks != nil:
		setup.Program = shifted(s.t, s.cluster.Mark, cluster.ManagerProgram(s.t, p.release), p.clocks[host])
	}
	setup.Arguments = append(setup.Arguments, "--stop-timeout-seconds", "5")
	return setup
}

// work has all workers work, and returns how long it took until they did.
func (s *site) work() time.Duration {
	s.t.Helper()
	tasks := 3 // for each worker
	if s.plan.dynamic {
		tasks = 15 // schedulers want another worker for more than ten a worker
	}
	begun := time.Now()
	s.load = s.cluster.StartLoad(s.t, "load", tasks*s.total(), taskSeconds, lastTasks)
	s.awaitAll("at the beginning", begun, cluster.ConnectTimeout)
	return time.Since(begun)
}

func (s *site) total() int { return len(s.hosts) * s.plan.workers }

// awaitAll waits until all workers of all hosts are at work, on tasks that began after a moment.
func (s *site) awaitAll(when string, since time.Time, limit time.Duration) time.Duration {
	s.t.Helper()
	return s.awaitWorking(when, s.total(), since, limit)
}

func (s *site) awaitWorking(when string, count int, since time.Time, limit time.Duration) time.Duration {
	s.t.Helper()
	took, ok := s.load.AwaitConcurrent(s.t, since, count, limit)
	if !ok {
		s.t.Errorf("%s: %d workers are not at work within %v", when, count, limit)
		return -1
	}
	s.t.Logf("%s: %d workers are at work after %.1f s", when, count, took.Seconds())
	return took
}

var processorStarted = regexp.MustCompile(`start Processor\[(\d+)\]`)

var connected = regexp.MustCompile(`connected to scheduler`)

// processors returns all processors that a manager has had.
func processors(m *cluster.Manager) map[int]bool {
	pids := map[int]bool{}
	for _, match := range processorStarted.FindAllStringSubmatch(m.Output.String(), -1) {
		pid, _ := strconv.Atoi(match[1])
		pids[pid] = true
	}
	return pids
}

// A verdict is what became of the tasks.
type verdict struct {
	lost       int // without their right result
	again      int // ran twice because the scheduler gave up the host of the first run
	needless   int // ran twice for no such reason
	unfinished int // runs that never ended
}

// judge ends the load. Tasks may have run twice if one of the runs was on a host that was cut off from a moment on.
func (s *site) judge(cut *cluster.Manager, from time.Time) (v verdict) {
	s.t.Helper()
	harvest, ok := s.load.Finish(s.t)
	if !ok {
		s.t.Fatal("the load has not ended")
	}
	v.lost = harvest.Lost()
	there := map[int]bool{}
	if cut != nil {
		there = processors(cut)
	}
	runs := map[int][]*cluster.Execution{}
	for _, e := range s.load.Executions(s.t) {
		runs[e.Task] = append(runs[e.Task], e)
		if e.End.IsZero() {
			v.unfinished++
		}
	}
	for _, list := range runs {
		if len(list) == 1 {
			continue
		}
		excuse := false
		for _, e := range list {
			// A result may have been on its way for a second.
			excuse = excuse || there[e.Pid] && (e.End.IsZero() || e.End.After(from.Add(-time.Second)))
		}
		if excuse {
			v.again += len(list) - 1
		} else {
			v.needless += len(list) - 1
		}
	}
	s.t.Logf("%d tasks: %+v %+v", harvest.Submitted, v, harvest)
	if v.lost > 0 {
		s.t.Errorf("%d tasks were lost: %+v", v.lost, harvest)
	}
	if v.needless > 0 {
		s.t.Errorf("%d tasks ran again without need", v.needless)
	}
	return v
}

// end stops the managers, which leave nothing.
func (s *site) end() {
	s.t.Helper()
	for _, m := range s.managers {
		if m.Running() {
			m.EndWithin(s.t, 10*time.Second)
		}
	}
}

// cut cuts a host off for a while. It returns when the cut began.
func (s *site) cut(number int, long time.Duration) time.Time {
	s.t.Helper()
	at := time.Now()
	s.hosts[number].Cut(s.t)
	time.Sleep(long)
	s.hosts[number].Heal(s.t)
	return at
}

// vanish cuts a host off and kills all that is on it: nobody hears of that.
func (s *site) vanish(number int) time.Time {
	s.t.Helper()
	s.hosts[number].Cut(s.t)
	at := time.Now()
	m := s.managers[number]
	for range 3 {
		for _, p := range m.Mark.Processes(m.Name) {
			_ = syscall.Kill(p.Pid, syscall.SIGKILL)
		}
	}
	cluster.AwaitNone(m.Mark, 5*time.Second, m.Name)
	return at
}
