package session

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
)

// withMonitor returns a scheduler, and a listener at its monitor port.
func withMonitor(t *testing.T) (s, monitor *scheduler) {
	t.Helper()
	for range 100 {
		s = newScheduler(t)
		at := s.subscription.Addr().(*net.TCPAddr)
		if subscription, err := net.ListenTCP("tcp", &net.TCPAddr{IP: at.IP, Port: at.Port + 2}); err == nil {
			t.Cleanup(func() { subscription.Close() })
			return s, &scheduler{t, subscription, s.name}
		}
	}
	t.Fatal("no two adjacent free ports")
	return nil, nil
}

// onlyNews has a session send no heartbeats but the first, and those because of publications.
func onlyNews(s *Session) {
	s.fast = never
	s.SetPace(OnNews)
}

func TestPublicationsCauseHeartbeats(t *testing.T) {
	s, monitor := withMonitor(t)
	r := run(t, options(s.address()), onlyNews)
	m := s.accept()
	m.receive()
	news := monitor.accept()
	if string(news.identity) != string(options(s.address()).Identity()) {
		t.Errorf("it listens as %q", news.identity)
	}
	news.send(golden(t, "2.9.0", "published_report"))
	r.await("receiving the scheduler's publications")
	m.receive() // for what was before
	for _, name := range []string{"task", "worker"} {
		news.send(golden(t, "2.9.0", "published_"+name))
		m.receive()
	}
	news.reset()
	m.receive() // what happens from now on is not heard
	r.await("cannot receive the scheduler's publications")
	monitor.accept()
}

func TestOnlyManagersWithoutWorkersListen(t *testing.T) {
	s, monitor := withMonitor(t)
	r := run(t, options(s.address()), onlyNews)
	s.accept()
	for _, pace := range []Pace{Fast, Steady} {
		news := monitor.accept()
		news.send(golden(t, "2.9.0", "published_report"))
		r.await("receiving the scheduler's publications")
		r.SetPace(pace)
		news.awaitEnd()
		r.SetPace(OnNews)
	}
	monitor.accept()
}

func TestUnusableMonitorPorts(t *testing.T) {
	for name, test := range map[string]struct {
		play func(t *testing.T, monitor *scheduler) *manager
		why  string
	}{
		"too much": {func(t *testing.T, monitor *scheduler) *manager {
			m := monitor.accept()
			task := golden(t, "2.9.0", "published_task")
			for range maxChanges + 1 {
				m.send(task)
			}
			return m
		}, errBusy.Error()},
		"something else": {func(t *testing.T, monitor *scheduler) *manager {
			m := monitor.accept()
			m.send(golden(t, "2.9.0", "echo"))
			return m
		}, errUnknown.Error()},
		"another scheduler": {func(t *testing.T, monitor *scheduler) *manager {
			monitor.name = "another"
			return monitor.accept()
		}, "not the monitor port"},
	} {
		t.Run(name, func(t *testing.T) {
			s, monitor := withMonitor(t)
			r := run(t, options(s.address()), onlyNews)
			s.accept()
			m := test.play(t, monitor)
			if line := r.await("cannot receive the scheduler"); !strings.Contains(line, test.why) {
				t.Errorf("logged %q", line)
			}
			m.awaitEnd()
			if r.subscription.isHearing() {
				t.Error("no heartbeats without publications")
			}
		})
	}
}

func TestDelayOfHeartbeats(t *testing.T) {
	begun := time.Now()
	var n news
	if n.note(begun, message.Publication{Managers: 11}) || n.note(begun, message.Publication{Changed: true}) {
		t.Error("two changes are too many")
	}
	for _, c := range []struct {
		what       string
		managers   int
		after      time.Duration // since begun
		random     float64
		wait, last time.Duration // since begun
	}{
		{"one of eleven", 11, time.Second, 0.5, 5 * newsSpread, time.Second + 5*newsSpread},
		{
			"soon after that", 11, time.Second + 10*newsSpread, 0,
			fastInterval - 5*newsSpread, time.Second + 5*newsSpread + fastInterval,
		},
		{"one alone", 1, 2 * time.Second, 0.9, 0, 2 * time.Second},
		{"it does not know how many", 0, 3 * time.Second, 0.9, 0, 3 * time.Second},
		{"one of very many", 1 << 20, 4 * time.Second, 0.5, longestSpread / 2, 4*time.Second + longestSpread/2},
	} {
		n.managers = c.managers
		if got := n.wait(begun.Add(c.after), c.random); got != c.wait {
			t.Errorf("%s: a delay of %s, want %s", c.what, got, c.wait)
		}
		if last := n.last.Sub(begun); last != c.last {
			t.Errorf("%s: the last one is due after %s, want %s", c.what, last, c.last)
		}
	}
}

func TestTooManyChanges(t *testing.T) {
	begun := time.Now()
	change, report := message.Publication{Changed: true}, message.Publication{Managers: 1}
	var n news
	for i := range 10 * maxChanges { // evenly, one less a second than are too many
		if now := begun.Add(time.Duration(i) * time.Second / maxChanges); n.note(now, change) || n.note(now, report) {
			t.Fatalf("change %d is too many", i)
		}
	}
	later := begun.Add(time.Hour)
	for range maxChanges {
		if n.note(later, change) {
			t.Fatal("too many, below the limit")
		}
	}
	if !n.note(later, change) {
		t.Error("not too many, above the limit")
	}
}
