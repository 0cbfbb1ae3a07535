package agent

import (
	"reflect"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

const (
	interval     = 2 * time.Second
	deathTimeout = 60 * time.Second
	killDelay    = 3 * time.Second
	storage      = "tcp://127.0.0.1:1"
)

// fake gives events to an agent and checks its effects.
type fake struct {
	t     *testing.T
	now   time.Time
	agent *Agent
	died  []ProcessorDied
}

func newFake(t *testing.T, change ...func(*Options)) *fake {
	options := Options{Identity: "w", HeartbeatInterval: interval, DeathTimeout: deathTimeout, KillDelay: killDelay}
	for _, c := range change {
		c(&options)
	}
	now := time.Unix(1000, 0)
	return &fake{t: t, now: now, agent: New(now, options)}
}

// ready returns a registered agent with an idle processor, pid 1.
func ready(t *testing.T, change ...func(*Options)) *fake {
	f := newFake(t, change...)
	f.handle(Start{})
	f.handle(Connected{})
	f.handle(echo())
	f.initialize(1)
	return f
}

// handle gives an event and returns what the agent asks for, but for lines of the log.
func (f *fake) handle(event Event) (effects []Effect) {
	f.t.Helper()
	for _, effect := range f.agent.Handle(f.now, event) {
		switch effect := effect.(type) {
		case Log:
		case ProcessorDied:
			f.died = append(f.died, effect)
		default:
			effects = append(effects, effect)
		}
	}
	return effects
}

func (f *fake) expect(event Event, want ...Effect) {
	f.t.Helper()
	if got := f.handle(event); !reflect.DeepEqual(got, want) {
		f.t.Fatalf("%T%+v:\n got %+v\nwant %+v", event, event, got, want)
	}
}

// initialize starts a processor and reports it as ready.
func (f *fake) initialize(pid int) []Effect {
	f.t.Helper()
	f.handle(ProcessorStarted{pid})
	return f.handle(FromProcessor{pid, protocol.ProcessorInitialized{}})
}

// wait advances the clock, with a Tick at each deadline.
func (f *fake) wait(d time.Duration) (effects []Effect) {
	f.t.Helper()
	for end := f.now.Add(d); ; {
		due := f.agent.Deadline()
		if due.After(end) {
			f.now = end
			return effects
		}
		if due.After(f.now) {
			f.now = due
		}
		before := len(effects)
		effects = append(effects, f.handle(Tick{})...)
		if next := f.agent.Deadline(); !next.After(f.now) && len(effects) == before {
			f.t.Fatalf("a Tick is due again at once")
		}
	}
}

func echo() Event { return FromScheduler{protocol.Echo{Storage: storage}} }

func taskOf(id string, priority int32) Event {
	return FromScheduler{protocol.Task{ID: id, Source: "c", Priority: priority, Frame: []byte(id)}}
}

func cancel(id string, force bool) Event {
	return FromScheduler{protocol.TaskCancel{TaskID: id, Force: force}}
}

func resultOf(id string) protocol.TaskResult { return protocol.TaskResult{TaskID: id} }

func result(pid int, id string) Event { return FromProcessor{pid, resultOf(id)} }

func run(pid int, id string) Effect { return Run{pid, id, []byte(id)} }

func exited(pid, status int) Event { return ProcessorEnded{pid, syscall.WaitStatus(status << 8)} }

func killed(pid int) Event { return ProcessorEnded{pid, syscall.WaitStatus(syscall.SIGKILL)} }
