package faults

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"golang.org/x/sys/unix"
)

const (
	// scaleStop bounds the end of a manager after SIGTERM, however many workers it has.
	scaleStop = 10 * time.Second
	// scaleStall is how long no worker may come while some are missing. A healthy start has some fifty in a second.
	scaleStall = 40 * time.Second
	// scaleForgotten is longer than a scheduler waits for a worker that died before its manager knew it (60 s, all
	// releases).
	scaleForgotten = 80 * time.Second
)

// scales returns how many workers to try on which releases: by default what fits into make test, with SCALER_SCALE=all
// all of it, else the numbers that SCALER_SCALE lists, on SCALER_RELEASES if that is set.
func scales(t *testing.T) (counts []int, list []cluster.Release) {
	t.Helper()
	text := os.Getenv("SCALER_SCALE")
	switch text {
	case "":
		return []int{700}, cluster.Newest // 9 GB
	case "all":
		text = "700 1000"
	}
	for _, field := range strings.Fields(text) {
		count, err := strconv.Atoi(field)
		if err != nil || count < 2 {
			t.Fatalf("SCALER_SCALE: %q is not a number of workers", field)
		}
		counts = append(counts, count)
	}
	return counts, cluster.Releases(t, cluster.OldAndNew...)
}

// Hundreds of workers of one manager all start, serve and end, even if the worker host dies halfway. One case at a
// time: a worker takes some 13 MB with its processor, so 1000 take 13 GB.
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
				if err := syscall.Kill(cluster.HostOf(s.manager), syscall.SIGKILL); err != nil {
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
	cluster *cluster.Cluster
	manager *cluster.Manager
	count   int
}

func startScale(t *testing.T, r cluster.Release, count int) *scale {
	t.Helper()
	c := cluster.New(t, r, cluster.Layout{})
	// A connection a worker; and one a processor at the object storage server, which 1.26 has in the scheduler's process
	// group.
	for _, p := range []*cluster.Process{c.Scheduler, c.Storage} {
		if p != nil {
			raiseDescriptors(t, p.PID())
			for _, child := range cluster.Descendants(p.PID()) {
				raiseDescriptors(t, child)
			}
		}
	}
	start := cluster.Fixed(strconv.Itoa(count), "--stop-timeout-seconds", "5")
	c.Mark.OwnSemaphores(t, r, "crowd", &start)
	return &scale{c, c.StartManager(t, "crowd", start), count}
}

// raiseDescriptors raises the descriptor limit of a process to its maximum.
func raiseDescriptors(t *testing.T, pid int) {
	t.Helper()
	var limit unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &limit)
	if err == nil {
		limit.Cur = limit.Max
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &limit, nil)
	}
	if err != nil {
		t.Fatalf("cannot raise the descriptor limit of process %d: %v", pid, err)
	}
}

// awaitStarted waits until the host has that many workers.
func (s *scale) awaitStarted(t *testing.T, count int) {
	t.Helper()
	most, last := 0, time.Now()
	for {
		now := len(cluster.WorkersOf(s.manager))
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
		if line, ok := s.manager.Output.Wait(all, 0, 200*time.Millisecond); ok {
			t.Log(line)
			break
		}
		s.cluster.Monitor.Drain()
		if now := len(s.cluster.Monitor.State.Ever); now > seen {
			seen, last = now, time.Now()
		}
		if !s.manager.Running() {
			t.Fatalf("the manager has ended with %d of %d workers registered", len(s.cluster.Monitor.State.Workers), s.count)
		}
		if time.Since(last) > scaleStall {
			s.giveUp(t, len(s.cluster.Monitor.State.Workers))
		}
	}
	for deadline := time.Now().Add(scaleForgotten); ; time.Sleep(200 * time.Millisecond) {
		s.cluster.Monitor.Drain()
		now := len(s.cluster.Monitor.State.Workers)
		if now == s.count {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("the scheduler reports %d workers, want %d", now, s.count)
			break
		}
	}
	for _, p := range []*cluster.Process{s.cluster.Scheduler, s.cluster.Storage} {
		if p == nil {
			continue
		}
		for _, pid := range append(cluster.Descendants(p.PID()), p.PID()) {
			t.Logf("%s: %d descriptors and %d MB in process %d", p.Name, cluster.Descriptors(pid), cluster.Resident(pid)>>20,
				pid)
		}
	}
}

// giveUp fails the test and logs how the manager ends.
func (s *scale) giveUp(t *testing.T, registered int) {
	t.Helper()
	t.Errorf("%d of %d workers are registered, and no other one in the last %v", registered, s.count, scaleStall)
	s.end(t)
	t.FailNow()
}

// serve runs a task on every worker.
func (s *scale) serve(t *testing.T) {
	t.Helper()
	begun := time.Now()
	l := s.cluster.StartLoad(t, "crowd", 2*s.count, 2, 2*cluster.ClientTimeout)
	served, last := map[int]bool{}, begun
	for len(served) < s.count {
		before := len(served)
		for _, e := range l.Executions(t) {
			served[e.Pid] = true
		}
		if len(served) > before {
			last = time.Now()
		}
		if time.Since(last) > scaleStall {
			t.Errorf("%d of %d workers have had a task, and no other one in the last %v", len(served), s.count, scaleStall)
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Logf("%d workers have had a task after %.1f s", len(served), time.Since(begun).Seconds())
	if h, ok := l.Finish(t); !ok || h.Lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
}

// end stops the manager, which must end in time and leave nothing.
func (s *scale) end(t *testing.T) {
	t.Helper()
	s.manager.EndWithin(t, scaleStop)
}
