package manager

import (
	"context"
	"maps"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

func TestStoppages(t *testing.T) {
	const second = time.Second
	members := []pool.Member{{Pid: 1}, {Pid: 2}, {Pid: 3}}
	looks := []struct {
		stopped []int
		want    map[int]time.Duration
	}{
		{nil, map[int]time.Duration{}},
		{[]int{1, 2}, map[int]time.Duration{1: 0, 2: 0}},
		{[]int{1, 3}, map[int]time.Duration{1: second, 3: 0}},
		{[]int{1, 2, 3}, map[int]time.Duration{1: 2 * second, 2: 0, 3: second}},
		{nil, map[int]time.Duration{}},
		{[]int{1}, map[int]time.Duration{1: 0}},
	}
	var got map[int]time.Duration
	for i, look := range looks {
		got = stoppages(got, members, second, func(pid int) bool {
			for _, stopped := range look.stopped {
				if pid == stopped {
					return true
				}
			}
			return false
		})
		if !maps.Equal(got, look.want) {
			t.Errorf("look %d: %v, want %v", i, got, look.want)
		}
	}
}

// sleeper launches a process for a worker.
type sleeper struct{ pids chan int }

func (s sleeper) Send(message protocol.Message) error {
	if _, ok := message.(protocol.Start); ok {
		pid, err := process.Start([]string{"/bin/sleep", "1000"}, nil, nil)
		if err != nil {
			return err
		}
		s.pids <- pid
	}
	return nil
}

// started has a pool with a running worker.
func started(t *testing.T, m *Manager) (p *pool.Pool, pid int) {
	t.Helper()
	s := sleeper{make(chan int, 8)}
	p = pool.New(pool.Options{Launcher: s, Signaller: signaller{}, Maximum: 1, StopSignal: syscall.SIGTERM, Log: m.log})
	m.pool.Store(p) // which is told of the ends of children
	go p.Run()
	p.SetDesired(1)
	pid = <-s.pids
	p.Handle(protocol.Started{Worker: 1, Pid: pid, Identity: "NAT|1"})
	t.Cleanup(func() {
		p.Kill()
		select {
		case <-p.Done():
		case <-time.After(testPatience):
			t.Error("the worker does not end")
		}
	})
	return p, pid
}

func TestStoppedWorkerIsKilled(t *testing.T) {
	m := newManager(t, &config.Config{UnresponsiveTimeoutSeconds: 0.3})
	p, pid := started(t, m)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { m.rouse(ctx, p); close(ended) }()
	defer func() { cancel(); <-ended }()
	begun := time.Now()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for deadline := begun.Add(testPatience); p.Snapshot().Ended == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the stopped worker lives on")
		}
	}
	if took := time.Since(begun); took < 300*time.Millisecond {
		t.Errorf("it was killed after %s", took)
	}
}

func TestStoppedWorkersMayBeLeftAlone(t *testing.T) {
	for name, c := range map[string]config.Config{"no timeout": {}, "no restart": {UnresponsiveTimeoutSeconds: 0.1, Restart: "never"}} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t, &c)
			p, _ := started(t, m)
			m.rouse(context.Background(), p) // returns
		})
	}
}
