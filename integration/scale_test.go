package integration

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// scaleStop bounds the end of a manager after SIGTERM, however many workers it has.
	scaleStop = 10 * time.Second
	// scaleStall is how long no worker may come while some are missing. A healthy start has some fifty in a second.
	scaleStall = 40 * time.Second
	// scaleForgotten is longer than a scheduler waits for a worker that died before its manager knew it (60 s, all releases).
	scaleForgotten = 80 * time.Second
)

// scales returns how many workers to try on which releases: by default what fits into make test, with SCALER_SCALE=all
// all of it, else the numbers that SCALER_SCALE lists, on SCALER_RELEASES if that is set.
func scales(t *testing.T) (counts []int, list []release) {
	t.Helper()
	text := os.Getenv("SCALER_SCALE")
	switch text {
	case "":
		return []int{700}, newest // 9 GB
	case "all":
		text = "700 1000"
	}
	for _, field := range strings.Fields(text) {
		count, err := strconv.Atoi(field)
		if err != nil || count < 2 {
			t.Fatalf("SCALER_SCALE: %q is no number of workers", field)
		}
		counts = append(counts, count)
	}
	return counts, releases(t, oldAndNew...)
}

// Hundreds of workers of one manager: all come, all serve, and all go; the same when the worker host dies halfway. One
// case at a time: a worker takes some 13 MB with its processor, so that 1000 take 13 GB.
func TestScale(t *testing.T) {
	counts, list := scales(t)
	for _, count := range counts {
		for _, r := range list {
			t.Run(fmt.Sprintf("%d workers, %s", count, r), func(t *testing.T) {
				s := startScale(t, r, count)
				s.awaitRegistered(t)
				s.serve(t)
				s.end(t)
			})
			t.Run(fmt.Sprintf("%d workers, host killed halfway, %s", count, r), func(t *testing.T) {
				s := startScale(t, r, count)
				s.awaitStarted(t, count/2)
				if err := syscall.Kill(hostOf(s.manager), syscall.SIGKILL); err != nil {
					t.Fatalf("cannot kill the worker host: %v", err)
				}
				s.awaitRegistered(t)
				s.end(t)
			})
		}
	}
}

// A scale is a cluster with one manager of very many workers.
type scale struct {
	cluster *cluster
	manager *manager
	count   int
}

func startScale(t *testing.T, r release, count int) *scale {
	t.Helper()
	c := newCluster(t, r, layout{})
	// A connection a worker; and one a processor at the object storage server, which 1.26 has in the scheduler's process group.
	for _, p := range []*process{c.scheduler, c.storage} {
		if p != nil {
			raiseDescriptors(t, p.pid())
			for _, child := range descendants(p.pid()) {
				raiseDescriptors(t, child)
			}
		}
	}
	start := fixed(strconv.Itoa(count), "--stop-timeout-seconds", "5")
	c.mark.ownSemaphores(t, r, "crowd", &start)
	return &scale{c, c.startManager(t, "crowd", start), count}
}

// raiseDescriptors lifts a process's limit of descriptors as far as it may go.
func raiseDescriptors(t *testing.T, pid int) {
	t.Helper()
	var limit unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &limit)
	if err == nil {
		limit.Cur = limit.Max
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &limit, nil)
	}
	if err != nil {
		t.Fatalf("cannot raise the descriptors of process %d: %v", pid, err)
	}
}

// awaitStarted waits until the host has so many workers.
func (s *scale) awaitStarted(t *testing.T, count int) {
	t.Helper()
	most, last := 0, time.Now()
	for {
		now := len(workersOf(s.manager))
		if now >= count {
			return
		}
		if now > most {
			most, last = now, time.Now()
		}
		if time.Since(last) > scaleStall {
			t.Fatalf("%d of %d workers have been started, and none in the last %v", most, count, scaleStall)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// awaitRegistered waits until manager and scheduler agree that all workers are there.
func (s *scale) awaitRegistered(t *testing.T) {
	t.Helper()
	begun := time.Now()
	all := regexp.MustCompile(fmt.Sprintf("all %d workers registered after", s.count))
	seen, last := 0, begun // how many the scheduler has ever had, and since when
	for {
		if line, ok := s.manager.output.wait(all, 0, 200*time.Millisecond); ok {
			t.Log(line)
			break
		}
		s.cluster.monitor.drain()
		if now := len(s.cluster.monitor.state.Ever); now > seen {
			seen, last = now, time.Now()
		}
		if !s.manager.running() {
			t.Fatalf("the manager has ended with %d of %d workers registered", len(s.cluster.monitor.state.Workers), s.count)
		}
		if time.Since(last) > scaleStall {
			s.giveUp(t, len(s.cluster.monitor.state.Workers))
		}
	}
	for deadline := time.Now().Add(scaleForgotten); ; time.Sleep(200 * time.Millisecond) {
		s.cluster.monitor.drain()
		now := len(s.cluster.monitor.state.Workers)
		if now == s.count {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("the scheduler reports %d workers, want %d", now, s.count)
			break
		}
	}
	for _, p := range []*process{s.cluster.scheduler, s.cluster.storage} {
		if p == nil {
			continue
		}
		for _, pid := range append(descendants(p.pid()), p.pid()) {
			t.Logf("%s: %d descriptors and %d MB in process %d", p.name, descriptors(pid), resident(pid)>>20, pid)
		}
	}
}

// giveUp also tells how the manager would have ended.
func (s *scale) giveUp(t *testing.T, registered int) {
	t.Helper()
	t.Errorf("%d of %d workers are registered, and none has come for %v", registered, s.count, scaleStall)
	s.end(t)
	t.FailNow()
}

// serve has every worker execute a task.
func (s *scale) serve(t *testing.T) {
	t.Helper()
	begun := time.Now()
	l := s.cluster.startLoad(t, "crowd", 2*s.count, 2, 2*clientTimeout)
	served, last := map[int]bool{}, begun
	for len(served) < s.count {
		before := len(served)
		for _, e := range l.executions(t) {
			served[e.pid] = true
		}
		if len(served) > before {
			last = time.Now()
		}
		if time.Since(last) > scaleStall {
			t.Errorf("%d of %d workers have had a task, and no other one for %v", len(served), s.count, scaleStall)
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Logf("%d workers have had a task after %.1f s", len(served), time.Since(begun).Seconds())
	if h, ok := l.finish(t); !ok || h.lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
}

// end stops the manager in time, with nothing left.
func (s *scale) end(t *testing.T) {
	t.Helper()
	s.manager.endWithin(t, scaleStop)
}

// endWithin stops a manager with SIGTERM, and waits longer than it may take, to tell late from never.
func (m *manager) endWithin(t *testing.T, limit time.Duration) {
	t.Helper()
	held := semaphores(m.mark.processes(m.name))
	begun := time.Now()
	m.signal(syscall.SIGTERM)
	status, ok := m.wait(limit + stopTimeout)
	took := time.Since(begun)
	switch {
	case !ok:
		t.Errorf("%s has not ended %v after SIGTERM", m.name, took.Round(time.Second))
		m.kill()
	case status != 0:
		t.Errorf("%s ended with status %d after SIGTERM, want 0", m.name, status)
	case took > limit:
		t.Errorf("%s ended %.1f s after SIGTERM, want %v at most", m.name, took.Seconds(), limit)
	default:
		t.Logf("%s ended %.1f s after SIGTERM", m.name, took.Seconds())
	}
	if os.Getuid() == 0 {
		held = nil // of no use in another /dev/shm
	}
	checkNothingLeft(t, m.mark, m.name, held)
	checkNoSemaphores(t, m.mark, m.name)
}
