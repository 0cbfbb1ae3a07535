package session

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
)

func TestFirstHeartbeatComesAtOnce(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	if string(m.identity) != "1|worker_manager_native|test" {
		t.Errorf("the identity is %q", m.identity)
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

// An offer sends a heartbeat, and is in all later ones.
func TestOffer(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	r := run(t, o)
	m := s.accept()
	m.receive()
	before := o.Heartbeat.MaxTaskConcurrency
	for _, offered := range []uint32{0, 7, before} {
		o.Heartbeat.MaxTaskConcurrency = offered
		want, err := o.Codec.Heartbeat(o.Heartbeat)
		if err != nil {
			t.Fatal(err)
		}
		r.Offer(offered)
		if got := m.receive(); !bytes.Equal(got, want) {
			t.Errorf("an offer of %d: got %x, want %x", offered, got, want)
		}
	}
}

// The connection must stay open while a scheduler may be sending an answer.
func TestEndWaitsForTheLastAnswer(t *testing.T) {
	s := newScheduler(t)
	r := run(t, options(s.address()))
	m := s.accept()
	m.receive()
	r.cancel()
	_ = m.connection.SetReadDeadline(time.Now().Add(lastCommandTime / 2))
	if _, err := m.connection.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the connection was closed: %v", err)
	}
	_ = m.connection.SetReadDeadline(time.Now().Add(testPatience))
	m.send(golden(t, "2.9.0", "echo"))
	if _, err := m.connection.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection has not been closed: %v", err)
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
		t.Error("maxHold is too long: a scheduler forgets the manager")
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

// After a refused start nothing else asks for a heartbeat.
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
