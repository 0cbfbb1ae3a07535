package pool

import (
	"fmt"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// The goroutine that starts processes is there for as long as the program.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

const (
	// patience is what only a failure waits for.
	patience = 20 * time.Second
	// never is a time that no test lives to see.
	never = time.Hour

	exitedWith0 = 0
	exitedWith1 = 1 << 8
	killed      = int(syscall.SIGKILL)
)

// signalled is a signal that the pool sent.
type signalled struct {
	pid    int
	signal syscall.Signal
	group  bool
}

// fixture is a pool whose host and operating system are the test. What the pool asks of them arrives by channels.
type fixture struct {
	*Pool
	t         *testing.T
	sent      chan protocol.Message
	signals   chan signalled
	snapshots chan Snapshot

	mu      sync.Mutex   // guards below
	refuse  error        // what Send returns
	gone    map[int]bool // what Gone returns, by pid
	settled Snapshot     // the last one reported
}

func (f *fixture) Send(message protocol.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse == nil {
		f.sent <- message
	}
	return f.refuse
}

func (f *fixture) Signal(pid int, signal syscall.Signal) error {
	f.signals <- signalled{pid, signal, false}
	return nil
}

func (f *fixture) SignalGroup(pid int, signal syscall.Signal) error {
	f.signals <- signalled{pid, signal, true}
	return nil
}

func (f *fixture) Gone(pid int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gone[pid]
}

// newPool runs a pool with these options, that has no limits of its own where they say nothing.
func newPool(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	f := &fixture{
		t:         t,
		sent:      make(chan protocol.Message, 1024),
		signals:   make(chan signalled, 1024),
		snapshots: make(chan Snapshot, 1024),
	}
	options := Options{
		Launcher: f, Signaller: f, Maximum: Unlimited, Replace: true, StopSignal: syscall.SIGINT, StopTimeout: never,
		Changed: func(s Snapshot) { f.snapshots <- s },
	}
	if change != nil {
		change(&options)
	}
	f.Pool = New(options)
	go f.Run()
	t.Cleanup(func() {
		// The ends of those that are left, in whatever state the test left them.
		f.Kill()
		for _, m := range f.Members() {
			f.exit(m.Pid, killed)
		}
		f.awaitDone()
	})
	return f
}

func (f *fixture) awaitDone() {
	f.t.Helper()
	select {
	case <-f.Done():
	case <-time.After(patience):
		f.t.Fatal("the pool does not end")
	}
}

func take[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("not reached")
	}
}

// expect takes the next message to the host.
func (f *fixture) expect(want protocol.Message) {
	f.t.Helper()
	if got := take(f.t, f.sent, fmt.Sprintf("%#v", want)); !reflect.DeepEqual(got, want) {
		f.t.Fatalf("the host got %#v, want %#v", got, want)
	}
}

// expectSignals takes as many signals as are given, in any order.
func (f *fixture) expectSignals(want ...signalled) {
	f.t.Helper()
	left := map[signalled]int{}
	for _, s := range want {
		left[s]++
	}
	for range want {
		got := take(f.t, f.signals, fmt.Sprintf("signal of %v", want))
		if left[got]--; left[got] < 0 {
			f.t.Fatalf("sent %v, want %v", got, want)
		}
	}
}

// inside has the pool's goroutine run look, after all that it was asked before.
func (f *fixture) inside(look func()) {
	f.t.Helper()
	done := make(chan struct{})
	f.do(func() { look(); close(done) })
	take(f.t, done, "answer of the pool")
}

// expectNothing checks that the pool has asked nothing of its host and the system.
func (f *fixture) expectNothing() {
	f.t.Helper()
	f.inside(func() {})
	select {
	case message := <-f.sent:
		f.t.Fatalf("the host got %#v", message)
	case s := <-f.signals:
		f.t.Fatalf("sent %v", s)
	default:
	}
}

// await waits until the pool has reported a state like this.
func (f *fixture) await(what string, like func(Snapshot) bool) {
	f.t.Helper()
	for !like(f.settled) {
		f.settled = take(f.t, f.snapshots, what)
	}
}

// pidOf is the pid that the fixture gives the worker with a number.
func pidOf(number int) int { return 1000 + number }

func identityOf(number int) string { return fmt.Sprintf("NAT|%d", number) }

// started answers the request for a worker.
func (f *fixture) started(number int) {
	f.Handle(protocol.Started{Worker: number, Pid: pidOf(number), Identity: identityOf(number), Farewell: []byte{byte(number)}})
}

func (f *fixture) exit(pid, status int) { f.Handle(protocol.Exited{Pid: pid, Status: status}) }

// buried takes what the end of a worker asks for: the rest of its process group, then its number.
func (f *fixture) buried(number int) {
	f.t.Helper()
	f.expectSignals(signalled{pidOf(number), syscall.SIGKILL, true})
	f.expect(protocol.Reap{Pid: pidOf(number)})
}

// grow brings a pool without workers to count registered ones, with the numbers from 1 on.
func (f *fixture) grow(count int) {
	f.t.Helper()
	f.SetDesired(count)
	for number := 1; number <= count; number++ {
		f.expect(protocol.Start{Worker: number})
		f.started(number)
		f.Handle(protocol.Registered{Worker: number})
	}
	f.await("registration", func(s Snapshot) bool { return s.Registered == count })
}

// age makes all workers older than those whose death counts as young.
func (f *fixture) age() {
	f.inside(func() {
		for _, m := range f.workers {
			m.asked = m.asked.Add(-never)
		}
	})
}
