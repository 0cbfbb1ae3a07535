package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// never is an interval that no test lives to see.
const never = time.Hour

var (
	newest = message.NewCodec(message.Declarative2.Tags(), message.Declarative2)
	oldest = message.NewCodec(message.Imperative.Tags(), message.Imperative)
)

// running is a session in its own goroutine.
type running struct {
	*Session
	*journal
	cancel   context.CancelFunc
	ended    chan error
	commands chan message.Command
}

// options are those of a session that waits for nothing.
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

func run(t *testing.T, o Options) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{journal: newJournal(t), cancel: cancel, ended: make(chan error, 1), commands: make(chan message.Command, 16)}
	o.Log = r.journal.log
	if o.Command == nil {
		o.Command = func(c message.Command, _ func(message.Response)) { r.commands <- c }
	}
	r.Session = New(o)
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

// end waits for the end of the session, and leaves it to be waited for again.
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

func TestFirstHeartbeatComesAtOnce(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	if string(m.identity) != "1|worker_manager_native|test" {
		t.Errorf("the manager calls itself %q", m.identity)
	}
	if got := m.receive(); !bytes.Equal(got, golden(t, "2.9.0", "heartbeat")) {
		t.Errorf("got %x", got)
	}
	r.await("connected to scheduler " + s.address().String() + " by YMQ 2, declarative 2 commands")
}

func TestHeartbeatsComeInTheInterval(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval = 20 * time.Millisecond
	run(t, o)
	m := s.accept()
	m.receive()
	begun := time.Now()
	for range 5 {
		m.receive()
	}
	if took := time.Since(begun); took < 4*o.Interval {
		t.Errorf("5 heartbeats took %s, in intervals of %s", took, o.Interval)
	}
}

func TestHeartbeatNow(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.receive()
	for range 3 {
		r.HeartbeatNow()
		m.receive()
	}
}

func TestHeartbeatNowIsBoundedInRate(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.receive()
	begun := time.Now()
	for range 5 {
		r.HeartbeatNow()
		m.receive()
	}
	if took := time.Since(begun); took < 4*minGap {
		t.Errorf("5 heartbeats took %s", took)
	}
}

func TestHeartbeatDelay(t *testing.T) {
	s := New(Options{})
	tests := []struct {
		name        string
		stable      bool
		age         time.Duration
		least, most time.Duration
	}{
		{"stable, just sent", true, 0, 1, minGap},
		{"stable, sent before", true, minGap, -never, 0},
		{"unstable, just sent", false, 0, maxHold - time.Second, maxHold},
		{"unstable, sent before", false, minGap, maxHold - time.Second, maxHold - minGap},
		{"unstable, as long as a scheduler can wait", false, maxHold, -never, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.SetStable(test.stable)
			if got := s.heartbeatDelay(time.Now().Add(-test.age)); got < test.least || got > test.most {
				t.Errorf("wait of %s, want %s to %s", got, test.least, test.most)
			}
		})
	}
	s.SetStable(false)
	if got := s.heartbeatDelay(time.Time{}); got > 0 {
		t.Errorf("the first heartbeat waits for %s", got)
	}
	if maxHold >= 10*time.Second {
		t.Error("a scheduler forgets a manager that is held for so long")
	}
}

func TestHeldHeartbeatGoesOutWhenStable(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval = time.Millisecond
	r := run(t, o)
	r.SetStable(false)
	m := s.accept()
	first := time.Now()
	m.receive()
	r.SetStable(true)
	r.HeartbeatNow()
	m.receive()
	if took := time.Since(first); took >= maxHold {
		t.Errorf("the heartbeat came after %s", took)
	}
}

// The last start may be refused, after which nobody asks for a heartbeat.
func TestBecomingStableReleasesAHeldHeartbeat(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Codec = oldest
	o.Command = func(_ message.Command, respond func(message.Response)) { respond(message.Response{}) }
	r := run(t, o)
	r.SetStable(false)
	m := s.accept()
	first := time.Now()
	m.receive()
	r.HeartbeatNow()
	for len(r.wake) > 0 {
		time.Sleep(time.Millisecond)
	}
	m.send(golden(t, "1.26.6", "command_start"))
	m.receive() // the answer: by now the heartbeat is held back
	r.SetStable(true)
	m.receive()
	if took := time.Since(first); took >= maxHold/2 {
		t.Errorf("the heartbeat came after %s", took)
	}
}

func TestBecomingStableAloneSendsNothing(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.receive()
	for range 5 {
		r.SetStable(false)
		r.SetStable(true)
	}
	r.HeartbeatNow() // what the five may have sent comes before this one
	m.receive()
	r.cancel()
	if more, err := io.ReadAll(m.connection); err != nil || len(more) > 0 {
		t.Errorf("%d bytes more, %v", len(more), err)
	}
}

func TestCommandsAreHandedOn(t *testing.T) {
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

func TestSilentSchedulerIsSaidOnce(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval = time.Millisecond
	r := &running{journal: newJournal(t), ended: make(chan error, 1)}
	o.Log = r.journal.log
	r.Session = New(o)
	r.silence = 5 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { r.ended <- r.Run(ctx) }()
	m := s.accept()
	line := r.await("does not answer heartbeats")
	if !strings.HasPrefix(line, "WARNING") || !strings.Contains(line, `"NAT|fixed"`) {
		t.Errorf("said as %q", line)
	}
	for range 20 { // each at least a millisecond after the other
		m.receive()
	}
	if again := r.count("does not answer"); again != 0 {
		t.Errorf("said %d times more", again)
	}
	m.send(golden(t, "2.9.0", "echo"))
	r.await("does not answer heartbeats") // it was there, and is silent again
	cancel()
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestReconnects(t *testing.T) {
	ends := []struct {
		name string
		end  func(m *manager)
		said string
	}{
		{"graceful end", func(m *manager) { m.connection.Close() }, "closed the connection"},
		{"abort", func(m *manager) { m.reset() }, "lost the scheduler"},
		{"end inside a message", func(m *manager) { m.write([]byte{9, 0, 0}); m.connection.Close() }, "lost the scheduler"},
		{"garbage in a frame", func(m *manager) { m.send([]byte("garbage!")) }, "unreadable message"},
		{"garbage for a frame", func(m *manager) { m.write(bytes.Repeat([]byte{0xff}, 64)) }, "frame too large"},
		{"empty message", func(m *manager) { m.send(nil) }, "unreadable message"},
	}
	for _, test := range ends {
		t.Run(test.name, func(t *testing.T) {
			s := newScheduler(t)
			r := run(t, options(s.address()))
			m := s.accept()
			m.receive()
			test.end(m)
			line := r.await(test.said)
			if !strings.HasPrefix(line, "WARNING") || !strings.HasSuffix(line, "trying again") {
				t.Errorf("said as %q", line)
			}
			again := s.accept()
			again.receive()
			again.send(golden(t, "2.9.0", "command_set_one"))
			select {
			case <-r.commands:
			case <-time.After(testPatience):
				t.Fatal("no command over the second connection")
			}
		})
	}
}

func TestIdentityIsKeptOverConnections(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	made := 0
	o.Identity = func() []byte { made++; return []byte{'0' + byte(made)} }
	run(t, o)
	for range 3 {
		m := s.accept()
		if string(m.identity) != "1" {
			t.Errorf("the manager calls itself %q", m.identity)
		}
		m.connection.Close()
	}
}

func TestMessagesForOthersAreIgnored(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	frame := golden(t, "2.9.0", "echo")
	frame[16] = 3 // the tag is the first data of the root struct
	m.send(frame)
	r.await("ignoring a message")
	m.send(golden(t, "2.9.0", "command_set_one"))
	<-r.commands
}

func TestIncompatible(t *testing.T) {
	otherTags := message.Declarative2.Tags()
	otherTags.Command = message.Imperative.Tags().Command
	tests := []struct {
		name  string
		codec message.Codec
		frame []byte
		said  string
	}{
		{"tag of an older dialect", newest, golden(t, "2.6.0", "echo"), "2.3.5 to 2.6.0"},
		{"tag of a newer dialect", oldest, golden(t, "2.9.0", "echo"), "2.7.0 or newer"},
		{"commands of another generation", message.NewCodec(otherTags, message.Declarative2), golden(t, "1.26.6", "command_start"),
			"sends imperative commands, the installed Scaler knows declarative"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScheduler(t)
			o := options(s.address())
			o.Codec = test.codec
			r := run(t, o)
			m := s.accept()
			m.send(test.frame)
			if err := r.end(); !errors.Is(err, ErrIncompatible) || !strings.Contains(err.Error(), test.said) {
				t.Errorf("ended with %v", err)
			}
			m.awaitEnd()
		})
	}
}

func TestCheckDecides(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	answers := make(chan error, 2)
	answers <- errors.New("not now")
	answers <- ErrIncompatible
	o.Check = func(spoken transport.Protocol) error {
		if want := (transport.Protocol{Kind: transport.YMQ, Version: 2}); spoken != want {
			t.Errorf("asked about %s", spoken)
		}
		return <-answers
	}
	r := run(t, o)
	s.accept().awaitEnd()
	r.await("not now; trying again")
	s.accept().awaitEnd()
	if err := r.end(); !errors.Is(err, ErrIncompatible) {
		t.Errorf("ended with %v", err)
	}
}

func TestGivesUp(t *testing.T) {
	o := options(address.Address{Scheme: address.IPC, Path: filepath.Join(t.TempDir(), "nobody")})
	o.ReconnectTimeout = 300 * time.Millisecond
	begun := time.Now()
	r := run(t, o)
	err := r.end()
	if !errors.Is(err, ErrUnreachable) || !errors.Is(err, syscall.ENOENT) {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(begun); took < o.ReconnectTimeout {
		t.Errorf("gave up after %s", took)
	}
	if said := r.count("trying again for up to"); said != 1 {
		t.Errorf("the same reason was said %d times", said)
	}
}

func TestCancelEndsAtOnce(t *testing.T) {
	tests := []struct {
		name  string
		reach func(s *scheduler, r *running)
	}{
		{"in a conversation", func(s *scheduler, r *running) { s.accept().receive() }},
		{"in the handshake", func(s *scheduler, r *running) { s.acceptSilently() }},
		{"between two attempts", func(s *scheduler, r *running) { s.acceptSilently().connection.Close(); r.await("trying again") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScheduler(t)
			r := run(t, options(s.address()))
			test.reach(s, r)
			begun := time.Now()
			r.cancel()
			if err := r.end(); err != nil {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	failed := errors.New("failed")
	type attempt struct {
		connected time.Duration
		err       error
	}
	tests := []struct {
		name     string
		limit    time.Duration
		attempts []attempt // the last one again and again
		want     error
		least    int
		most     int
	}{
		{"success", time.Hour, []attempt{{0, nil}}, nil, 1, 1},
		{"success after a failure", time.Hour, []attempt{{0, failed}, {0, nil}}, nil, 2, 2},
		{"incompatible", time.Hour, []attempt{{0, failed}, {0, ErrIncompatible}}, ErrIncompatible, 2, 2},
		{"never there", 200 * time.Millisecond, []attempt{{0, failed}}, ErrUnreachable, 2, 6},
		{"never there for long", 200 * time.Millisecond, []attempt{{time.Second, failed}}, ErrUnreachable, 2, 6},
		{"there for a while in between", 200 * time.Millisecond,
			[]attempt{{0, failed}, {time.Hour, failed}, {time.Hour, failed}, {time.Hour, failed}, {time.Hour, failed}, {0, failed}}, ErrUnreachable, 7, 12},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			made := 0
			err := Retry(context.Background(), newJournal(t).log, test.limit, func(context.Context) (time.Duration, error) {
				v := test.attempts[min(made, len(test.attempts)-1)]
				made++
				return v.connected, v.err
			})
			if !errors.Is(err, test.want) || made < test.least || made > test.most {
				t.Errorf("%v after %d attempts, want %v after %d to %d", err, made, test.want, test.least, test.most)
			}
			if test.want == ErrUnreachable && !errors.Is(err, failed) {
				t.Errorf("%v does not tell why", err)
			}
		})
	}
}

func TestRetryLogsAChangeOfReason(t *testing.T) {
	j := newJournal(t)
	reasons := []error{io.EOF, io.EOF, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, nil}
	if err := Retry(context.Background(), j.log, 0, func(context.Context) (time.Duration, error) {
		err := reasons[0]
		reasons = reasons[1:]
		return 0, err
	}); err != nil {
		t.Error(err)
	}
	j.await("WARNING EOF; trying again")
	j.await("WARNING unexpected EOF; trying again")
	if more := j.count("trying again"); more != 0 {
		t.Errorf("%d lines more", more)
	}
}

// published is a message that schedulers from 2.7.0 on send to monitors: a StateScheduler.
func published(t *testing.T) []byte {
	t.Helper()
	frame := golden(t, "2.9.0", "echo")
	frame[16] = 14 // the tag is the first data of the root struct
	return frame
}

// By YMQ a monitor's port has the scheduler's identity: only what it sends tells (2.3.3 to 2.9.0).
func TestMonitorPortEndsTheSession(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.send(published(t))
	var wrong *transport.WrongServerError
	if err := r.end(); !errors.As(err, &wrong) || wrong.SchedulerPort != s.address().Port-2 {
		t.Errorf("ended with %v", err)
	}
	m.awaitEnd()
}

// A server that takes connections and never answers is no scheduler either.
func TestGivesUpOneThatNeverAnswers(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval, o.ReconnectTimeout = time.Millisecond, 300*time.Millisecond
	r := &running{journal: newJournal(t), ended: make(chan error, 1)}
	o.Log = r.journal.log
	r.Session = New(o)
	r.silence, r.patience = 5*time.Millisecond, 20*time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { r.ended <- r.Run(ctx) }()
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			connection, err := s.listener.Accept()
			if err != nil {
				return
			}
			m := &manager{t: t, connection: connection.(*net.TCPConn)}
			s.greet(m)
			io.Copy(io.Discard, connection)
			connection.Close()
		}
	}()
	if err := r.end(); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "does not answer heartbeats") {
		t.Errorf("ended with %v", err)
	}
	s.listener.Close()
	<-accepting
}
