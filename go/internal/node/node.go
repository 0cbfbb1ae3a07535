// Package node runs a worker manager. It puts the parts together: the plan made from the configuration, the worker
// host, the session with the scheduler, the monitors, and in the middle a loop that owns the pool. Run waits for every
// goroutine that it has started.
package node

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/journal"
	"github.com/scaler-native/scaler-native/go/internal/host"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/mailbox"
	"github.com/scaler-native/scaler-native/go/internal/notify"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

const (
	// spareThreads is for what blocks in the kernel, such as files and starting processes.
	spareThreads = 8

	// sweepTime is how long processes that tasks have left behind get to exit by themselves, and then to die when killed.
	sweepTime = 500 * time.Millisecond

	// maxStarting limits the starts in flight. The host forks 16 at a time, so this keeps it busy.
	maxStarting = 64
)

// node is a run. Fields are used by the loop only, unless they say otherwise.
type node struct {
	plan     plan
	log      *logging.Logger
	service  *notify.Notifier
	children *process.Children
	host     *host.Supervisor
	signals  *signals

	requests   chan func()          // for the loop to run; the sender waits
	posts      *mailbox.Box[func()] // the same for senders that must not wait
	closed     chan struct{}        // the loop has ended
	goroutines sync.WaitGroup
	states     chan status   // for showStatus; capacity 1
	allStarted chan struct{} // for returnProgram; capacity 1

	// workContext ends with the decision to stop, runContext when the last worker has exited.
	runContext  context.Context
	workContext context.Context
	stopWork    func()

	pool       *pool.Pool
	stopSignal syscall.Signal // asks workers to exit
	mode       mode           // nil until begin
	last       pool.Snapshot
	processors processors
	cgroups    *cgroups // nil unless the kernel enforces the memory limit
	spares     agents.Spares
	journal    *journal.Journal // safe for any goroutine
	known      known
	agents     *agents.Set   // nil until begin, and with Scaler's own agents
	disconnect *disconnector // nil until begin
	err        error         // returned by Run

	maximum    int       // most workers; in fixed mode, their number
	endDrained bool      // end the run when all workers have drained
	drainUntil time.Time // deadline of a drain; zero if there is none

	whyNoCgroups string // does not change

	// Used by the goroutine of start, then by that of the link.
	resolver *resolver
	options  map[string]any // as the host was configured
}

// mode is *fixed or *dynamic.
type mode interface {
	changed(before, now pool.Snapshot)
	// offer sets the most workers from now on, and whether none are started because of a drain.
	offer(maximum int, draining bool)
}

// Run runs a manager until SIGINT or SIGTERM stops it, its work is done, or an error ends it. It leaves no process
// behind. caller is the program that workers believe to run in.
func Run(configuration *config.Config, caller protocol.Program, log *logging.Logger) error {
	defer log.Flush()
	service := notify.New()
	useOneCPU()
	process.ReserveThreads(runtime.GOMAXPROCS(0) + spareThreads)
	if err := process.BecomeSubreaper(); err != nil {
		log.Warningf("%v: processes that tasks detach may outlive their worker", err)
	}
	signals := newSignals(log)
	defer signals.stop()
	plan, err := newPlan(configuration, log)
	if err != nil {
		return err
	}
	n := newNode(plan, log, service, signals)
	defer n.children.Close()
	if n.cgroups, n.whyNoCgroups, err = openCgroups(plan.Config, log); err != nil {
		return err
	}
	defer n.closeCgroups()
	n.host = host.New(host.Options{
		Children:    n.children,
		Interpreter: plan.interpreter,
		Hello: protocol.Hello{
			Program:     caller,
			ProcessName: config.ManagerType,
			Imports:     append([]string{}, plan.WarmImports...),
		},
		Emit: n.handleHost,
		Log:  log,
	})
	err = n.serve()
	if !n.children.Sweep(sweepTime, func(pid int) { log.Warningf("killing process %d, which a task left behind", pid) }) {
		log.Warningf("a process that a task left behind was killed but has not exited")
	}
	return err
}

func newNode(plan plan, log *logging.Logger, service *notify.Notifier, signals *signals) *node {
	n := &node{
		plan:       plan,
		log:        log,
		service:    service,
		signals:    signals,
		requests:   make(chan func()),
		posts:      mailbox.New[func()](),
		closed:     make(chan struct{}),
		states:     make(chan status, 1),
		allStarted: make(chan struct{}, 1),
		pool: pool.New(pool.Options{
			Maximum:       int(plan.MaxTaskConcurrency),
			Capacity:      plan.capacity,
			Bottleneck:    plan.bottleneck,
			MaxStarting:   maxStarting,
			Replace:       !plan.Fixed() || plan.Restart == "on-failure",
			Restore:       plan.Fixed(),
			LogRegistered: !plan.Fixed(),
			StopTimeout:   config.Duration(plan.StopTimeoutSeconds),
			DrainTimeout:  config.Duration(plan.DrainTimeoutSeconds),
			Cooldown:      config.Duration(plan.ScaleDownCooldownSeconds),
		}),
		stopSignal: syscall.SIGINT, // as Scaler's own dynamic mode does
		maximum:    int(plan.MaxTaskConcurrency),
		processors: processors{},
		journal:    journal.New(),
		known:      known{started: time.Now(), recycled: map[string]int{}},
		resolver:   &resolver{log: log, known: map[string]string{}},
	}
	if plan.Fixed() {
		n.stopSignal = syscall.SIGTERM // Scaler's own fixed mode uses Process.terminate
	}
	n.workContext, n.stopWork = context.WithCancel(context.Background())
	n.children = process.NewChildren(func(exit process.Exit) {
		n.handle(pool.Exited{Pid: exit.Pid, Status: exit.Status, Orphan: true})
	})
	return n
}

// serve runs the loop and all other goroutines, and returns when they have ended.
func (n *node) serve() error {
	runContext, end := context.WithCancel(context.Background())
	n.runContext = runContext
	shown, err := n.listenHTTP()
	if err != nil {
		end()
		return err
	}
	socket, err := n.listen()
	if err != nil {
		if shown != nil {
			shown.Close()
		}
		end()
		return err
	}
	if shown != nil {
		n.run(func() { shown.Serve(runContext, n) })
	}
	if socket != nil {
		n.run(func() { n.serveControl(runContext, socket) })
	}
	n.run(func() {
		if err := n.host.Run(runContext); err != nil {
			// There is no host left to reap workers.
			n.do(func() { n.finish(err, pool.Kill{}) })
		}
	})
	n.run(func() {
		if err := n.start(n.workContext); err != nil && !errors.Is(err, context.Canceled) {
			n.do(func() { n.finish(err, pool.Stop{}) })
		}
	})
	n.run(func() { n.watchdog(runContext) }) // until the last worker has exited
	n.run(func() { n.showStatus(n.workContext) })
	n.run(func() { n.returnMemory(runContext) })
	n.run(func() { n.returnProgram(runContext) })
	n.loop()
	_ = n.service.Stopping()
	n.stopWork()
	end()
	n.goroutines.Wait()
	return n.err
}

// run starts a goroutine that serve waits for.
func (n *node) run(f func()) {
	n.goroutines.Add(1)
	go func() {
		defer n.goroutines.Done()
		f()
	}()
}
