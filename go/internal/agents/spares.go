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

// scarceShare is the part of the machine's memory that has to be free for there to be spare processors.
const scarceShare = 20

// Spares tells of the spare processors that wait, and how much memory they have for themselves (USS).
type Spares struct {
	Waiting []spares.Spare
	Bytes   int64
}

// Of is the pid of a worker's spare processor, 0 if it has none.
func (s Spares) Of(worker int) int {
	for _, spare := range s.Waiting {
		if spare.Worker == worker {
			return spare.Pid
		}
	}
	return 0
}

// keeping is the spare processors of a set. It belongs to the loop.
type keeping struct {
	*spares.Keeper
	timer *time.Timer
	bytes map[int]int64 // of each, with the process of a worker that is yet to come, by pid
	told  []spares.Spare
}

func newKeeping(count int) *keeping {
	return &keeping{Keeper: spares.New(count), bytes: map[int]int64{}}
}

// Expect says what the workers that may come next are given. There may be a spare processor for each.
func (s *Set) Expect(settings []host.Settings) {
	s.box.Put(func() {
		s.spares.Expect(time.Now(), settings)
		s.keepSpares()
	})
}

// Tight says that a worker is near its limit of memory: a spare processor goes before one with a task does.
func (s *Set) Tight(worker int) {
	s.box.Put(func() {
		s.spares.Tight(time.Now(), worker)
		s.keepSpares()
	})
}

// HostBack says that there is a worker host again.
func (s *Set) HostBack() {
	s.box.Put(func() {
		s.spares.Back(time.Now())
		s.keepSpares()
	})
}

// keepSpares has the host make or drop what is missing or too much, tells what there is, and comes again when it is time.
func (s *Set) keepSpares() {
	if s.options.Spares == 0 {
		return
	}
	now := time.Now()
	if s.holding {
		s.spares.Disturb(now)
	}
	for _, effect := range s.spares.Decide(now, s.isScarce(now)) {
		switch effect := effect.(type) {
		case spares.Make:
			s.options.Tell(host.MakeSpare{Worker: effect.Worker, Settings: effect.Settings})
		case spares.Drop:
			s.logOf(effect.Worker).Debugf("the spare processor of %s is dropped", s.nameOf(effect.Worker))
			s.options.Tell(host.DropSpare{Worker: effect.Worker})
		}
	}
	s.tellSpares()
	due := s.spares.Deadline(now)
	switch {
	case due.IsZero():
	case s.spares.timer == nil:
		s.spares.timer = time.AfterFunc(time.Until(due), func() { s.box.Put(s.keepSpares) })
	default:
		s.spares.timer.Reset(time.Until(due))
	}
}

func (s *Set) isScarce(now time.Time) bool {
	var h protocol.Heartbeat
	s.usage.machine.fill(now, &h)
	return h.FreeMemory < h.MemoryLimit/scarceShare
}

// spareSaid takes what the host says of a spare processor.
func (s *Set) spareSaid(said host.Spare) {
	s.spares.Said(time.Now(), said)
	if said.State == host.SpareReady {
		s.measureSpare(spares.Spare{Worker: said.Worker, Pid: said.Pid, Parent: said.Parent})
	}
	s.keepSpares()
}

// measureSpare finds out how much memory one has for itself, which does not change while it waits. It takes a goroutine, as the kernel
// may wait for its lock on a process's pages.
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
			s.spares.told = nil
			s.tellSpares()
		})
	})
}

// tellSpares tells of what there is now, if that is not what was told last.
func (s *Set) tellSpares() {
	ready := s.spares.Ready()
	if slices.Equal(ready, s.spares.told) {
		return
	}
	for pid := range s.spares.bytes {
		if !slices.ContainsFunc(ready, func(spare spares.Spare) bool { return spare.Pid == pid }) {
			delete(s.spares.bytes, pid)
		}
	}
	s.spares.told = ready
	s.options.Emit(Spares{Waiting: ready, Bytes: s.spares.all()})
}

func (k *keeping) all() (bytes int64) {
	for _, one := range k.bytes {
		bytes += one
	}
	return bytes
}

// addSpares counts the memory of spare processors, which are none of a worker's yet, with that of its agent: as a part of
// the whole that is shared by all workers.
func (s *Set) addSpares(h *protocol.Heartbeat) {
	h.Agent.Memory += uint64(s.spares.all()) / uint64(max(len(s.members), 1))
}

func (s *Set) nameOf(worker int) string {
	if m := s.members[worker]; m != nil {
		return "worker " + m.identity
	}
	return "a worker that is yet to come"
}

// logOf is for lines about a worker, which may be yet to come.
func (s *Set) logOf(worker int) *logging.Logger {
	if m := s.members[worker]; m != nil {
		return m.log
	}
	return s.options.Log
}
