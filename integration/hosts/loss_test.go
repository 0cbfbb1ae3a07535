package hosts

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

func releases() []cluster.Release {
	if allHosts() {
		return cluster.EachGeneration
	}
	return cluster.Newest
}

// eachPlan plays a scene on three hosts with three workers each: in fixed mode, and with SCALER_HOSTS=all in dynamic
// mode too.
func eachPlan(t *testing.T, play func(t *testing.T, p plan)) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		p := plan{release: r, hosts: 3, workers: 3}
		t.Run("fixed", func(t *testing.T) { play(t, p) })
		if allHosts() {
			p.dynamic = true
			t.Run("dynamic", func(t *testing.T) { play(t, p) })
		}
	}, releases()...)
}

// A host vanishes. Its tasks run elsewhere as soon as the scheduler has given its workers up, and no other one runs
// again.
func TestHostVanishes(t *testing.T) {
	t.Parallel()
	eachPlan(t, func(t *testing.T, p plan) {
		s := newSite(t, p)
		s.work()
		at := s.vanish(0)
		s.awaitWorking("after a host has vanished", s.total()-p.workers, at.Add(workerPatience), 20*time.Second)
		if v := s.judge(s.managers[0], at); v.again == 0 {
			t.Error("the host that vanished had no tasks")
		}
		s.end()
	})
}

// A network that is cut for less than the scheduler's patience costs time and nothing else.
func TestPartitionThatHealsSoon(t *testing.T) {
	t.Parallel()
	eachPlan(t, func(t *testing.T, p plan) {
		p.patience = 60 * time.Second
		s := newSite(t, p)
		s.work()
		at := s.cut(0, 6*time.Second)
		s.awaitAll("after the network was healed", time.Now(), 20*time.Second)
		if v := s.judge(nil, at); v.again > 0 || v.unfinished > 0 {
			t.Errorf("tasks ran again or did not end: %+v", v)
		}
		s.end()
	})
}

// A network is cut for so long that the scheduler gives the workers up. They come back by themselves.
func TestPartitionThatHealsLate(t *testing.T) {
	t.Parallel()
	if !allHosts() {
		t.Skip("needs SCALER_HOSTS=all: takes 40 s")
	}
	eachPlan(t, func(t *testing.T, p plan) {
		s := newSite(t, p)
		s.work()
		at := s.cut(0, workerPatience+10*time.Second)
		s.awaitAll("after the network was healed", time.Now(), 40*time.Second)
		s.judge(s.managers[0], at)
		s.end()
	})
}

// A host gets another address: nothing tells the ends of its connections. Its workers are replaced, and their tasks run
// again long before the scheduler gives the former ones up.
func TestHostMoves(t *testing.T) {
	t.Parallel()
	eachPlan(t, func(t *testing.T, p plan) {
		p.patience = 90 * time.Second
		s := newSite(t, p)
		s.work()
		at := time.Now()
		s.hosts[0].Move(t, "10.77.2.1")
		s.awaitAll("after a host got another address", at.Add(time.Second), 60*time.Second)
		s.judge(s.managers[0], at)
		s.end()
	})
}
