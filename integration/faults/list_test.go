package faults

import (
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A fault is something that goes wrong in a scene, with what our manager has to do about it.
type fault struct {
	name     string
	modes    []string
	quick    []cluster.Release // the releases that it is also tried with in the quick tier
	only     []cluster.Release // the releases that know it; nil for all
	ours     bool              // there is no counterpart in the Python manager
	root     bool              // it takes a privilege
	strike   func(s *scene)
	setup    func(s *scene, start *cluster.Setup) // changes the manager's start-up; may be nil
	before   func(s *scene)                       // before anything is started; may be nil
	alone    func(s *scene)                       // instead of the usual scene; may be nil
	patience string                               // seconds until the scheduler gives up a silent worker
	want     want
}

// A want is what our manager has to do, besides leaving no process and ending when told.
type want struct {
	back  time.Duration // until all workers are at work again; 0 if that cannot be
	rerun time.Duration // until tasks that were hit run again; 0: no demand
	lost  int           // tasks without a result that are allowed
	// Releases whose scheduler itself fails, whoever the manager is: 1.26.6 loses tasks that it was about to move when
	// their worker died; 2.3.3 stops for ever when it sends to a worker that has just died.
	fails []cluster.Release
}

var (
	allModes    = []string{modeDynamic, modeFixed, modeRestart}
	bothModes   = []string{modeDynamic, modeFixed}
	faultedOnes = []cluster.Release{"1.26.6", "2.3.3", "2.9.0"}
)

// moment is how long a temporary fault lasts.
const moment = 3 * time.Second

func faults() []fault {
	soon := want{back: 6 * time.Second, rerun: 6 * time.Second, fails: []cluster.Release{"2.3.3"}}
	alone := want{rerun: 6 * time.Second, fails: soon.fails}
	never := want{rerun: 25 * time.Second, fails: []cluster.Release{"1.26.6", "2.3.3"}}
	missed := want{back: 20 * time.Second, rerun: never.rerun, fails: never.fails}
	renewed := want{back: 20 * time.Second}
	return []fault{
		{name: "worker SIGKILL", modes: []string{modeDynamic, modeRestart}, quick: faultedOnes,
			strike: strikeWorker(syscall.SIGKILL), want: soon},
		{name: "worker SIGKILL", modes: []string{modeFixed}, quick: cluster.OldAndNew, strike: strikeWorker(syscall.SIGKILL),
			want: alone},
		{name: "worker SIGSEGV", modes: []string{modeDynamic, modeRestart}, quick: cluster.Newest,
			strike: strikeWorker(syscall.SIGSEGV), want: soon},
		{name: "worker SIGSEGV", modes: []string{modeFixed}, strike: strikeWorker(syscall.SIGSEGV), want: alone},
		{name: "worker SIGSTOP", modes: []string{modeFixed}, quick: cluster.Newest, strike: strikeWorker(syscall.SIGSTOP),
			want: never},
		{name: "worker SIGSTOP", modes: []string{modeDynamic, modeRestart}, quick: cluster.Newest, setup: missSoon,
			strike: strikeWorker(syscall.SIGSTOP), want: missed},
		{name: processorKilled, modes: bothModes, quick: cluster.Newest, strike: strikeProcessor,
			want: want{back: 10 * time.Second, lost: 1}},
		{name: "processor SIGSTOP for 3 s, and again at the end", modes: bothModes, quick: cluster.Newest,
			strike: pauseProcessor, want: want{back: 10 * time.Second}},
		{name: "worker host SIGKILL", ours: true, modes: bothModes, quick: cluster.Newest, strike: killHost, want: soon},
		{name: "worker host SIGKILL, its workers end after the next one is ready", ours: true, root: true,
			only: cluster.Newest, modes: []string{modeDynamic, modeRestart}, quick: cluster.Newest, strike: lateExits,
			want: soon},
		{name: "worker host SIGKILL, the next one hangs in an import", ours: true, only: cluster.Newest, modes: bothModes,
			quick: cluster.Newest, setup: hangAtRestart, strike: killForHanging,
			want: want{back: 45 * time.Second, rerun: 60 * time.Second}},
		{name: "worker host SIGSTOP", ours: true, modes: bothModes, quick: cluster.Newest, strike: stopHost, want: soon},
		{name: "manager SIGKILL, and another one", modes: bothModes, quick: cluster.OldAndNew,
			strike: endManager(syscall.SIGKILL), want: want{back: 15 * time.Second, rerun: 25 * time.Second,
				fails: []cluster.Release{"1.26.6", "2.3.3"}}},
		{name: "manager SIGTERM while busy, and another one", modes: bothModes, quick: cluster.OldAndNew,
			strike: endManager(syscall.SIGTERM), want: want{back: 15 * time.Second, rerun: 15 * time.Second}},
		{name: "manager SIGTERM while starting 64 workers", modes: []string{modeFixed}, quick: cluster.Newest,
			alone: endStarting},
		{name: "scale-down with 6 long tasks", modes: []string{modeDynamic}, quick: cluster.OldAndNew, setup: honourAtOnce,
			alone: scaleDown, want: want{fails: []cluster.Release{"2.3.3"}}},
		{name: "scheduler SIGKILL, restart 10 s later", modes: allModes, quick: []cluster.Release{"1.26.6"},
			strike: restartScheduler(10 * time.Second), want: renewed},
		{name: "scheduler SIGKILL, restart at once", modes: allModes, strike: restartScheduler(0), want: renewed},
		{name: "scheduler SIGSTOP for 30 s", modes: bothModes, quick: cluster.Newest, patience: "60", strike: pauseScheduler,
			want: want{back: 20 * time.Second}},
		{name: "object storage restart, then the scheduler's", only: []cluster.Release{"2.3.3", "2.9.0"},
			modes: []string{modeDynamic, modeRestart}, strike: restartStorage, want: renewed},
		{name: "object storage restart, then the scheduler's", only: []cluster.Release{"2.3.3", "2.9.0"},
			modes: []string{modeFixed}, strike: restartStorage, want: want{lost: sceneLoad}},
		{name: "network cut for 12 s", root: true, modes: bothModes, quick: cluster.Newest, patience: "60",
			before: buildNetwork, strike: cutNetwork, want: want{back: 20 * time.Second}},
		{name: "disk full at the log path", root: true, modes: bothModes, quick: cluster.Newest, before: mountDisk,
			setup: logToDisk, strike: fillDisk, want: want{back: 5 * time.Second}},
		{name: "no more processes for 3 s, worker SIGKILL", modes: []string{modeDynamic, modeRestart}, quick: cluster.Newest,
			setup: asNobody, strike: limitProcesses, want: want{back: 20 * time.Second, rerun: 25 * time.Second,
				fails: []cluster.Release{"2.3.3"}}},
		{name: "no more file descriptors for 3 s, worker SIGKILL", modes: []string{modeDynamic, modeRestart},
			quick: cluster.Newest, strike: limitDescriptors,
			want: want{back: 20 * time.Second, rerun: 25 * time.Second, fails: []cluster.Release{"2.3.3"}}},
		{name: "tasks that detach children", modes: bothModes, quick: cluster.Newest, strike: detachChildren,
			want: want{back: 5 * time.Second}},
	}
}

func strikeWorker(signal syscall.Signal) func(s *scene) {
	return func(s *scene) {
		worker, processor := s.worker()
		s.begins(processor)
		s.signal(worker, signal)
	}
}

// missSoon has a stopped worker killed soon after the scheduler has given it up.
func missSoon(s *scene, start *cluster.Setup) {
	if s.ours {
		start.Arguments = append(start.Arguments, "--unresponsive-timeout-seconds", "12")
	}
}

func strikeProcessor(s *scene) {
	processor := s.processors()[0]
	s.begins(processor)
	s.signal(processor, syscall.SIGKILL)
}

// pauseProcessor lets a processor go on after a while, and stops another one for the manager to end with.
func pauseProcessor(s *scene) {
	processor := s.processors()[0]
	s.begins(processor)
	s.signal(processor, syscall.SIGSTOP)
	time.Sleep(moment)
	s.signal(processor, syscall.SIGCONT)
	s.since = time.Now()
	s.last = func() { s.signal(s.served(), syscall.SIGSTOP) }
}

func killHost(s *scene) {
	host := s.host()
	s.begins(s.everyone()...)
	s.signal(host, syscall.SIGKILL)
}

// stopHost waits until the manager has found out; up to then the workers work on.
func stopHost(s *scene) {
	host := s.host()
	s.signal(host, syscall.SIGSTOP)
	cluster.AwaitEnd(s.t, "a worker host that hangs", host, 40*time.Second)
	s.begins(s.everyone()...)
}

func endManager(signal syscall.Signal) func(s *scene) {
	return func(s *scene) {
		s.begins(s.everyone()...)
		took, ok := s.ends(s.manager, signal)
		s.judgeStop(took, ok)
		s.since = time.Now()
		s.manager = s.startManager("second", sceneWorkers)
	}
}

// restartScheduler takes another load: what the scheduler knew of the first is gone with it.
func restartScheduler(pause time.Duration) func(s *scene) {
	return func(s *scene) {
		s.cluster.Scheduler.Kill()
		s.load.Client.Kill()
		time.Sleep(pause)
		s.cluster.StartScheduler(s.t, s.patience()...)
		s.startAnother()
	}
}

// restartStorage restarts the scheduler too: that of 2.3.3 and of 2.9.0 cannot go on without its storage's objects.
func restartStorage(s *scene) {
	s.cluster.Storage.Kill()
	time.Sleep(moment) // for the workers to notice
	s.cluster.StartStorage(s.t)
	restartScheduler(10 * time.Second)(s)
}

func pauseScheduler(s *scene) {
	s.begins()
	s.signal(s.cluster.Scheduler.PID(), syscall.SIGSTOP)
	time.Sleep(30 * time.Second)
	s.signal(s.cluster.Scheduler.PID(), syscall.SIGCONT)
	s.since = time.Now()
}

func detachChildren(s *scene) {
	s.begins()
	var answer struct{ Detached []int }
	s.cluster.Ask(s.t, &answer, "detach.py", "4")
	for _, pid := range answer.Detached {
		if !cluster.Alive(pid) {
			s.t.Errorf("process %d has ended before its manager", pid)
		}
	}
}

// endStarting needs no load: the manager ends while its workers come to be.
func endStarting(s *scene) {
	s.begins()
	const workers, enough = 64, 8
	s.manager = s.startManager("manager", workers)
	deadline := time.Now().Add(cluster.ConnectTimeout)
	for ; len(s.manager.Mark.Processes("manager")) < enough; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal("no worker has started")
		}
	}
	s.judgeStop(s.ends(s.manager, syscall.SIGTERM))
}

// honourAtOnce leaves nothing but the tasks themselves to hold a worker.
func honourAtOnce(s *scene, start *cluster.Setup) {
	if s.ours || s.cluster.Release.Number() >= 2009 {
		start.Arguments = append(start.Arguments, "--scale-down-cooldown-seconds", "0")
	}
}

// scaleDown leaves workers with long tasks when the scheduler wants but one.
func scaleDown(s *scene) {
	const workers = 6
	s.begins()
	s.manager = s.startManager("manager", workers)
	crowd := s.cluster.StartLoad(s.t, "crowd", 15*workers, sceneTask, 25*time.Second)
	if _, ok := crowd.AwaitConcurrent(s.t, time.Now(), workers, 2*cluster.ConnectTimeout); !ok {
		s.t.Fatalf("%d workers are not at work", workers)
	}
	s.load = s.cluster.StartLoad(s.t, "first", 0, 0, 60*time.Second)
	s.load.SetLonger(s.t, workers, 3, 0.7)
	for len(s.load.Executions(s.t)) == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	crowd.Set(s.t, -1, 0)
	s.judgeLoad()
	crowd.Client.Kill()
	s.judgeStop(s.ends(s.manager, syscall.SIGTERM))
}
