package agents

import (
	"slices"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
	"github.com/scaler-native/scaler-native/go/internal/size"
	"github.com/scaler-native/scaler-native/go/internal/spares"
)

// scarceShare: no spare processors are kept if less than one in scarceShare of the machine's memory is free.
const scarceShare = 20

// Spares is an event: the spare processors that are ready, and their private memory (USS).
type Spares struct {
	Waiting []spares.Spare
	Bytes   int64
}

// Of returns the pid of a worker's spare processor, 0 if it has none.
func (s Spares) Of(worker int) int {
	for _, spare := range s.Waiting {
		if spare.Worker == worker {
			return spare.Pid
		}
	}
	return 0
}

// spareKeeper holds the spare processors of a Set. Only the loop uses it.
type spareKeeper struct {
	*spares.Keeper
	timer    *time.Timer
	bytes    map[int]int64  // private memory by pid, including the worker process of one made for a new worker
	reported []spares.Spare // as last emitted
}

func newSpareKeeper(count int) *spareKeeper {
	return &spareKeeper{Keeper: spares.New(count), bytes: map[int]int64{}}
}

// Expect sets the settings of the next workers, so that spare processors can be made for them.
func (s *Set) Expect(settings []host.Settings) {
	s.box.Put(func() {
		s.spares.Expect(time.Now(), settings)
		s.keepSpares()
	})
}

// MemoryTight reports that a worker is near its memory limit, so that its spare processor is dropped before a task is
// killed.
func (s *Set) MemoryTight(worker int) {
	s.box.Put(func() {
		s.spares.MemoryTight(time.Now(), worker)
		s.keepSpares()
	})
}

// HostReady reports that there is a worker host again.
func (s *Set) HostReady() {
	s.box.Put(func() {
		s.spares.HostReady(time.Now())
		s.keepSpares()
	})
}

// keepSpares has the host make or drop spare processors, emits changes, and sets the timer for the next time.
func (s *Set) keepSpares() {
	if s.options.Spares == 0 {
		return
	}
	now := time.Now()
	if s.holding {
		s.spares.Busy(now)
	}
	for _, effect := range s.spares.Decide(now, s.memoryScarce(now)) {
		switch effect := effect.(type) {
		case spares.Make:
			s.options.Tell(host.MakeSpare{Worker: effect.Worker, Settings: effect.Settings})
		case spares.Drop:
			s.logOf(effect.Worker).Debugf("the spare processor of %s is dropped", s.nameOf(effect.Worker))
			s.options.Tell(host.DropSpare{Worker: effect.Worker})
		}
	}
	s.emitSpares()
	due := s.spares.Deadline(now)
	switch {
	case due.IsZero():
	case s.spares.timer == nil:
		s.spares.timer = time.AfterFunc(time.Until(due), func() { s.box.Put(s.keepSpares) })
	default:
		s.spares.timer.Reset(time.Until(due))
	}
}

func (s *Set) memoryScarce(now time.Time) bool {
	var h protocol.Heartbeat
	s.usage.machine.fill(now, &h)
	return h.FreeMemory < h.MemoryLimit/scarceShare
}

// onSpare handles a message of the host about a spare processor.
func (s *Set) onSpare(said host.Spare) {
	s.spares.Handle(time.Now(), said)
	if said.State == host.SpareReady {
		s.measureSpare(spares.Spare{Worker: said.Worker, Pid: said.Pid, Parent: said.Parent})
	}
	s.keepSpares()
}

// measureSpare measures the private memory of a spare processor, which does not change while it waits. It uses a
// goroutine, as the kernel may block on the lock of the process's pages.
func (s *Set) measureSpare(spare spares.Spare) {
	s.run(func() {
		bytes, _ := procfs.PrivateBytes(procfs.Root, spare.Pid)
		if spare.Worker == 0 {
			parent, _ := procfs.PrivateBytes(procfs.Root, spare.Parent)
			bytes += parent
		}
		s.do(func() {
			if !slices.ContainsFunc(s.spares.Ready(), func(other spares.Spare) bool { return other.Pid == spare.Pid }) {
				return
			}
			s.logOf(spare.Worker).With(logging.Fields{Processor: spare.Pid}).Debugf(
				"spare processor %d of %s is ready and takes %s", spare.Pid, s.nameOf(spare.Worker), size.Format(bytes))
			s.spares.bytes[spare.Pid] = bytes
			s.spares.reported = nil
			s.emitSpares()
		})
	})
}

// emitSpares emits the spare processors that are ready, if they have changed.
func (s *Set) emitSpares() {
	ready := s.spares.Ready()
	if slices.Equal(ready, s.spares.reported) {
		return
	}
	for pid := range s.spares.bytes {
		if !slices.ContainsFunc(ready, func(spare spares.Spare) bool { return spare.Pid == pid }) {
			delete(s.spares.bytes, pid)
		}
	}
	s.spares.reported = ready
	s.options.Emit(Spares{Waiting: ready, Bytes: s.spares.all()})
}

func (k *spareKeeper) all() (bytes int64) {
	for _, n := range k.bytes {
		bytes += n
	}
	return bytes
}

// addSpares adds this worker's share of the memory of all spare processors, which belong to no worker yet, to the
// agent's memory.
func (s *Set) addSpares(h *protocol.Heartbeat) {
	h.Agent.Memory += uint64(s.spares.all()) / uint64(max(len(s.members), 1))
}

func (s *Set) nameOf(worker int) string {
	if m := s.members[worker]; m != nil {
		return "worker " + m.identity
	}
	return "a new worker"
}

// logOf returns the logger for lines about a worker, which may not exist yet.
func (s *Set) logOf(worker int) *logging.Logger {
	if m := s.members[worker]; m != nil {
		return m.log
	}
	return s.options.Log
}
