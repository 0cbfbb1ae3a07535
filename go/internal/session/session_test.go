package session

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// never is longer than any test.
const never = time.Hour

var (
	newest = message.NewCodec(message.Declarative2.Tags(), message.Declarative2)
	oldest = message.NewCodec(message.Imperative.Tags(), message.Imperative)
)

// running is a session that runs in a goroutine.
type running struct {
	*Session
	*journal
	cancel   context.CancelFunc
	ended    chan error
	commands chan message.Command
}

// options returns options for a session without waits.
func options(to address.Address) Options {
	return Options{
		Link: Link{
			Scheduler: to,
			Identity:  func() []byte { return []byte("1|worker_manager_native|test") },
			Check:     func(transport.Protocol) error { return nil },
		},
		Codec:     newest,
		Heartbeat: message.Heartbeat{MaxTaskConcurrency: 4, ManagerID: []byte("NAT|fixed")},
		Interval:  never,
	}
}

// impatient makes a session give up on a silent scheduler at once.
func impatient(s *Session) { s.silence, s.patience = 5*time.Millisecond, 20*time.Millisecond }

func run(t *testing.T, o Options, adjust ...func(*Session)) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{
		journal: newJournal(t), cancel: cancel, ended: make(chan error, 1), commands: make(chan message.Command, 16),
	}
	o.Log = r.journal.log
	if o.Command == nil {
		o.Command = func(c message.Command, _ func(message.Response)) { r.commands <- c }
	}
	r.Session = New(o)
	for _, f := range adjust {
		f(r.Session)
	}
	go func() { r.ended <- r.Session.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-r.ended:
		case <-time.After(testPatience):
			t.Error("the session does not end")
		}
	})
	return r
}

// end waits for Run to return. It may be called again.
func (r *running) end() error {
	r.journal.t.Helper()
	select {
	case err := <-r.ended:
		r.ended <- err
		return err
	case <-time.After(testPatience):
		r.journal.t.Fatal("the session does not end")
		return nil
	}
}

func TestCommands(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.send(golden(t, "2.9.0", "echo"))
	m.send(golden(t, "2.9.0", "command_set_one"))
	m.send(golden(t, "2.9.0", "command_set_none"))
	for _, want := range []int{5, 0} {
		select {
		case command := <-r.commands:
			if got := message.Desired(command.Requests, nil); command.Action != message.SetDesired || got != want {
				t.Errorf("got %v for %d workers, want %d", command.Action, got, want)
			}
		case <-time.After(testPatience):
			t.Fatal("no command")
		}
	}
}

func TestAnswers(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Codec = oldest
	answer := message.Response{
		WorkerIDs: [][]byte{[]byte("Worker|1|a")}, Action: message.StartWorkers, Status: message.Success,
		Capabilities: []message.Capability{{Name: "linux", Value: -1}, {Name: "gpu", Value: 2}},
	}
	o.Command = func(_ message.Command, respond func(message.Response)) { go respond(answer) }
	run(t, o)
	m := s.accept()
	m.receive() // the heartbeat
	for range 3 {
		m.send(golden(t, "1.26.6", "command_start"))
		if got := m.receive(); !bytes.Equal(got, golden(t, "1.26.6", "response_success")) {
			t.Fatalf("got %x", got)
		}
	}
}

func TestAnswersNeverBlock(t *testing.T) {
	j := newJournal(t)
	s := New(Options{Codec: oldest, Link: Link{Log: j.log}})
	s.respond(message.Response{}, make(chan []byte)) // nobody reads
	j.await("dropped an answer")
	New(Options{Codec: newest, Link: Link{Log: j.log}}).respond(message.Response{}, make(chan []byte))
	j.await("cannot answer a command")
}

func TestSilentSchedulerIsLoggedOnce(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval = time.Millisecond
	r := run(t, o, func(session *Session) { session.silence = 5 * time.Millisecond })
	m := s.accept()
	line := r.await("does not answer heartbeats")
	if !strings.HasPrefix(line, "WARNING") || !strings.Contains(line, `"NAT|fixed"`) {
		t.Errorf("logged %q", line)
	}
	for range 20 { // each at least a millisecond after the other
		m.receive()
	}
	if again := r.count("does not answer"); again != 0 {
		t.Errorf("logged %d more times", again)
	}
	m.send(golden(t, "2.9.0", "echo"))
	r.await("does not answer heartbeats") // it answered, and is silent again
	r.cancel()
	if err := r.end(); err != nil {
		t.Error(err)
	}
}
