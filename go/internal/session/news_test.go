package session

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
)

// withMonitor is a scheduler, and what it publishes to its monitors, at the port that it has for them.
func withMonitor(t *testing.T) (s, monitor *scheduler) {
	t.Helper()
	for range 100 {
		s = newScheduler(t)
		at := s.listener.Addr().(*net.TCPAddr)
		if listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: at.IP, Port: at.Port + 2}); err == nil {
			t.Cleanup(func() { listener.Close() })
			return s, &scheduler{t, listener, s.name}
		}
	}
	t.Fatal("no two free ports that belong together")
	return nil, nil
}

// onlyNews has a session send no heartbeat for another reason than its first, and news.
func onlyNews(s *Session) {
	s.fast = never
	s.SetPace(OnNews)
}

func TestNewsBringHeartbeats(t *testing.T) {
	s, monitor := withMonitor(t)
	r := run(t, options(s.address()), onlyNews)
	m := s.accept()
	m.receive()
	news := monitor.accept()
	if string(news.identity) != string(options(s.address()).Identity()) {
		t.Errorf("it listens as %q", news.identity)
	}
	news.send(golden(t, "2.9.0", "published_report"))
	r.await("listens to the scheduler's news")
	m.receive() // for what was before
	for _, name := range []string{"task", "worker"} {
		news.send(golden(t, "2.9.0", "published_"+name))
		m.receive()
	}
	news.reset()
	m.receive() // what happens from now on is not heard
	r.await("does not listen to the scheduler's news")
	monitor.accept()
}

func TestNewsAreForManagersWithoutWorkers(t *testing.T) {
	s, monitor := withMonitor(t)
	r := run(t, options(s.address()), onlyNews)
	s.accept()
	for _, pace := range []Pace{Fast, Steady} {
		news := monitor.accept()
		news.send(golden(t, "2.9.0", "published_report"))
		r.await("listens to the scheduler's news")
		r.SetPace(pace)
		news.awaitEnd()
		r.SetPace(OnNews)
	}
	monitor.accept()
}

func TestWhatIsNotListenedTo(t *testing.T) {
	for name, test := range map[string]struct {
		play func(t *testing.T, monitor *scheduler) *manager
		why  string
	}{
		"too much": {func(t *testing.T, monitor *scheduler) *manager {
			m := monitor.accept()
			task := golden(t, "2.9.0", "published_task")
			for range loud + 1 {
				m.send(task)
			}
			return m
		}, errLoud.Error()},
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
			if line := r.await("does not listen"); !strings.Contains(line, test.why) {
				t.Errorf("said as %q", line)
			}
			m.awaitEnd()
			if r.listener.isHearing() {
				t.Error("heartbeats wait for news")
			}
		})
	}
}

func TestHeartbeatsForNews(t *testing.T) {
	begun := time.Now()
	var n news
	if n.note(begun, message.Publication{Managers: 11}) || n.note(begun, message.Publication{Changed: true}) {
		t.Error("two are too many")
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
			t.Errorf("%s: it waits for %s, want %s", c.what, got, c.wait)
		}
		if last := n.last.Sub(begun); last != c.last {
			t.Errorf("%s: the last is due after %s, want %s", c.what, last, c.last)
		}
	}
}

func TestLoudNews(t *testing.T) {
	begun := time.Now()
	change, report := message.Publication{Changed: true}, message.Publication{Managers: 1}
	var n news
	for i := range 10 * loud { // evenly, one less a second than are too many
		if now := begun.Add(time.Duration(i) * time.Second / loud); n.note(now, change) || n.note(now, report) {
			t.Fatalf("change %d is too many", i)
		}
	}
	later := begun.Add(time.Hour)
	for range loud {
		if n.note(later, change) {
			t.Fatal("too few are too many")
		}
	}
	if !n.note(later, change) {
		t.Error("they are not too many")
	}
}
