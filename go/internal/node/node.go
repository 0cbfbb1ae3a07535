// Package node is one run of a worker manager. It puts the parts together: a plan from the configuration, the worker
// host, the conversation with the scheduler, the monitors, and in the middle a loop that owns the pool. Every goroutine
// is the node's, and is waited for before Run returns.
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
	// spareThreads are for what blocks in the kernel, files and starts of processes, beside those that compute.
	spareThreads = 8

	// sweepTime is how long what is left at the end may take to end by itself, and to go when it is killed.
	sweepTime = 500 * time.Millisecond

	// maxStarting bounds the starts that the host was asked for and has not answered. It forks 16 at a time, so that
	// this keeps it busy.
	maxStarting = 64
)

// node is a run. Its loop owns all that has no other owner named.
type node struct {
	plan     plan
	log      *logging.Logger
	service  *notify.Notifier
	children *process.Children
	host     *host.Supervisor
	signals  *signals

	requests   chan func()          // for the loop to run
	posts      *mailbox.Box[func()] // the same, of those who may not wait
	closed     chan struct{}        // the loop has ended
	goroutines sync.WaitGroup
	states     chan status // for showStatus; one place

	// living ends when the last worker is gone, working when no more work is wanted, while workers end and the host goes on.
	living   context.Context
	working  context.Context
	stopWork func()

	pool       *pool.Pool
	stopSignal syscall.Signal // by which workers are asked to end
	mode       mode           // nil before begin
	before     pool.Snapshot
	processors processors
	spares     agents.Spares
	journal    *journal.Journal // of any goroutine
	known      known
	settling   *time.Timer   // nil before the first workers have registered
	agents     *agents.Set   // of the workers; nil where they have Scaler's own, and before begin
	disconnect *disconnector // nil before begin
	err        error         // what the run ends with

	maximum    int       // workers: the most, or how many in fixed mode
	endDrained bool      // end when all workers have drained
	drainUntil time.Time // when those are stopped that have not; zero: never

	// Of the goroutine of start, and after begin of that of the link.
	resolver *resolver
	options  map[string]any // what the host was configured with
}

// mode is fixed or dynamic.
type mode interface {
	changed(before, now pool.Snapshot)
	// offer says how many workers there may be from now on, and whether none is started for a while.
	offer(maximum int, draining bool)
}

// Run runs a manager until it is told to stop by SIGINT or SIGTERM, or its work is done,
// or cannot be. It leaves no process behind. caller is what workers take for the program
// that they run in. A nil error means that it ended as it should.
func Run(configuration *config.Config, caller protocol.Program, log *logging.Logger) error {
	defer log.Flush()
	service := notify.New()
	useOneCPU()
	process.ReserveThreads(runtime.GOMAXPROCS(0) + spareThreads)
	if err := process.BecomeSubreaper(); err != nil {
		log.Warningf("%v: what tasks detach from their worker may outlive it", err)
	}
	signals := newSignals(log)
	defer signals.stop()
	plan, err := newPlan(configuration, log)
	if err != nil {
		return err
	}
	n := newNode(plan, log, service, signals)
	defer n.children.Close()
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
		log.Warningf("some process is left that does not end")
	}
	return err
}

func newNode(plan plan, log *logging.Logger, service *notify.Notifier, signals *signals) *node {
	n := &node{
		plan:     plan,
		log:      log,
		service:  service,
		signals:  signals,
		requests: make(chan func()),
		posts:    mailbox.New[func()](),
		closed:   make(chan struct{}),
		states:   make(chan status, 1),
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
		stopSignal: syscall.SIGINT, // as Scaler's own dynamic mode
		maximum:    int(plan.MaxTaskConcurrency),
		processors: processors{},
		journal:    journal.New(),
		known:      known{started: time.Now(), recycled: map[string]int{}},
		resolver:   &resolver{log: log, said: map[string]string{}},
	}
	if plan.Fixed() {
		n.stopSignal = syscall.SIGTERM // Scaler's own fixed mode ends workers by Process.terminate
	}
	n.working, n.stopWork = context.WithCancel(context.Background())
	n.children = process.NewChildren(func(exit process.Exit) {
		n.handle(pool.Exited{Pid: exit.Pid, Status: exit.Status, Orphan: true})
	})
	return n
}

// serve runs the loop and everything beside it, and returns when all of it has ended.
func (n *node) serve() error {
	living, end := context.WithCancel(context.Background())
	n.living = living
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
		n.run(func() { shown.Serve(living, n) })
	}
	if socket != nil {
		n.run(func() { n.serveControl(living, socket) })
	}
	n.run(func() {
		if err := n.host.Run(living); err != nil {
			// Nobody is left to reap workers by request, and their number is known.
			n.do(func() { n.finish(err, pool.Kill{}) })
		}
	})
	n.run(func() {
		if err := n.start(n.working); err != nil && !errors.Is(err, context.Canceled) {
			n.do(func() { n.finish(err, pool.Stop{}) })
		}
	})
	n.run(func() { n.watchdog(living) }) // also while workers end
	n.run(func() { n.showStatus(n.working) })
	n.run(func() { n.returnMemory(living) })
	n.loop()
	if n.settling != nil {
		n.settling.Stop()
	}
	_ = n.service.Stopping()
	n.stopWork()
	end()
	n.goroutines.Wait()
	return n.err
}

// run runs f in a goroutine that serve waits for.
func (n *node) run(f func()) {
	n.goroutines.Add(1)
	go func() {
		defer n.goroutines.Done()
		f()
	}()
}
