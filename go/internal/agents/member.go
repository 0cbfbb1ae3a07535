package agents

import (
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

const (
	// schedulerLimit limits the bytes queued for the scheduler, per worker. Results are small: their data is in the object
	// storage.
	schedulerLimit = 16 << 20
	// schedulerLow is the queue size above which processors are not read. Tasks may log more than a scheduler can take.
	schedulerLow = 1 << 20
	// processorLimit limits the bytes queued for one processor.
	processorLimit = 64 << 20
)

// member is a worker with its agent. Only the loop uses it, apart from the outbox.
type member struct {
	set            *Set
	number         int
	identity       string
	log            *logging.Logger // adds the worker to each line
	disconnect     []byte          // the frame that disconnects the worker from the scheduler
	disconnectSent bool            // that frame was queued
	removed        bool
	agent          *agent.Agent
	scheduler      link
	peers          map[int]*peer       // connections of its processors, by pid
	profiles       map[string]*profile // of running tasks, by id
	timer          *time.Timer         // for a Tick
	due            time.Time           // when timer fires
}

func (s *Set) newMember(worker, pid int, identity string, disconnect []byte) *member {
	options := s.options.Agent
	options.Identity = identity
	m := &member{
		set:        s,
		number:     worker,
		identity:   identity,
		log:        s.options.Log.With(logging.Fields{Worker: identity, Pid: pid}),
		disconnect: disconnect,
		agent:      agent.New(time.Now(), options),
		peers:      map[int]*peer{},
		profiles:   map[string]*profile{},
	}
	m.scheduler.outbox.limit, m.scheduler.outbox.low = schedulerLimit, schedulerLow
	return m
}

// schedule sets the timer for the agent's next Tick.
func (m *member) schedule() {
	if m.removed {
		return
	}
	due := m.agent.Deadline()
	if due.Equal(m.due) {
		return
	}
	m.due = due
	if m.timer == nil {
		m.timer = time.AfterFunc(time.Until(due), func() {
			m.set.box.Put(func() {
				m.due = time.Time{}
				if !m.removed {
					m.set.handle(m, agent.Tick{})
				}
			})
		})
		return
	}
	m.timer.Reset(time.Until(due))
}

// remove drops a worker and closes its connections. The scheduler is told, if it was not.
func (s *Set) remove(m *member) {
	if m.removed {
		return
	}
	m.removed = true
	delete(s.members, m.number)
	s.ended.Add(m.agent.Statistics())
	s.spares.WorkerGone(m.number)
	s.keepSpares()
	if m.timer != nil {
		m.timer.Stop()
	}
	m.sendDisconnect()
	for _, p := range m.peers {
		p.close()
	}
	for pid, owner := range s.byPid { // includes processors that have not connected yet
		if owner == m {
			delete(s.byPid, pid)
			s.usage.forget(pid)
		}
	}
	m.scheduler.finish(s)
}

func (m *member) sendDisconnect() {
	if !m.disconnectSent {
		m.disconnectSent = true
		m.scheduler.outbox.put(m.disconnect)
		m.scheduler.sendAll()
	}
}

// execute carries out an effect of an agent.
func (s *Set) execute(m *member, effect agent.Effect) {
	switch effect := effect.(type) {
	case agent.SendHeartbeat:
		m.sendHeartbeat(s.options.Codec.Heartbeat(s.heartbeat(effect.Heartbeat)))
	case agent.Forward:
		m.send(effect.Frame, nil)
	case agent.ConfirmCancel:
		delete(m.profiles, effect.TaskID)
		m.send(s.options.Codec.TaskCancelConfirm(effect.TaskID, effect.What))
	case agent.SendResult:
		effect.Result.Metadata = m.profiles[effect.Result.TaskID].end().Metadata()
		delete(m.profiles, effect.Result.TaskID)
		m.send(s.options.Codec.TaskResult(effect.Result))
	case agent.AnnounceObject:
		m.send(s.options.Codec.ObjectCreated(effect.Source, effect.Object, nil))
	case agent.Disconnect:
		m.sendDisconnect()
		s.spares.WorkerGone(m.number)
	case agent.DiscardUnsent:
		clear(m.profiles)
		m.scheduler.outbox.clear()
	case agent.Fork:
		s.fork(m.number, effect.Storage)
	case agent.Signal:
		s.options.Tell(host.Signal{Worker: m.number, Pid: effect.Pid, Signal: int(effect.Signal)})
	case agent.Resume:
		s.options.Tell(host.Resume{Worker: m.number, Pid: effect.Pid})
	case agent.Run:
		m.profiles[effect.TaskID] = s.usage.begin(effect.Pid)
		m.peers[effect.Pid].send(effect.Frame, true)
	case agent.Instruct:
		// If the queue is full the instruction is lost: the processor then keeps an object that is no longer needed.
		m.peers[effect.Pid].send(effect.Frame, false)
	case agent.Quit:
		s.options.Tell(host.Quit{Worker: m.number, Status: effect.Status})
	case agent.StoreError:
		s.storeError(m, effect)
	case agent.Registered:
		if len(s.held) > 0 {
			s.extendHold()
		}
		s.options.Emit(Registered{m.number})
	case agent.Busy:
		s.options.Emit(Busy{m.number})
	case agent.Idle:
		s.options.Emit(Idle{m.number})
	case agent.Drained:
		s.options.Emit(Drained{m.number})
	case agent.Suspended:
		s.options.Emit(Suspended{m.number, effect.Pid, effect.Is})
	case agent.Retired:
		s.options.Emit(ProcessorRetired{m.identity, effect.Pid, effect.Why, effect.Text})
	case agent.ProcessorGone:
		s.options.Emit(Suspended{m.number, effect.Pid, false})
	case agent.ProcessorDied:
		s.options.Emit(ProcessorDied{m.number, m.identity, effect.Pid, effect.Status, effect.Text})
	case agent.Log:
		m.log.With(effect.Fields).Logf(effect.Level, effect.Format, effect.Arguments...)
	}
}

func (m *member) sendHeartbeat(frame []byte, err error) {
	if err == nil && !m.scheduler.heard {
		m.scheduler.outbox.putFirst(frame)
		return
	}
	m.send(frame, err)
}

// send queues a frame for the scheduler.
func (m *member) send(frame []byte, err error) {
	if err == nil && !m.scheduler.outbox.put(frame) {
		err = errors.New("the scheduler does not read")
	}
	if err != nil {
		m.log.Errorf("worker %s cannot send to the scheduler: %v", m.identity, err)
		m.set.options.Emit(Failed{m.number})
	}
}

// Handle takes a message of the worker host about a worker's processors.
func (s *Set) Handle(received host.Message) {
	switch received := received.(type) {
	case host.Processor:
		s.box.Put(func() {
			if m := s.members[received.Worker]; m != nil {
				s.onProcessor(m, received)
			}
		})
	case host.Spare:
		s.box.Put(func() { s.onSpare(received) })
	case host.NotForked:
		s.post(received.Worker, agent.ForkFailed{Error: received.Error})
	case host.Terminate:
		s.post(received.Worker, agent.Terminate{})
	case host.FailureMade:
		s.box.Put(func() { s.onFailureMade(received) })
	}
}

func (s *Set) onProcessor(m *member, p host.Processor) {
	switch p.State {
	case host.ProcessorStarted:
		s.spares.ProcessorStarted(time.Now(), p.Pid)
		s.keepSpares()
		s.usage.add(p.Pid)
		s.byPid[p.Pid] = m
		s.handle(m, agent.ProcessorStarted{Pid: p.Pid})
		s.claim(m, p.Pid)
	case host.ProcessorEnded:
		status := syscall.WaitStatus(p.Status)
		if known := m.peers[p.Pid]; known != nil {
			known.processEnded(status)
			return
		}
		s.processorEnded(m, p.Pid, status)
	}
}

func (s *Set) processorEnded(m *member, pid int, status syscall.WaitStatus) {
	delete(m.peers, pid)
	delete(s.byPid, pid)
	s.usage.forget(pid)
	s.handle(m, agent.ProcessorEnded{Pid: pid, Status: status})
}

// heartbeat adds resource usage to the agent's part of a heartbeat.
func (s *Set) heartbeat(known agent.Heartbeat) protocol.Heartbeat {
	h := protocol.Heartbeat{
		QueueSize:           s.options.QueueSize,
		QueuedTasks:         uint32(known.Queued),
		LatencyMicroseconds: uint32(known.Latency / time.Microsecond),
		Processors:          known.Processors,
		Capabilities:        s.options.Capabilities,
		ManagerID:           s.options.ManagerID,
	}
	s.usage.fill(&h, len(s.members))
	s.addSpares(&h)
	return h
}
