package session

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// watching is a Watch that runs in a goroutine.
type watching struct {
	*Watch
	*journal
	told   <-chan string
	ended  chan error
	cancel context.CancelFunc
}

func watch(t *testing.T, l Link) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &watching{journal: newJournal(t), ended: make(chan error, 1), cancel: cancel}
	l.Log = w.log
	w.told = comings(&l)
	w.Watch = NewWatch(l)
	go func() { w.ended <- w.Run(ctx); close(w.ended) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-w.ended:
		case <-time.After(testPatience):
			t.Error("the watch does not end")
		}
	})
	return w
}

func TestWatchSendsNothing(t *testing.T) {
	s := newScheduler(t)
	w := watch(t, options(s.address()).Link)
	m := s.accept()
	if string(m.identity) != "1|worker_manager_native|test" {
		t.Errorf("the identity is %q", m.identity)
	}
	m.send(golden(t, "2.9.0", "echo")) // whatever it says
	m.send([]byte("garbage!"))
	expect(t, w.told, "found")
	w.cancel()
	if logged, err := io.ReadAll(m.connection); err != nil || len(logged) > 0 {
		t.Errorf("the manager sent %q, %v", logged, err)
	}
	if err := <-w.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestWatchNoticesLossAndReturn(t *testing.T) {
	s := newScheduler(t)
	w := watch(t, options(s.address()).Link)
	m := s.accept()
	s.name = "another one"
	m.reset()
	w.await("lost the scheduler " + s.address().String())
	m = s.accept()
	w.await("scheduler " + s.address().String() + " is back")
	m.connection.Close()
	w.await("the scheduler " + s.address().String() + " closed the connection; trying again")
	expect(t, w.told, "found", "lost", "found another", "lost")
}

// A scheduler that hangs closes no connection, but Probe notices.
func TestProbe(t *testing.T) {
	s := newScheduler(t)
	l := options(s.address()).Link
	l.Transport.HelloTimeout = 100 * time.Millisecond
	w := watch(t, l)
	m := s.accept()
	expect(t, w.told, "found")

	there := make(chan bool, 1)
	ask := func() { there <- w.Probe(context.Background()) }
	w.awaitConnection()
	go ask()
	s.greet(s.acceptSilently())
	if !<-there {
		t.Error("Probe fails although the scheduler answers")
	}
	go ask()
	s.acceptSilently()
	if <-there {
		t.Error("Probe succeeds although the scheduler does not answer")
	}
	m.awaitEnd()
	expect(t, w.told, "lost")
	w.cancel()
	<-w.ended
	if w.Probe(context.Background()) {
		t.Error("Probe succeeds without a connection")
	}
}

// awaitConnection waits until Probe has a connection.
func (w *watching) awaitConnection() {
	w.t.Helper()
	for deadline := time.Now().Add(testPatience); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		connected := w.connection != nil
		w.mu.Unlock()
		if connected {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatal("no connection")
		}
	}
}

func TestWatchGivesUp(t *testing.T) {
	s := newScheduler(t)
	l := options(s.address()).Link
	l.ReconnectTimeout = 300 * time.Millisecond
	w := watch(t, l)
	m := s.accept()
	s.subscription.Close()
	m.connection.Close()
	select {
	case err := <-w.ended:
		if !errors.Is(err, ErrUnreachable) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(testPatience):
		t.Error("the watch has not ended")
	}
	expect(t, w.told, "found", "lost", "gone")
}

func TestMonitorPortEndsTheWatch(t *testing.T) {
	s := newScheduler(t)
	w := watch(t, options(s.address()).Link)
	s.accept().send(published(t))
	select {
	case err := <-w.ended:
		var wrong *transport.WrongServerError
		if !errors.As(err, &wrong) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(testPatience):
		t.Error("the watch has not ended")
	}
}
