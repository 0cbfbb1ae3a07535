package session

import (
	"fmt"
	"testing"
	"time"
)

// A scheduler that still holds a dead connection ignores another one with the same identity. So after a connection
// without echoes the identity changes, and after one that merely broke it does not.
func TestIdentityChangesWhenUnanswered(t *testing.T) {
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
		t.Errorf("identity after a broken connection: %q", m.identity)
	}
	m.awaitEnd()
	if m = s.accept(); string(m.identity) != "identity 2" {
		t.Errorf("identity after an unanswered one: %q", m.identity)
	}
	r.cancel()
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestInterval(t *testing.T) {
	for _, c := range []struct {
		name     string
		pace     Pace
		hearing  bool
		answer   time.Duration
		interval time.Duration
		want     time.Duration
	}{
		{"nothing waits", Steady, false, time.Millisecond, 2 * time.Second, 2 * time.Second},
		{"no worker is free", Fast, false, time.Millisecond, 2 * time.Second, fastInterval},
		{"the scheduler has much to do", Fast, false, 50 * time.Millisecond, 2 * time.Second, time.Second},
		{"never more rarely than asked for", Fast, false, time.Second, 2 * time.Second, 2 * time.Second},
		{"nor than a short interval", Fast, false, time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond},
		{"there is no news", OnNews, true, time.Millisecond, 2 * time.Second, 2 * time.Second},
		{"news cannot be heard", OnNews, false, time.Millisecond, 2 * time.Second, fastInterval},
		{"news is of no use", Fast, true, time.Millisecond, 2 * time.Second, fastInterval},
	} {
		s := New(Options{Interval: c.interval})
		s.SetPace(c.pace)
		s.subscription.setHearing(c.hearing)
		if got := s.interval(c.answer); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFasterPaceStartsAtOnce(t *testing.T) {
	s := New(Options{Interval: time.Hour})
	for _, c := range []struct {
		pace Pace
		due  bool
	}{{OnNews, true}, {OnNews, false}, {Fast, false}, {Steady, false}, {Fast, true}, {OnNews, false}} {
		s.SetPace(c.pace)
		select {
		case <-s.wake:
			if !c.due {
				t.Errorf("pace %d: a needless heartbeat", c.pace)
			}
		default:
			if c.due {
				t.Errorf("pace %d: no heartbeat at once", c.pace)
			}
		}
	}
}
