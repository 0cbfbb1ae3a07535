package pool

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/worker"
)

const (
	// never is longer than any test.
	never = time.Hour

	exitedWith0 = 0
	exitedWith1 = 1 << 8
	killed      = int(syscall.SIGKILL)
)

// fixture is a pool with a fake clock, and the effects that the test has not looked at yet.
type fixture struct {
	*Pool
	t           *testing.T
	clock       time.Time
	effects     []Effect
	logs        []Log
	answers     []Answer
	disconnects []Disconnect
	happened    []Notice
	freed       []Freed
}

// newPool returns a pool with a host, without limits unless change sets some.
func newPool(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	options := Options{Maximum: Unlimited, Replace: true, StopTimeout: never}
	if change != nil {
		change(&options)
	}
	f := &fixture{Pool: New(options), t: t, clock: time.Unix(1e9, 0)}
	f.on(HostReady{})
	return f
}

// on has the pool handle an event, and sorts the effects.
func (f *fixture) on(event Event) {
	f.t.Helper()
	for _, effect := range f.Handle(f.clock, event) {
		switch effect := effect.(type) {
		case Log:
			f.logs = append(f.logs, effect)
		case Answer:
			f.answers = append(f.answers, effect)
		case Disconnect:
			f.disconnects = append(f.disconnects, effect)
		case Notice:
			f.happened = append(f.happened, effect)
		case Freed:
			f.freed = append(f.freed, effect)
		case Track:
		default:
			f.effects = append(f.effects, effect)
		}
	}
}

// pass advances the clock, with the ticks that the pool asks for. After each, the pool must not ask for another one at
// the same time.
func (f *fixture) pass(duration time.Duration) {
	f.t.Helper()
	for end := f.clock.Add(duration); ; {
		due := f.Deadline()
		if due.IsZero() || due.After(end) {
			f.clock = end
			return
		}
		if due.After(f.clock) {
			f.clock = due
		}
		f.on(Tick{})
		if next := f.Deadline(); !next.IsZero() && !next.After(f.clock) {
			f.t.Fatalf("a tick at %s asks for another one at %s", f.clock, next)
		}
	}
}

// expect takes the next effects and compares them.
func (f *fixture) expect(want ...Effect) {
	f.t.Helper()
	got := f.effects[:min(len(want), len(f.effects))]
	if !reflect.DeepEqual(got, want) {
		f.t.Fatalf("the effects are %#v, want %#v", got, want)
	}
	f.effects = f.effects[len(want):]
}

func (f *fixture) expectNothing() {
	f.t.Helper()
	if len(f.effects) > 0 {
		f.t.Fatalf("the effects are %#v, want none", f.effects)
	}
}

// check checks a snapshot of the pool.
func (f *fixture) check(what string, like func(Snapshot) bool) {
	f.t.Helper()
	if s := f.Snapshot(); !like(s) {
		f.t.Fatalf("%s: %+v", what, s)
	}
}

func (f *fixture) checkFinished(want bool) {
	f.t.Helper()
	if f.Finished() != want {
		f.t.Fatalf("finished: %t, want %t", !want, want)
	}
}

// expectAnswer takes the only answer and compares it.
func (f *fixture) expectAnswer(request Request, identity string, err error) {
	f.t.Helper()
	if len(f.answers) != 1 {
		f.t.Fatalf("the answers are %v, want one", f.answers)
	}
	got := f.answers[0]
	if got.Request != request || got.Identity != identity || !errors.Is(got.Err, err) {
		f.t.Fatalf("the answer is %v, want %v, %q, %v", got, request, identity, err)
	}
	f.answers = nil
}

func (f *fixture) expectNoAnswer() {
	f.t.Helper()
	if len(f.answers) > 0 {
		f.t.Fatalf("the answers are %v, want none yet", f.answers)
	}
}

// pidOf is the pid of the worker with this number.
func pidOf(number int) int { return 1000 + number }

func identityOf(number int) string { return fmt.Sprintf("NAT|%d", number) }

// start is the start of a worker in the slot of its number, startIn in another one.
func start(number int) Effect { return Start{number, number - 1} }

func startIn(slot, number int) Effect { return Start{number, slot} }

func terminate(number int) Effect { return Terminate{number, pidOf(number), identityOf(number)} }

func kill(number int) Effect { return KillGroup{pidOf(number), identityOf(number)} }

func reap(number int) Effect { return Reap{number, pidOf(number)} }

// started has the host answer a Start.
func (f *fixture) started(number int) {
	f.t.Helper()
	f.on(Started{Worker: number, Pid: pidOf(number), Identity: identityOf(number), Disconnect: []byte{byte(number)}})
}

func (f *fixture) exit(number, status int) {
	f.t.Helper()
	f.on(Exited{Pid: pidOf(number), Status: syscall.WaitStatus(status)})
}

// orphanExit has an orphaned worker die.
func (f *fixture) orphanExit(number int) {
	f.t.Helper()
	f.on(Exited{Pid: pidOf(number), Status: syscall.WaitStatus(killed), Orphan: true})
}

// startOne and stopWorkers are requests of the scheduler; expectAnswer has their answers.
func (f *fixture) startOne() {
	f.t.Helper()
	f.on(StartOne{Request: "start"})
}

func (f *fixture) stopWorkers(identities ...string) {
	f.t.Helper()
	f.on(StopWorkers{Request: "stop", Identities: identities})
}

// grow takes an empty pool to count registered workers, numbered from 1.
func (f *fixture) grow(count int) {
	f.t.Helper()
	f.on(SetDesired{count})
	for number := 1; number <= count; number++ {
		f.expect(start(number))
	}
	for number := 1; number <= count; number++ {
		f.started(number)
		f.on(Registered{number})
	}
	f.check("registration", func(s Snapshot) bool { return s.Registered == count })
}

// age makes all workers so old that their deaths are not early ones.
func (f *fixture) age() {
	f.t.Helper()
	f.pass(worker.EarlyDeath)
}

// loggedCount returns how many lines with this format were logged.
func (f *fixture) loggedCount(format string) int {
	return len(slices.DeleteFunc(slices.Clone(f.logs), func(l Log) bool { return l.Format != format }))
}
