package session

import (
	"fmt"
	"testing"
	"time"
)

// A scheduler that holds a dead connection of an identity does not hear another one of the same: so a connection without
// echoes is given up for one with a new identity, and one that merely broke is followed by one with the same.
func TestIdentityIsKeptUntilItIsNotAnswered(t *testing.T) {
	s := newScheduler(t)
	o := options(s.address())
	o.Interval = time.Millisecond
	made := 0
	o.Identity = func() []byte {
		made++
		return fmt.Appendf(nil, "identity %d", made)
	}
	r := run(t, o, impatient)

	m := s.accept()
	m.receive()
	m.reset()
	m = s.accept()
	if string(m.identity) != "identity 1" {
		t.Errorf("after a broken connection it is %q", m.identity)
	}
	m.awaitEnd()
	if m = s.accept(); string(m.identity) != "identity 2" {
		t.Errorf("after one that was not answered it is %q", m.identity)
	}
	r.cancel()
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestInterval(t *testing.T) {
	for _, c := range []struct {
		name     string
		fast     bool
		answer   time.Duration
		interval time.Duration
		want     time.Duration
	}{
		{"nothing waits", false, time.Millisecond, 2 * time.Second, 2 * time.Second},
		{"no worker is free", true, time.Millisecond, 2 * time.Second, fastInterval},
		{"the scheduler has much to do", true, 50 * time.Millisecond, 2 * time.Second, time.Second},
		{"never more rarely than asked for", true, time.Second, 2 * time.Second, 2 * time.Second},
		{"nor than a short interval", true, time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond},
	} {
		s := New(Options{Interval: c.interval})
		s.SetFastHeartbeat(c.fast)
		if got := s.interval(c.answer); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFastHeartbeatBeginsAtOnce(t *testing.T) {
	s := New(Options{Interval: time.Hour})
	s.SetFastHeartbeat(true)
	select {
	case <-s.wake:
	default:
		t.Error("no heartbeat is due when workers are wanted")
	}
	s.SetFastHeartbeat(true)
	select {
	case <-s.wake:
		t.Error("one is due for what was known")
	default:
	}
}
